-- take_over: become the one writer of a shard
-- Bumping the epoch is what fences the former owner: its next `advance` names an epoch that is no more.
-- The owner before names its own epoch, $4, and gets no row when another has taken over meanwhile; not so when it was
-- itself, by a take-over whose answer was lost.
INSERT INTO head AS h (shard, epoch, seq, chain, owner)
VALUES ($1, 1, 0, $3, $2)
ON CONFLICT (shard) DO UPDATE SET epoch = h.epoch + 1, owner = excluded.owner
WHERE $4::bigint IS NULL OR h.epoch = $4 OR h.owner = excluded.owner
RETURNING epoch, seq, chain;

-- limit_locks: let each statement of this transaction wait for a row for so many milliseconds at most
SELECT set_config('lock_timeout', $1, true);

-- end_writer: end the session that holds a shard's head, and wait until it is gone
-- It has locked the row by its transaction, whose number the row carries until it ends.
SELECT pg_terminate_backend(locks.pid, 2000)
FROM head JOIN pg_locks AS locks ON locks.transactionid = head.xmax
WHERE head.shard = $1 AND locks.locktype = 'transactionid' AND locks.mode = 'ExclusiveLock' AND locks.granted;

-- head: where a shard's log ends
SELECT epoch, seq, chain FROM head WHERE shard = $1;

-- advance: move the head on with its facts and cursors, if the epoch and the number are still those that the writer knows
WITH moved AS (
    UPDATE head SET seq = $4, chain = $5
    WHERE shard = $1 AND epoch = $2 AND seq = $3
    RETURNING shard
), added AS (
    INSERT INTO facts (shard, seq, stream, kind, version, at, body, actor, cause, trace, chain)
    SELECT moved.shard, new.*
    FROM moved, unnest($6::bigint[], $7::text[], $8::text[], $9::smallint[], $10::timestamptz[], $11::bytea[],
                       $12::text[], $13::text[], $14::text[], $15::bytea[]) AS new
), placed AS (
    INSERT INTO cursors (shard, source, seq, chain, topic_offset)
    SELECT moved.shard, reached.*
    FROM moved, unnest($16::text[], $17::bigint[], $18::bytea[], $19::bigint[]) AS reached
    ON CONFLICT (shard, source) DO UPDATE
    SET seq = excluded.seq, chain = excluded.chain, topic_offset = excluded.topic_offset
)
SELECT shard FROM moved;

-- keep: copy facts of other logs into the inbox
INSERT INTO inbox (shard, source, seq, stream, kind, version, at, body, actor, cause, trace, chain)
SELECT * FROM unnest($1::integer[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::smallint[], $7::timestamptz[],
                     $8::bytea[], $9::text[], $10::text[], $11::text[], $12::bytea[]);

-- read: facts of a shard in order
SELECT shard, seq, stream, kind, version, at, body, actor, cause, trace, chain
FROM facts WHERE shard = $1 AND seq > $2 ORDER BY seq LIMIT $3;

-- cursors: where a shard is in each of its sources
SELECT source, seq, chain, topic_offset FROM cursors WHERE shard = $1;

-- snapshot: the newest state of a shard as bytes
SELECT seq, format, data FROM snapshots WHERE shard = $1;

-- save_snapshot: keep one snapshot per shard, written by its owner only
INSERT INTO snapshots AS s (shard, seq, format, data, at)
SELECT $1, $3, $4, $5, $6 FROM head WHERE shard = $1 AND epoch = $2
ON CONFLICT (shard) DO UPDATE
SET seq = excluded.seq, format = excluded.format, data = excluded.data, at = excluded.at
WHERE s.seq <= excluded.seq OR s.format <> excluded.format;

-- chains: the chain at some numbers of a shard
SELECT seq, chain FROM facts WHERE shard = $1 AND seq = ANY($2::bigint[]);

-- dead_letters: the dead letters of a shard whose streams wait, in the order in which they must be decided
SELECT source, shard, seq, stream, kind, version, at, body, actor, cause, trace, chain, code, detail, state, topic_offset
FROM dead_letters WHERE shard = $1 AND state IN ('dead', 'waiting')
ORDER BY at, source, seq;

-- store_dead: store an input that cannot be processed
INSERT INTO dead_letters
    (shard, source, seq, stream, kind, version, at, body, actor, cause, trace, chain, code, detail, state, topic_offset)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (shard, source, seq, topic_offset) DO UPDATE
SET code = excluded.code, detail = excluded.detail, state = excluded.state;

-- mark_redriven: a dead letter has been decided after all
UPDATE dead_letters SET state = 'redriven' WHERE shard = $1 AND source = $2 AND seq = $3 AND state IN ('dead', 'waiting');
