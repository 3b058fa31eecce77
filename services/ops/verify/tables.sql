-- see: unqualified names resolve to the shadows first, then the service's own
SET LOCAL search_path = pg_temp, {schema}

-- shadow: an empty table like a service's; it ends with the transaction
CREATE TEMPORARY TABLE {table} (LIKE {schema}.{table} INCLUDING ALL) ON COMMIT DROP

-- analyze: collect statistics for the planner
ANALYZE pg_temp.{table}

-- differences: a row that only one of both has
(SELECT 'only in the table' AS side, to_jsonb(a)::text AS row
 FROM (SELECT * FROM {schema}.{table} EXCEPT ALL SELECT * FROM pg_temp.{table}) a LIMIT 1)
UNION ALL
(SELECT 'only in the rebuild' AS side, to_jsonb(b)::text AS row
 FROM (SELECT * FROM pg_temp.{table} EXCEPT ALL SELECT * FROM {schema}.{table}) b LIMIT 1)

-- count: how many rows a shadow has
SELECT count(*) FROM pg_temp.{table}

-- hold: keep every writer of the service waiting until this transaction ends
SELECT shard FROM {schema}.head ORDER BY shard FOR UPDATE

-- empty: delete the former rows; readers see them until the commit
DELETE FROM {schema}.{table}

-- fill: insert the rebuilt rows
INSERT INTO {schema}.{table} SELECT * FROM pg_temp.{table}
