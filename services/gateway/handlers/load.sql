-- donors: who pays
SELECT donor, kind, language, erased FROM donors WHERE donor = ANY($1::text[])

-- pledges: terms, and what the matcher says of them
-- A pledge that the matcher has not spoken of is registered.
SELECT p.pledge, p.donor, p.city, p.slots, p.months, p.starts, p.cancelled_from,
       coalesce(m.status, 'registered') AS status, m.until
FROM pledges p LEFT JOIN pledge_matching m USING (pledge)
WHERE p.pledge = ANY($1::text[])

-- workers: who is protected or waits
SELECT * FROM worker_statuses WHERE worker = ANY($1::text[])

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
