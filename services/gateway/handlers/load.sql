-- donors: who pays
SELECT donor, kind, language, erased FROM donors WHERE donor = ANY($1::text[])

-- pledges: terms, and what the matcher says of them
-- A pledge that the matcher has not spoken of is registered.
SELECT p.pledge, p.donor, p.city, p.slots, p.months, p.starts, p.cancelled_from,
       coalesce(m.status, 'registered') AS status, m.until
FROM pledges p LEFT JOIN pledge_matching m USING (pledge)
WHERE p.pledge = ANY($1::text[])

-- workers: who is protected or waits, with the match that lasts longest and the cover confirmed so far
-- A match whose last month lies before its first never took effect.
SELECT w.worker, w.city, w.area, w.occupation, w.eligible_until, w.ended_reason, w.ended_on, w.erased,
       m.pledge, m.until AS matched_until, c.covered_until, coalesce(c.spell_months, 0) AS spell_months, c.lapsed_month
FROM workers w
LEFT JOIN worker_cover c USING (worker)
LEFT JOIN LATERAL (
    SELECT pledge, until FROM matches
    WHERE matches.worker = w.worker AND until >= from_month
    ORDER BY until DESC, from_month DESC, match DESC LIMIT 1
) m ON true
WHERE w.worker = ANY($1::text[])

-- remittances: what is to be paid
SELECT remittance, donor, city, month, total_idr, paid_on FROM remittances WHERE remittance = ANY($1::text[])

-- cycles: what was asked for and done about cities' months, and whether a later month was asked for
SELECT wanted.city, wanted.month,
       coalesce(c.billing_requested_at IS NOT NULL, false) AS billing_requested,
       coalesce(c.billed_worker_months IS NOT NULL, false) AS billed,
       coalesce(c.closed_at IS NOT NULL, false) AS closed,
       EXISTS (SELECT 1 FROM cycles later WHERE later.city = wanted.city AND later.month > wanted.month
               AND later.billing_requested_at IS NOT NULL) AS passed
FROM unnest($1::text[], $2::text[]) AS wanted (city, month)
LEFT JOIN cycles c ON c.city = wanted.city AND c.month = wanted.month

-- aged_out: workers of a shard whose last month lies before a month
SELECT worker, eligible_until FROM workers
WHERE shard = $1 AND eligible_until < $2 AND ended_reason IS NULL AND NOT erased
ORDER BY worker
