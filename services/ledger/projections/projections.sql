-- put_pledges: the terms of pledges, the newest prevail
INSERT INTO pledges (pledge, shard, donor, city, slots, starts, until, payment, programmes, transport_only, ended)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (pledge) DO UPDATE
SET slots = excluded.slots, until = excluded.until, ended = excluded.ended;

-- move_balances: each account of a shard by the sum of a batch
-- Not an upsert: that would hold the sum alone against the law of the account's side, before it is added.
MERGE INTO balances AS b
USING unnest($2::text[], $3::bigint[]) AS m (account, idr) ON b.account = m.account AND b.shard = $1
WHEN MATCHED THEN UPDATE SET idr = b.idr + m.idr
WHEN NOT MATCHED THEN INSERT (account, shard, idr) VALUES (m.account, $1, m.idr);

-- pay_remittances: paid in full
UPDATE remittances AS r SET paid_on = p.paid_on, paid_at = p.paid_at, channel = p.channel
FROM unnest($1::text[], $2::date[], $3::timestamptz[], $4::text[]) AS p (remittance, paid_on, paid_at, channel)
WHERE r.remittance = p.remittance;

-- mark_overdue: not paid by their due date; a fact for each pledge, kept once
UPDATE remittances AS r SET overdue_at = p.overdue_at
FROM unnest($1::text[], $2::timestamptz[]) AS p (remittance, overdue_at)
WHERE r.remittance = p.remittance;

-- answer_remittances: what BPJS says of their worker-months, by the sums of a batch
UPDATE remittances AS r
SET confirmed = r.confirmed + p.confirmed, confirmed_idr = r.confirmed_idr + p.confirmed_idr,
    rejected = r.rejected + p.rejected, rejected_idr = r.rejected_idr + p.rejected_idr, misfits = r.misfits + p.misfits
FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::integer[], $5::bigint[], $6::integer[])
    AS p (remittance, confirmed, confirmed_idr, rejected, rejected_idr, misfits)
WHERE r.remittance = p.remittance;

-- move_pledge_months: what became of pledges' months, by the sums of a batch
INSERT INTO pledge_months AS m
    (pledge, month, held, workers, idr, paid_idr, confirmed, confirmed_idr, rejected, rejected_idr, unpaid_idr)
SELECT * FROM unnest($1::text[], $2::text[], $3::integer[], $4::integer[], $5::bigint[], $6::bigint[], $7::integer[],
                     $8::bigint[], $9::integer[], $10::bigint[], $11::bigint[])
ON CONFLICT (pledge, month) DO UPDATE
SET held = m.held + excluded.held, workers = m.workers + excluded.workers, idr = m.idr + excluded.idr,
    paid_idr = m.paid_idr + excluded.paid_idr,
    confirmed = m.confirmed + excluded.confirmed, confirmed_idr = m.confirmed_idr + excluded.confirmed_idr,
    rejected = m.rejected + excluded.rejected, rejected_idr = m.rejected_idr + excluded.rejected_idr,
    unpaid_idr = m.unpaid_idr + excluded.unpaid_idr;

-- bill_cycles: a city's month is billed as a whole
INSERT INTO cycles (city, month, shard, billed_at) VALUES ($1, $2, $3, $4);

-- close_cycles: a city's month is closed
UPDATE cycles SET closed_at = $3, unpaid = $4 WHERE city = $1 AND month = $2;
