-- donor: one donor
SELECT donor, kind, language, erased FROM donors WHERE donor = $1

-- donors: donors in the order in which they came
SELECT donor, kind, language, erased FROM donors WHERE donor > $1 ORDER BY donor LIMIT $2

-- pledge: one pledge, with what the matcher says of it
SELECT p.*, m.status AS matching_status, m.slots AS matching_slots, m.until, m.filled, m.ended_reason, m.last_month,
       m.refused_code, m.refused_detail, (SELECT d.language FROM donors d WHERE d.donor = p.donor) AS language
FROM pledges p LEFT JOIN pledge_matching m USING (pledge) WHERE pledge = $1

-- pledges: pledges in the order in which they came, of a donor, a city or a reference
SELECT p.*, m.status AS matching_status, m.slots AS matching_slots, m.until, m.filled, m.ended_reason, m.last_month,
       m.refused_code, m.refused_detail, (SELECT d.language FROM donors d WHERE d.donor = p.donor) AS language
FROM pledges p LEFT JOIN pledge_matching m USING (pledge)
WHERE pledge > $1 AND ($3::text IS NULL OR donor = $3) AND ($4::text IS NULL OR city = $4)
  AND ($5::text IS NULL OR reference = $5)
ORDER BY pledge LIMIT $2

-- pledge_workers: the workers whom a pledge protects or protected, newest match last
SELECT m.match, m.worker, w.area, w.occupation, m.from_month, m.until, m.reason, m.ended_reason,
       w.ended_reason AS worker_ended, w.erased, c.covered_until, c.lapsed_month
FROM matches m JOIN workers w USING (worker) LEFT JOIN worker_cover c USING (worker)
WHERE m.pledge = $1 AND m.match > $2 ORDER BY m.match LIMIT $3

-- workers: workers of an area in the order in which they came
-- $4 is the area with what bounds its descendants; null means all areas.
SELECT * FROM worker_statuses
WHERE worker > $1 AND ($3::text[] IS NULL OR area LIKE ANY($3))
ORDER BY worker LIMIT $2

-- matches: matches of a pledge, a worker, a month; void ones (until before from) are no matches of any month
SELECT m.match, m.worker, m.pledge, m.from_month, m.until, m.reason, m.ended_reason
FROM matches m
WHERE m.match > $1 AND ($3::text IS NULL OR m.pledge = $3) AND ($4::text IS NULL OR m.worker = $4)
  AND ($5::text IS NULL OR (m.from_month <= $5 AND m.until >= $5))
  AND ($6::text IS NULL OR EXISTS (SELECT 1 FROM pledges p WHERE p.pledge = m.pledge AND p.donor = $6))
ORDER BY m.match LIMIT $2

-- coverage: workers on the list in a month, those with a match for it, those with a confirmed iuran, by the first $2
-- characters of the area. Who left before the month is not on its list; who was covered in it, is.
SELECT left(w.area, $2) AS area, count(*) AS workers,
       count(*) FILTER (WHERE m.worker IS NOT NULL OR c.worker IS NOT NULL) AS matched,
       count(*) FILTER (WHERE c.worker IS NOT NULL) AS covered
FROM workers w
LEFT JOIN (SELECT DISTINCT worker FROM matches WHERE from_month <= $1 AND until >= $1) m USING (worker)
LEFT JOIN (SELECT worker FROM covered_months WHERE month = $1) c USING (worker)
WHERE ($3::text IS NULL OR w.city = $3)
  AND (c.worker IS NOT NULL
       OR (NOT w.erased AND w.registered_at < $4 AND (w.ended_on IS NULL OR w.ended_on >= $5)))
GROUP BY 1

-- cities: cities where there are workers or pledges
SELECT city FROM workers GROUP BY city UNION SELECT city FROM pledges GROUP BY city ORDER BY city

-- pledged_cities: cities where there is something to bill
SELECT city FROM pledges GROUP BY city ORDER BY city

-- remittance: one remittance
SELECT remittance, donor, city, month, payment, pledges, workers, total_idr, pay_code, due_on, paid_on
FROM remittances WHERE remittance = $1

-- dead_letters: dead letters of all services, those that still are first
SELECT service, shard, source, source_seq, about, code, detail, at, state FROM all_dead_letters
WHERE ($1::text IS NULL OR service = $1) AND state = ANY($2::text[])
ORDER BY (state = 'dead') DESC, at, service, shard, source, source_seq OFFSET $3 LIMIT $4

-- dead_letter_shards: on which shards a service has dead letters of a stream
SELECT DISTINCT shard FROM all_dead_letters WHERE service = $1 AND about = $2 AND state = 'dead' ORDER BY shard

-- home: where a worker lives
SELECT city, area FROM workers WHERE worker = $1

-- cycle_state: how far a city's month is
SELECT state FROM cycle_states WHERE city = $1 AND month = $2

-- homes: where workers live and what they do
SELECT worker, area, occupation FROM workers WHERE worker = ANY($1::text[])
