-- donors: who joined
INSERT INTO donors (donor, kind, language, registered_at)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[])

-- pledges: what was pledged
INSERT INTO pledges (pledge, donor, city, slots, months, starts, areas, occupations, workers, near, payment, programmes,
                     keep, amount_idr, reference, registered_at)
SELECT pledge, donor, city, slots, months, starts, string_to_array(areas, ','), string_to_array(occupations, ','),
       string_to_array(workers, ','), near, payment, string_to_array(programmes, ','), keep, amount_idr, reference,
       registered_at
FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::integer[], $6::text[], $7::text[], $8::text[],
            $9::text[], $10::text[], $11::text[], $12::text[], $13::boolean[], $14::bigint[], $15::text[],
            $16::timestamptz[])
    AS new (pledge, donor, city, slots, months, starts, areas, occupations, workers, near, payment, programmes, keep,
            amount_idr, reference, registered_at)

-- donor_erased: whose data is gone
UPDATE donors SET erased = true WHERE donor = ANY($1::text[])

-- donor_prefers: what a donor chose; a language that was not chosen stays as it was
UPDATE donors SET language = coalesce($2, language), opted_out = $3 WHERE donor = $1

-- pledge_cancelled: from which month on a pledge is withdrawn
UPDATE pledges SET cancelled_from = $2 WHERE pledge = $1

-- pledge_amended: other slots or another length
UPDATE pledges SET slots = coalesce($2, slots), months = coalesce($3, months) WHERE pledge = $1

-- workers_ended: who left the list; the first reason stays
UPDATE workers w SET ended_reason = gone.reason, ended_on = gone.on
FROM unnest($1::text[], $2::text[], $3::date[]) AS gone (worker, reason, "on")
WHERE w.worker = gone.worker AND w.ended_reason IS NULL

-- worker_erased: whose data is gone
UPDATE workers SET erased = true WHERE worker = ANY($1::text[])

-- billing_requested: the month that somebody asked to be billed; the first asking stays
INSERT INTO cycles AS c (city, month, billing_requested_at) VALUES ($1, $2, $3)
ON CONFLICT (city, month) DO UPDATE SET billing_requested_at = coalesce(c.billing_requested_at, $3)

-- closing_requested: the month that somebody asked to be closed; the last asking counts
INSERT INTO cycles (city, month, closing_requested_at) VALUES ($1, $2, $3)
ON CONFLICT (city, month) DO UPDATE SET closing_requested_at = $3
