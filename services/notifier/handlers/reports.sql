-- states: how far some notices have come
SELECT notice, 'owed' AS state, false AS in_mailbox FROM owed WHERE notice = ANY($1::uuid[])
UNION ALL
SELECT notice, state, mailbox_at IS NOT NULL FROM notices WHERE notice = ANY($1::uuid[])

-- attempts: how often each target of some notices was tried, and how that ended
SELECT notice, channel, webhook, attempt, state FROM deliveries WHERE notice = ANY($1::uuid[])
