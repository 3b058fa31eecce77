-- copy_table: the worker-month rows of the ledger and nothing else
DROP TABLE IF EXISTS bench_iuran;
CREATE TABLE bench_iuran (LIKE ledger.iuran INCLUDING ALL);

-- copy_count: the end state of the copy
SELECT count(*) FROM bench_iuran;

-- peer_tables: accounts and a journal inside the database, and a function per transfer
DROP TABLE IF EXISTS peer_entries;
DROP TABLE IF EXISTS peer_accounts CASCADE;
CREATE TABLE peer_accounts (id integer PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE peer_entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source integer NOT NULL,
                           target integer NOT NULL, idr bigint NOT NULL, at timestamptz NOT NULL DEFAULT now());
INSERT INTO peer_accounts SELECT n, 0 FROM generate_series(0, 999) AS n;
CREATE OR REPLACE FUNCTION peer_transfer(source integer, target integer, sum bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    entry bigint;
BEGIN
    PERFORM FROM peer_accounts WHERE id IN (source, target) ORDER BY id FOR UPDATE;
    UPDATE peer_accounts SET balance = balance - sum WHERE id = source;
    UPDATE peer_accounts SET balance = balance + sum WHERE id = target;
    INSERT INTO peer_entries (source, target, idr) VALUES (source, target, sum) RETURNING id INTO entry;
    RETURN entry;
END
$$;

-- peer_call: one transfer, one transaction
SELECT peer_transfer($1, $2, $3);

-- peer_batch: many transfers, one transaction
WITH given AS (
    SELECT * FROM unnest($1::integer[], $2::integer[], $3::bigint[]) AS g (source, target, idr)
), journal AS (
    INSERT INTO peer_entries (source, target, idr) SELECT source, target, idr FROM given
), moves AS (
    SELECT id, sum(idr) AS idr FROM (
        SELECT source AS id, -idr AS idr FROM given UNION ALL SELECT target, idr FROM given
    ) AS legs GROUP BY id
)
UPDATE peer_accounts AS a SET balance = a.balance + m.idr FROM moves AS m WHERE a.id = m.id;

-- peer_sum: what all balances add up to
SELECT sum(balance) FROM peer_accounts;

-- peer_count: how many transfers were made
SELECT count(*) FROM peer_entries;

-- confirmed: worker-months of a month that are confirmed
SELECT count(*) FROM outcomes WHERE month = $1 AND reason IS NULL;

-- balance: what all accounts add up to
SELECT sum(idr) FROM balances;

-- journal: what all postings add up to
SELECT sum(idr) FROM postings;
