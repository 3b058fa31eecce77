-- shards: the shards that have a head, or facts without one
SELECT shard FROM {schema}.head UNION SELECT DISTINCT shard FROM {schema}.facts ORDER BY shard

-- head: the head row of a shard
SELECT seq, chain FROM {schema}.head WHERE shard = $1

-- facts: facts of a shard in order
SELECT shard, seq, stream, kind, version, at, body, actor, cause, trace, chain
FROM {schema}.facts WHERE shard = $1 AND seq > $2 ORDER BY seq LIMIT $3

-- some: facts of a shard by their numbers
SELECT shard, seq, stream, kind, version, at, body, actor, cause, trace, chain
FROM {schema}.facts WHERE shard = $1 AND seq = any($2::bigint[])

-- snapshot: the snapshot of a shard
SELECT seq, format, data FROM {schema}.snapshots WHERE shard = $1

-- cursors: a reader's cursors in its sources
SELECT shard, source, seq, chain FROM {schema}.cursors ORDER BY shard, source

-- inbox: a reader's inbox of a source, in order
SELECT shard, seq, stream, kind, version, at, body, actor, cause, trace, chain
FROM {schema}.inbox WHERE shard = $1 AND seq > $2 AND source = $4 ORDER BY seq LIMIT $3

-- unapplied: dead letters: inputs that a reader has passed without applying them
SELECT source, seq FROM {schema}.dead_letters WHERE shard = $1 AND state IN ('dead', 'waiting')

-- dead_letters: those that wait, and the foreign records
SELECT state, count(*) AS number, min(source || '/' || shard || '/' || seq || ': ' || code) AS example
FROM {schema}.dead_letters WHERE state <> 'redriven' GROUP BY state ORDER BY state
