-- stored: the answers to these requests
SELECT i.key_id, i.key, i.body_hash, i.status, i.shard, i.body
FROM idempotency i
JOIN unnest($1::text[], $2::text[]) AS asked (key_id, key) ON i.key_id = asked.key_id AND i.key = asked.key

-- store: store answers, in the transaction of the commands that led to them
-- Waits for a rival with the same key, and then leaves that key out: fewer rows come back than were sent.
INSERT INTO idempotency (key_id, key, body_hash, status, shard, body, created_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::integer[], $5::integer[], $6::bytea[], $7::timestamptz[])
    AS new (key_id, key, body_hash, status, shard, body, created_at)
ORDER BY key_id, key
ON CONFLICT (key_id, key) DO NOTHING
RETURNING key

-- sweep: forget answers that nobody may ask for any more
DELETE FROM idempotency WHERE created_at < $1
