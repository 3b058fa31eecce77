-- heads: how far each log reaches, as far as this service has it
SELECT 'gateway' AS service, shard, seq FROM head
UNION ALL
SELECT source, shard, seq FROM cursors

-- after: the next facts of each service and shard after the numbers given, at most $3 of each
-- Kinds may be null: all of them.
SELECT e.* FROM unnest($1::text[], $2::integer[], $4::bigint[]) AS w (service, shard, seq)
CROSS JOIN LATERAL (
    SELECT * FROM events
    WHERE service = w.service AND shard = w.shard AND seq > w.seq AND ($5::text[] IS NULL OR kind = ANY($5))
    ORDER BY seq LIMIT $3
) e

-- after_of: the same of some streams, by their index
SELECT e.* FROM unnest($1::text[], $2::integer[], $4::bigint[]) AS w (service, shard, seq)
CROSS JOIN LATERAL (
    SELECT * FROM events
    WHERE service = w.service AND shard = w.shard AND seq > w.seq AND ($5::text[] IS NULL OR kind = ANY($5))
      AND stream = ANY($6::text[])
    ORDER BY seq LIMIT $3
) e

-- before: the last facts of each service and shard before the numbers given, newest first, at most $3 of each
SELECT e.* FROM unnest($1::text[], $2::integer[], $4::bigint[]) AS w (service, shard, seq)
CROSS JOIN LATERAL (
    SELECT * FROM events
    WHERE service = w.service AND shard = w.shard AND seq < w.seq AND ($5::text[] IS NULL OR kind = ANY($5))
    ORDER BY seq DESC LIMIT $3
) e

-- before_of: the same of some streams, by their index
SELECT e.* FROM unnest($1::text[], $2::integer[], $4::bigint[]) AS w (service, shard, seq)
CROSS JOIN LATERAL (
    SELECT * FROM events
    WHERE service = w.service AND shard = w.shard AND seq < w.seq AND ($5::text[] IS NULL OR kind = ANY($5))
      AND stream = ANY($6::text[])
    ORDER BY seq DESC LIMIT $3
) e

-- related: the streams in which facts may speak of a subject besides its own
-- A worker: the pledges of its matches and the remittances that paid for it. A pledge: its remittances and its donor.
-- A donor: its pledges and remittances.
SELECT pledge AS stream FROM matches WHERE worker = ANY($1::text[])
UNION SELECT remittance FROM covered_months WHERE worker = ANY($1)
UNION SELECT remittance FROM remittances WHERE pledges && $1::text[]
UNION SELECT donor FROM pledges WHERE pledge = ANY($1)
UNION SELECT pledge FROM pledges WHERE donor = ANY($1)
UNION SELECT remittance FROM remittances WHERE donor = ANY($1)

-- areas: where workers live
SELECT worker, area FROM workers WHERE worker = ANY($1::text[])

-- places: facts of some streams that are of a subject or speak of it, without their bodies
-- An id is long enough to be found as bytes.
SELECT service, shard, seq, at, cause FROM events
WHERE stream = ANY($1::text[]) AND (stream = $2 OR position(convert_to($2, 'UTF8') IN body) > 0)

-- notices: the notices that facts led to, and what the next commits of the sender made of them
-- A remittance pays for several pledges: a notice that speaks of another pledge is left out.
WITH requested AS (
    SELECT shard, seq, at, cause FROM inbox
    WHERE source = 'notifier' AND kind = 'notices.requested' AND cause = ANY($1::text[])
      AND (position(convert_to($2, 'UTF8') IN body) > 0 OR position('plg_'::bytea IN body) = 0)
)
SELECT 'notifier' AS service, shard, seq, at, cause FROM requested
UNION
SELECT 'notifier', r.shard, s.seq, s.at, s.cause FROM requested AS r
CROSS JOIN LATERAL (
    SELECT seq, at, cause, body FROM inbox
    WHERE stream = 'sender' AND shard = r.shard AND source = 'notifier' AND seq > r.seq
    ORDER BY seq LIMIT 200
) AS s
WHERE position(convert_to('"of":' || r.seq || ',', 'UTF8') IN s.body) > 0

-- whole: facts at given places, whole
SELECT e.* FROM unnest($1::text[], $2::integer[], $3::bigint[]) AS w (service, shard, seq)
CROSS JOIN LATERAL (SELECT * FROM events WHERE service = w.service AND shard = w.shard AND seq = w.seq) e
