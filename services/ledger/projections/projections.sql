-- put_pledges: the terms of pledges, the newest prevail
insert into pledges (pledge, shard, donor, city, slots, starts, until, payment, programmes, transport_only, ended)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
on conflict (pledge) do update
set slots = excluded.slots, until = excluded.until, ended = excluded.ended;

-- move_balances: each account of a shard by the sum of a batch
-- Not an upsert: that would hold the sum alone against the law of the account's side, before it is added.
merge into balances as b
using unnest($2::text[], $3::bigint[]) as m (account, idr) on b.account = m.account and b.shard = $1
when matched then update set idr = b.idr + m.idr
when not matched then insert (account, shard, idr) values (m.account, $1, m.idr);

-- pay_remittances: paid in full
update remittances as r set paid_on = p.paid_on, paid_at = p.paid_at, channel = p.channel
from unnest($1::text[], $2::date[], $3::timestamptz[], $4::text[]) as p (remittance, paid_on, paid_at, channel)
where r.remittance = p.remittance;

-- mark_overdue: not paid by their due date; said once for each pledge, kept once
update remittances as r set overdue_at = p.overdue_at
from unnest($1::text[], $2::timestamptz[]) as p (remittance, overdue_at)
where r.remittance = p.remittance;

-- answer_remittances: what BPJS said of their worker-months, by the sums of a batch
update remittances as r
set confirmed = r.confirmed + p.confirmed, confirmed_idr = r.confirmed_idr + p.confirmed_idr,
    rejected = r.rejected + p.rejected, rejected_idr = r.rejected_idr + p.rejected_idr
from unnest($1::text[], $2::integer[], $3::bigint[], $4::integer[], $5::bigint[])
    as p (remittance, confirmed, confirmed_idr, rejected, rejected_idr)
where r.remittance = p.remittance;

-- move_pledge_months: what became of pledges' months, by the sums of a batch
insert into pledge_months as m
    (pledge, month, workers, idr, paid_idr, confirmed, confirmed_idr, rejected, rejected_idr, unpaid_idr)
select * from unnest($1::text[], $2::text[], $3::integer[], $4::bigint[], $5::bigint[], $6::integer[], $7::bigint[],
                     $8::integer[], $9::bigint[], $10::bigint[])
on conflict (pledge, month) do update
set workers = m.workers + excluded.workers, idr = m.idr + excluded.idr, paid_idr = m.paid_idr + excluded.paid_idr,
    confirmed = m.confirmed + excluded.confirmed, confirmed_idr = m.confirmed_idr + excluded.confirmed_idr,
    rejected = m.rejected + excluded.rejected, rejected_idr = m.rejected_idr + excluded.rejected_idr,
    unpaid_idr = m.unpaid_idr + excluded.unpaid_idr;

-- bill_cycles: a city's month is billed as a whole
insert into cycles (city, month, shard, billed_at) values ($1, $2, $3, $4);

-- close_cycles: a city's month is closed
update cycles set closed_at = $3, unpaid = $4 where city = $1 and month = $2;
