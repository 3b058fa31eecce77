-- insert_notices: what is owed, unless a notice of the same key is on record already
-- The conflict is the law "told once"; it does not happen while keys are made of unique facts, and is silent if it does.
INSERT INTO notices (notice, key, shard, recipient, template, language, params, requested_at, not_before)
SELECT notice, key, shard, recipient, template, language, params::jsonb, requested_at, not_before
FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[],
            $9::timestamptz[]) AS new (notice, key, shard, recipient, template, language, params, requested_at, not_before)
ON CONFLICT DO NOTHING

-- upsert_deliveries: the newest outcome per target
INSERT INTO deliveries (notice, channel, webhook, shard, state, attempt, at, code, retry_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::int[], $7::timestamptz[],
                     $8::text[], $9::timestamptz[])
ON CONFLICT (notice, channel, webhook) DO UPDATE
SET state = excluded.state, attempt = excluded.attempt, at = excluded.at, code = excluded.code,
    retry_at = excluded.retry_at

-- suppress: nothing more goes out for these notices; what went out stays
UPDATE notices SET code = new.code
FROM unnest($1::text[], $2::text[]) AS new (notice, code)
WHERE notices.notice = new.notice

-- suppress_deliveries: tries that were still to come do not come any more
UPDATE deliveries SET state = 'suppressed', retry_at = NULL WHERE notice = ANY($1::text[]) AND state = 'delayed'

-- settle: a notice stands as badly as the worst of its targets; without any target it was suppressed
UPDATE notices SET state = stands.state
FROM (
    SELECT touched.notice,
           CASE WHEN bool_or(d.state = 'delayed') THEN 'delayed'
                WHEN bool_or(d.state = 'failed') THEN 'failed'
                WHEN bool_or(d.state = 'sent') THEN 'sent'
                ELSE 'suppressed' END AS state
    FROM unnest($1::text[]) AS touched (notice)
    LEFT JOIN deliveries AS d ON d.notice = touched.notice
    GROUP BY touched.notice
) AS stands
WHERE notices.notice = stands.notice

-- lose_webhooks: webhooks that said that they are gone
INSERT INTO webhooks_gone (webhook, gone_at) SELECT * FROM unnest($1::text[], $2::timestamptz[])
ON CONFLICT DO NOTHING

-- register: the language with which a donor joined
INSERT INTO people (person, registered_language) VALUES ($1, $2)
ON CONFLICT (person) DO UPDATE SET registered_language = excluded.registered_language

-- prefer: a person's choice, whole
INSERT INTO people (person, language, channels, opted_out) VALUES ($1, $2, $3, $4)
ON CONFLICT (person) DO UPDATE
SET language = excluded.language, channels = excluded.channels, opted_out = excluded.opted_out

-- end: why a worker left the list, which is told once
INSERT INTO people (person, ended) VALUES ($1, $2) ON CONFLICT (person) DO UPDATE SET ended = excluded.ended

-- erase: forget what an erased person chose
INSERT INTO people (person, erased) VALUES ($1, true)
ON CONFLICT (person) DO UPDATE SET erased = true, registered_language = NULL, language = NULL, channels = NULL
