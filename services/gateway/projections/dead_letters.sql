-- record: an input that a service stored as a dead letter; the newest record counts
INSERT INTO all_dead_letters (service, shard, source, source_seq, about, code, detail, at, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'dead')
ON CONFLICT (service, shard, source, source_seq, about) DO UPDATE
SET code = excluded.code, detail = excluded.detail, at = excluded.at, state = 'dead'

-- redrive: decided after all
UPDATE all_dead_letters SET state = 'redriven'
WHERE service = $1 AND shard = $2 AND source = $3 AND source_seq = $4 AND about = $5
