-- workers: who is or was on the matcher's list
SELECT worker, area, occupation, band, eligible_until, unlisted FROM matcher.workers WHERE city = $1

-- pledges: the terms of a city's pledges
SELECT pledge, slots, starts, until, areas, occupations, workers, keep, status FROM matcher.pledges WHERE city = $1

-- matches: who is protected by which slot, in the order in which it came about
SELECT m.worker, m.pledge, m.from_month, m.until, m.ended
FROM matcher.matches m JOIN matcher.workers w USING (worker) WHERE w.city = $1 ORDER BY m.match
