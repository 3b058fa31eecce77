-- notices: who was told what, newest first, with how each target stands
SELECT n.notice, n.key, n.recipient, n.template, n.language, n.params::text AS params, n.requested_at, n.not_before,
       n.state, n.code,
       (SELECT coalesce(json_agg(json_build_object(
                   'channel', d.channel, 'webhook', nullif(d.webhook, ''), 'state', d.state, 'attempt', d.attempt,
                   'code', d.code, 'at', d.at, 'retry_at', d.retry_at) ORDER BY d.channel, d.webhook), '[]')::text
        FROM deliveries AS d WHERE d.notice = n.notice) AS deliveries
FROM notices AS n
WHERE ($1::text IS NULL OR n.recipient = $1) AND ($2::text IS NULL OR n.state = $2) AND ($3::text IS NULL OR n.notice < $3)
ORDER BY n.notice DESC LIMIT $4

-- mailbox: what is in the mailbox, newest first, with the language that its reader chose
SELECT n.notice, n.recipient, n.template, n.params::text AS params, d.at,
       coalesce(p.language, p.registered_language, n.language) AS language
FROM deliveries AS d
JOIN notices AS n USING (notice)
LEFT JOIN people AS p ON p.person = n.recipient
WHERE d.channel = 'mailbox' AND d.state = 'sent' AND ($1::text IS NULL OR d.notice < $1)
ORDER BY d.notice DESC LIMIT $2
