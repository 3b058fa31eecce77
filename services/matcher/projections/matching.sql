-- list_workers: a worker comes on the list, or comes back to it
INSERT INTO workers (worker, shard, city, area, occupation, band, eligible_until, unlisted)
SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::smallint[], $7::text[], $8::text[])
ON CONFLICT (worker) DO UPDATE SET
    shard = excluded.shard, city = excluded.city, area = excluded.area, occupation = excluded.occupation,
    band = excluded.band, eligible_until = excluded.eligible_until, unlisted = excluded.unlisted

-- unlist_workers: a worker left the list
UPDATE workers SET unlisted = gone.reason
FROM unnest($1::text[], $2::text[]) AS gone (worker, reason)
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

-- make_matches: matches, some of them ended already in the same batch
INSERT INTO matches (match, shard, worker, pledge, from_month, until, reason, ended)
SELECT * FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])

-- end_matches: matches of earlier batches that ended
UPDATE matches SET until = new.until, ended = new.ended
FROM unnest($1::text[], $2::text[], $3::text[]) AS new (match, until, ended)
WHERE matches.match = new.match

-- fix_months: the last fixed month of each city
INSERT INTO cities (city, shard, fixed)
SELECT * FROM unnest($1::text[], $2::int[], $3::text[])
ON CONFLICT (city) DO UPDATE SET fixed = excluded.fixed
