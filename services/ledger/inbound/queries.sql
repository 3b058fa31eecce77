-- cycles: a month in one city or in all, from the sums of its remittances
select c.city, c.billed_at, c.closed_at, c.unpaid,
       coalesce(sum(r.workers), 0)::bigint as billed,
       coalesce(sum(r.idr), 0)::bigint as billed_idr,
       coalesce(sum(r.workers) filter (where r.paid_at is not null), 0)::bigint as paid,
       coalesce(sum(r.idr) filter (where r.paid_at is not null), 0)::bigint as paid_idr,
       coalesce(sum(r.confirmed), 0)::bigint as confirmed,
       coalesce(sum(r.confirmed_idr), 0)::bigint as confirmed_idr,
       coalesce(sum(r.rejected), 0)::bigint as rejected,
       coalesce(sum(r.rejected_idr), 0)::bigint as rejected_idr,
       coalesce(sum(r.idr) filter (where r.paid_at is null), 0)::bigint as not_paid_idr
from cycles as c
left join remittances as r on r.city = c.city and r.month = c.month
where c.month = $1 and ($2::text is null or c.city = $2)
group by c.city, c.month
order by c.city;

-- exceptions: what keeps a month open, or will end unpaid; the oldest first
select r.remittance, r.donor, r.city, r.workers, r.idr, r.prepared_at, r.due_on, r.paid_on,
       r.overdue_at is not null as overdue, r.workers - r.confirmed - r.rejected as unanswered,
       r.idr - r.confirmed_idr - r.rejected_idr as unanswered_idr,
       (select count(*) from misfits as m where m.remittance = r.remittance) as misfits
from remittances as r
join cycles as c on c.city = r.city and c.month = r.month
where r.month = $1 and ($2::text is null or r.city = $2) and c.closed_at is null
  and (r.paid_at is null or r.workers > r.confirmed + r.rejected)
order by r.due_on, r.remittance
limit $3;

-- remittances: a page, by id
select r.*, c.closed_at
from remittances as r left join cycles as c on c.city = r.city and c.month = r.month
where ($1::text is null or r.month = $1) and ($2::text is null or r.donor = $2) and ($3::text is null or r.city = $3)
  and r.remittance > $4
order by r.remittance
limit $5;

-- remittance: one
select r.*, c.closed_at
from remittances as r left join cycles as c on c.city = r.city and c.month = r.month
where r.remittance = $1;

-- by_pay_code: the one with a pay code
select r.*, c.closed_at
from remittances as r left join cycles as c on c.city = r.city and c.month = r.month
where r.pay_code = $1;

-- lines: a page of a remittance's worker-months, each in the state that was on record at $5 (absent: now)
-- The page is cut before the states are looked up.
with page as (
    select i.worker, i.month, i.idr, i.tariff, i.bill as bill_seq, b.bill, b.pledge
    from bills as b join iuran as i on i.shard = b.shard and i.bill = b.seq
    where b.remittance = $1 and (i.bill, i.worker) > ($2::bigint, $3::text)
      and ($5::timestamptz is null or b.billed_at <= $5)
    order by i.bill, i.worker
    limit $4
)
select page.*, o.reason, o.receipt,
       case when o.outcome is not null then o.outcome
            when r.paid_at <= coalesce($5, r.paid_at) then 'paid'
            when c.closed_at <= coalesce($5, c.closed_at) then 'unpaid'
            else 'due' end as state
from page
left join remittances as r on r.remittance = $1
left join cycles as c on c.city = r.city and c.month = r.month
left join lateral (
    select outcome, reason, receipt from outcomes
    where outcomes.worker = page.worker and outcomes.month = page.month
      and ($5::timestamptz is null or outcomes.recorded_at <= $5)
    order by seq desc limit 1
) as o on true
order by page.bill_seq, page.worker;

-- misfits: lines of receipts about a remittance that fitted nothing
select shard, seq, line, receipt, worker, pledge, idr, reason, recorded_at
from misfits where remittance = $1
order by shard, seq, line
limit $2;

-- accounts: a page of balances as they stand
select account, sum(idr)::bigint as idr from balances
where account > $1
group by account order by account
limit $2;

-- balances: all balances as they stand
select account, sum(idr)::bigint as idr from balances
group by account having sum(idr) <> 0 order by account;

-- balances_as_of: all balances from the entries that counted by a day and were on record by an instant
select p.account, sum(p.idr)::bigint as idr
from entries as e, jsonb_to_recordset(e.postings) as p (account text, idr bigint)
where ($1::date is null or e.effective <= $1) and ($2::timestamptz is null or e.recorded_at <= $2)
group by p.account having sum(p.idr) <> 0 order by p.account;

-- entries: a page of the journal
select * from entries
where (shard, seq) > ($1::integer, $2::bigint) and ($3::text is null or pledge = $3)
order by shard, seq
limit $4;

-- entries_of_worker: a page of the entries that touched a worker's months: holds, bills, payments, answers
with mine as (
    select b.bill, b.remittance, b.pledge, o.receipt
    from iuran as i
    join bills as b on b.shard = i.shard and b.seq = i.bill
    left join outcomes as o on o.worker = i.worker and o.month = i.month
    where i.worker = $4
), touched as (
    select bill as about, pledge from mine
    union select remittance, pledge from mine
    union select receipt, pledge from mine where receipt is not null
), found as (
    select shard, seq from entries where worker = $4
    union
    select e.shard, e.seq from touched as t
    join entries as e on e.about = t.about and e.pledge = t.pledge and e.month is not null
)
select e.* from found join entries as e using (shard, seq)
where (e.shard, e.seq) > ($1::integer, $2::bigint) and ($3::text is null or e.pledge = $3)
order by e.shard, e.seq
limit $5;

-- pledge: the terms
select * from pledges where pledge = $1;

-- pledge_balances: its books
select account, idr from balances where account = any($1::text[]);

-- pledge_months: its billed months
select m.*, exists (
    select from bills as b
    join remittances as r on r.remittance = b.remittance
    join cycles as c on c.city = r.city and c.month = b.month
    where b.pledge = m.pledge and b.month = m.month and c.closed_at is not null
) as closed
from pledge_months as m where m.pledge = $1 order by m.month;

-- pledge_holds: for which months its matches hold money, as they stand
select distinct on (about) about, worker, from_month, until
from entries where pledge = $1 and worker is not null
order by about, seq desc;
