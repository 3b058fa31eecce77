-- states: how some notices stand
SELECT notice, state FROM notices WHERE notice = ANY($1::text[])

-- attempts: how often each target of some notices was tried, and how that ended
SELECT notice, channel, webhook, attempt, state FROM deliveries WHERE notice = ANY($1::text[])
