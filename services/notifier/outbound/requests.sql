-- bodies: some facts of the own log
SELECT f.shard, f.seq, f.kind, f.version, f.at, f.body
FROM unnest($1::int[], $2::bigint[]) AS wanted (shard, seq) JOIN facts AS f USING (shard, seq)
