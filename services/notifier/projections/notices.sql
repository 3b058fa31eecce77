-- request: what is owed, unless a notice of the same key is on record already
-- The conflict is the law that each notice is sent once; it does not happen while keys are made of unique facts, and is
-- silent if it does.
INSERT INTO owed (notice, recipient, key, not_before, shard)
SELECT new.* FROM unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::timestamptz[], $5::smallint[])
                  AS new (notice, recipient, key, not_before, shard)
WHERE NOT EXISTS (SELECT FROM notices AS n WHERE n.recipient = new.recipient AND n.key = new.key)
ON CONFLICT DO NOTHING

-- requested_at: when some facts of a shard were recorded, which is a part of their notices' ids
SELECT seq, at FROM facts WHERE shard = $1 AND seq = ANY($2::bigint[])

-- deliver: the newest outcome per target
INSERT INTO deliveries (notice, channel, webhook, state, attempt, shard, at, retry_at, code)
SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::smallint[], $6::smallint[],
                     $7::timestamptz[], $8::timestamptz[], $9::text[])
ON CONFLICT (notice, channel, webhook) DO UPDATE
SET state = excluded.state, attempt = excluded.attempt, at = excluded.at, retry_at = excluded.retry_at,
    code = excluded.code

-- deliver_mailbox: what reached the mailbox at a later attempt waits for none any more
DELETE FROM deliveries WHERE notice = ANY($1::uuid[]) AND channel = 'mailbox'

-- suppress_deliveries: tries that were still to come do not come any more
UPDATE deliveries SET state = 'suppressed', retry_at = NULL WHERE notice = ANY($1::uuid[]) AND state = 'delayed'

-- settle: notices that were tried leave the queue; each stands as badly as the worst of its targets, and without any
-- target it was suppressed
WITH tried AS (
    SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[]) AS t (notice, mailbox_at, code)
),
stands AS (
    SELECT t.notice, coalesce(t.mailbox_at, n.mailbox_at) AS mailbox_at, coalesce(t.code, n.code) AS code,
           CASE WHEN bool_or(d.state = 'delayed') THEN 'delayed'
                WHEN bool_or(d.state = 'failed') THEN 'failed'
                WHEN bool_or(d.state = 'sent') OR coalesce(t.mailbox_at, n.mailbox_at) IS NOT NULL THEN 'sent'
                ELSE 'suppressed' END AS state
    FROM tried AS t LEFT JOIN notices AS n USING (notice) LEFT JOIN deliveries AS d ON d.notice = t.notice
    GROUP BY t.notice, t.mailbox_at, t.code, n.mailbox_at, n.code
),
again AS (
    UPDATE notices AS n SET mailbox_at = s.mailbox_at, code = s.code, state = s.state
    FROM stands AS s
    WHERE n.notice = s.notice
),
first AS (
    DELETE FROM owed AS o USING stands AS s WHERE o.notice = s.notice
    RETURNING o.notice, o.recipient, o.key, s.mailbox_at, s.state, s.code
)
INSERT INTO notices (notice, recipient, key, mailbox_at, state, code) SELECT * FROM first
ON CONFLICT DO NOTHING

-- lose_webhooks: webhooks that answered that they are gone
INSERT INTO webhooks_gone (webhook, gone_at) SELECT * FROM unnest($1::text[], $2::timestamptz[])
ON CONFLICT DO NOTHING

-- register: the language with which a donor joined
INSERT INTO people (person, registered_language) VALUES ($1, $2)
ON CONFLICT (person) DO UPDATE SET registered_language = excluded.registered_language

-- prefer: a person's choice, whole
INSERT INTO people (person, language, channels, opted_out) VALUES ($1, $2, $3, $4)
ON CONFLICT (person) DO UPDATE
SET language = excluded.language, channels = excluded.channels, opted_out = excluded.opted_out

-- end: why a worker left the list, which is reported once
INSERT INTO people (person, ended) VALUES ($1, $2) ON CONFLICT (person) DO UPDATE SET ended = excluded.ended

-- erase: forget what an erased person chose
INSERT INTO people (person, erased) VALUES ($1, true)
ON CONFLICT (person) DO UPDATE SET erased = true, registered_language = NULL, language = NULL, channels = NULL
