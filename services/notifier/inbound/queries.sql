-- notices: how notices stand, newest first, with their targets outside the mailbox
SELECT n.*, (SELECT coalesce(json_agg(json_build_object(
                   'channel', d.channel, 'webhook', nullif(d.webhook, ''), 'state', d.state, 'attempt', d.attempt,
                   'code', d.code, 'at', d.at, 'retry_at', d.retry_at) ORDER BY d.channel, d.webhook), '[]')::text
             FROM deliveries AS d WHERE d.notice = n.notice) AS deliveries
FROM (
    SELECT notice, 'owed' AS state, NULL AS code, NULL::timestamptz AS mailbox_at FROM owed
    WHERE ($1::uuid IS NULL OR recipient = $1) AND ($2::text IS NULL OR $2 = 'owed') AND ($3::uuid IS NULL OR notice < $3)
    UNION ALL
    SELECT notice, state, code, mailbox_at FROM notices
    WHERE ($1::uuid IS NULL OR recipient = $1) AND ($2::text IS NULL OR state = $2) AND ($3::uuid IS NULL OR notice < $3)
    ORDER BY notice DESC LIMIT $4
) AS n
ORDER BY n.notice DESC

-- mailbox: what is in the mailbox, newest first, with the language that its reader chose
SELECT n.notice, n.mailbox_at AS at, coalesce(p.language, p.registered_language) AS language
FROM notices AS n LEFT JOIN people AS p ON p.person = n.recipient
WHERE n.mailbox_at IS NOT NULL AND ($1::uuid IS NULL OR n.notice < $1)
ORDER BY n.notice DESC LIMIT $2
