-- list_workers: workers come on the list, or come back to it
-- One text per column, blanks between: the driver looks at each element of an array, but not at the words of a text.
INSERT INTO workers (worker, shard, city, area, occupation, band, eligible_until)
SELECT worker::uuid, $1, city, area, occupation, band::smallint, eligible_until::smallint
FROM unnest(string_to_array($2, ' '), string_to_array($3, ' '), string_to_array($4, ' '), string_to_array($5, ' '),
            string_to_array($6, ' '), string_to_array($7, ' '))
    AS new (worker, city, area, occupation, band, eligible_until)
ON CONFLICT (worker) DO UPDATE SET
    shard = excluded.shard, city = excluded.city, area = excluded.area, occupation = excluded.occupation,
    band = excluded.band, eligible_until = excluded.eligible_until, unlisted = NULL

-- unlist_workers: a worker left the list
UPDATE workers SET unlisted = gone.reason
FROM unnest($1::uuid[], $2::text[]) AS gone (worker, reason)
WHERE workers.worker = gone.worker

-- open_pledges: areas, occupations and workers come as one text each, blanks between
INSERT INTO pledges (pledge, shard, city, donor, slots, starts, until, areas, occupations, workers, keep, status)
SELECT pledge, shard, city, donor, slots, starts, until,
       string_to_array(areas, ' '), string_to_array(occupations, ' '), string_to_array(workers, ' '), keep, status
FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::int[], $6::text[], $7::text[],
            $8::text[], $9::text[], $10::text[], $11::boolean[], $12::text[])
    AS new (pledge, shard, city, donor, slots, starts, until, areas, occupations, workers, keep, status)

-- change_pledges: what is null stays as it is
UPDATE pledges SET
    slots = coalesce(new.slots, pledges.slots), until = coalesce(new.until, pledges.until),
    status = coalesce(new.status, pledges.status)
FROM unnest($1::text[], $2::int[], $3::text[], $4::text[]) AS new (pledge, slots, until, status)
WHERE pledges.pledge = new.pledge

-- end_matches: matches of earlier batches that ended
UPDATE matches SET until = new.until, ended = new.ended
FROM unnest($1::uuid[], $2::smallint[], $3::text[]) AS new (match, until, ended)
WHERE matches.match = new.match

-- fix_months: the last fixed month of each city
INSERT INTO cities (city, shard, fixed)
SELECT * FROM unnest($1::text[], $2::int[], $3::text[])
ON CONFLICT (city) DO UPDATE SET fixed = excluded.fixed
