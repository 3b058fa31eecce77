-- chain: the hash of a source's log at a number
SELECT chain FROM {schema}.facts WHERE shard = $1 AND seq = $2

-- inbox_differs: a fact that the inbox lacks, or has otherwise, or has beyond its cursor
SELECT coalesce(f.seq, i.seq) AS seq
FROM (SELECT * FROM {schema}.facts WHERE shard = $1 AND seq <= $3) f
FULL JOIN (SELECT * FROM gateway.inbox WHERE shard = $1 AND source = $2) i USING (seq)
WHERE (f.seq IS NULL OR i.seq IS NULL OR f.chain <> i.chain OR f.body <> i.body OR f.stream <> i.stream
       OR f.kind <> i.kind OR f.version <> i.version OR f.at <> i.at OR f.cause <> i.cause)
  AND NOT EXISTS (SELECT FROM gateway.dead_letters d
                  WHERE d.shard = $1 AND d.source = $2 AND d.seq = f.seq AND d.state IN ('dead', 'waiting'))
ORDER BY 1 LIMIT 1
