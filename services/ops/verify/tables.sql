-- see: unqualified names mean the shadows first, then the service's own
SET LOCAL search_path = pg_temp, {schema}

-- shadow: an empty table like a service's; it goes with the transaction
CREATE TEMPORARY TABLE {table} (LIKE {schema}.{table} INCLUDING ALL) ON COMMIT DROP

-- drop: make room for another service's table of that name
DROP TABLE pg_temp.{table}

-- analyze: let the planner know what the shadow holds
ANALYZE pg_temp.{table}

-- differences: a row that one of both has and the other has not
(SELECT 'only in the table' AS side, to_jsonb(a)::text AS row
 FROM (SELECT * FROM {schema}.{table} EXCEPT ALL SELECT * FROM pg_temp.{table}) a LIMIT 1)
UNION ALL
(SELECT 'only in the rebuild' AS side, to_jsonb(b)::text AS row
 FROM (SELECT * FROM pg_temp.{table} EXCEPT ALL SELECT * FROM {schema}.{table}) b LIMIT 1)

-- count: how many rows a shadow has
SELECT count(*) FROM pg_temp.{table}

-- hold: keep every writer of the service waiting until this transaction ends
SELECT shard FROM {schema}.head ORDER BY shard FOR UPDATE

-- empty: the former rows go; who reads meanwhile still sees them
DELETE FROM {schema}.{table}

-- fill: the rebuilt rows come
INSERT INTO {schema}.{table} SELECT * FROM pg_temp.{table}
