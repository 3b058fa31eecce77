-- tables: what each table of the services takes up with its indexes and long values
SELECT n.nspname AS service, c.relname AS name, pg_total_relation_size(c.oid) AS bytes, pg_indexes_size(c.oid) AS index_bytes
FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = ANY($1::text[])
ORDER BY bytes DESC, service, name;

-- billed: the worker-months that the ledger's log has billed
SELECT coalesce(sum((convert_from(body, 'UTF8')::jsonb ->> 'worker_months')::bigint), 0)::bigint
FROM ledger.facts WHERE kind = 'cycle.billed';

-- recorded: the worker-months that the ledger's tables know
SELECT count(*) FROM ledger.iuran;
