-- pledges: what the matcher decided about pledges; the last decision counts
-- Absent means no decision. `filled` moves by matches made and ended. A refusal closes only a pledge that was never
-- opened: of an open one it refuses a change.
INSERT INTO pledge_matching AS p (pledge, status, slots, until, filled, ended_reason, last_month, refused_code, refused_detail)
SELECT pledge, coalesce(status, 'refused'), coalesce(slots, 0), until, filled, ended_reason, last_month,
       refused_code, refused_detail
FROM unnest($1::text[], $2::text[], $3::integer[], $4::text[], $5::integer[], $6::text[], $7::text[], $8::text[],
            $9::text[])
     AS decided (pledge, status, slots, until, filled, ended_reason, last_month, refused_code, refused_detail)
ON CONFLICT (pledge) DO UPDATE SET
    status = CASE WHEN excluded.status = 'refused' THEN p.status ELSE excluded.status END,
    slots = CASE WHEN excluded.slots = 0 THEN p.slots ELSE excluded.slots END,
    until = coalesce(excluded.until, p.until),
    filled = p.filled + excluded.filled,
    ended_reason = coalesce(excluded.ended_reason, p.ended_reason),
    last_month = coalesce(excluded.last_month, p.last_month),
    refused_code = coalesce(excluded.refused_code, p.refused_code),
    refused_detail = coalesce(excluded.refused_detail, p.refused_detail)

-- matches_made: slots that protect workers
INSERT INTO matches (match, worker, pledge, from_month, until, reason, ended_reason)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])

-- matches_ended: matches that stop earlier than they were made for
UPDATE matches m SET until = ended.last_month, ended_reason = ended.reason
FROM unnest($1::text[], $2::text[], $3::text[]) AS ended (match, last_month, reason)
WHERE m.match = ended.match

-- month_fixed: how many workers a city's month pays for
INSERT INTO cycles (city, month, fixed_workers) VALUES ($1, $2, $3)
ON CONFLICT (city, month) DO UPDATE SET fixed_workers = $3
