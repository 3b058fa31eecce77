-- busy: the shards, of those asked for, where something is due; in quiet hours ($3) only systems are called
SELECT shard FROM unnest($1::int[]) AS asked (shard)
WHERE (NOT $3::boolean AND EXISTS (SELECT FROM owed AS o WHERE o.shard = asked.shard AND o.not_before <= $2))
   OR EXISTS (SELECT FROM deliveries AS d WHERE d.shard = asked.shard AND d.state = 'delayed' AND d.retry_at <= $2
                                            AND (NOT $3 OR d.channel = 'webhook'))

-- owed: notices of a shard that were never tried, longest due first, with what their recipients chose
SELECT o.notice, p.registered_language, p.language AS chosen_language, p.channels, p.opted_out, p.erased, p.ended
FROM owed AS o LEFT JOIN people AS p ON p.person = o.recipient
WHERE o.shard = $1 AND o.not_before <= $2 AND o.notice <> ALL($3::uuid[])
ORDER BY o.not_before, o.notice LIMIT $4

-- delayed: targets of a shard that are to be tried again
SELECT d.notice, p.registered_language, p.language AS chosen_language, p.channels, p.opted_out, p.erased, p.ended,
       d.channel, d.webhook, d.attempt
FROM deliveries AS d
JOIN notices AS n USING (notice)
LEFT JOIN people AS p ON p.person = n.recipient
WHERE d.shard = $1 AND d.state = 'delayed' AND d.retry_at <= $2 AND d.notice <> ALL($3::uuid[])
  AND (NOT $5::boolean OR d.channel = 'webhook')
ORDER BY d.retry_at, d.notice LIMIT $4

-- webhooks_gone: those of some webhooks that are called no more
SELECT webhook FROM webhooks_gone WHERE webhook = ANY($1::text[])
