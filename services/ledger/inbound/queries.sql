-- cycles: a month in one city or in all, from the sums of its remittances
SELECT c.city, c.billed_at, c.closed_at, c.unpaid,
       coalesce(sum(r.workers), 0)::bigint AS billed,
       coalesce(sum(r.idr), 0)::bigint AS billed_idr,
       coalesce(sum(r.workers) FILTER (WHERE r.paid_at IS NOT NULL), 0)::bigint AS paid,
       coalesce(sum(r.idr) FILTER (WHERE r.paid_at IS NOT NULL), 0)::bigint AS paid_idr,
       coalesce(sum(r.confirmed), 0)::bigint AS confirmed,
       coalesce(sum(r.confirmed_idr), 0)::bigint AS confirmed_idr,
       coalesce(sum(r.rejected), 0)::bigint AS rejected,
       coalesce(sum(r.rejected_idr), 0)::bigint AS rejected_idr,
       coalesce(sum(r.idr) FILTER (WHERE r.paid_at IS NULL), 0)::bigint AS not_paid_idr
FROM cycles AS c
LEFT JOIN remittances AS r ON r.city = c.city AND r.month = c.month
WHERE c.month = $1 AND ($2::text IS NULL OR c.city = $2)
GROUP BY c.city, c.month
ORDER BY c.city;

-- exceptions: what keeps a month open, or will end unpaid; the oldest first
SELECT r.remittance, r.donor, r.city, r.workers, r.idr, r.prepared_at, r.due_on, r.paid_on,
       r.overdue_at IS NOT NULL AS overdue, r.workers - r.confirmed - r.rejected AS unanswered,
       r.idr - r.confirmed_idr - r.rejected_idr AS unanswered_idr, r.misfits
FROM remittances AS r
JOIN cycles AS c ON c.city = r.city AND c.month = r.month
WHERE r.month = $1 AND ($2::text IS NULL OR r.city = $2) AND c.closed_at IS NULL
  AND (r.paid_at IS NULL OR r.workers > r.confirmed + r.rejected)
ORDER BY r.due_on, r.remittance
LIMIT $3;

-- remittances: a page, by id
SELECT r.*, c.closed_at
FROM remittances AS r LEFT JOIN cycles AS c ON c.city = r.city AND c.month = r.month
WHERE ($1::text IS NULL OR r.month = $1) AND ($2::text IS NULL OR r.donor = $2) AND ($3::text IS NULL OR r.city = $3)
  AND r.remittance > $4
ORDER BY r.remittance
LIMIT $5;

-- remittance: one
SELECT r.*, c.closed_at
FROM remittances AS r LEFT JOIN cycles AS c ON c.city = r.city AND c.month = r.month
WHERE r.remittance = $1;

-- by_pay_code: the one with a pay code
SELECT r.*, c.closed_at
FROM remittances AS r LEFT JOIN cycles AS c ON c.city = r.city AND c.month = r.month
WHERE r.pay_code = $1;

-- lines: a page of a remittance's worker-months as they were billed by $5 (absent: now), in the order of its bills
-- Only bills that the page can reach are read: a bill has at most 1,000 workers, of which the first may be passed already.
WITH reached AS (
    SELECT shard, seq, pledge, billed_at, sum(workers) OVER (ORDER BY seq) - workers AS before
    FROM bills WHERE remittance = $1 AND seq >= $2 AND ($5::timestamptz IS NULL OR billed_at <= $5)
)
SELECT w.worker, l.idr, l.tariff, r.seq AS bill_seq, r.pledge
FROM reached AS r
JOIN facts AS f ON f.shard = r.shard AND f.seq = r.seq
CROSS JOIN json_to_recordset(convert_from(f.body, 'UTF8')::json -> 'lines')
    AS l (idr integer, tariff text, workers json)
CROSS JOIN json_array_elements_text(l.workers) AS w (worker)
WHERE r.before < $4 + 1000 AND (r.seq, w.worker COLLATE "C") > ($2::bigint, $3::text)
ORDER BY r.seq, w.worker COLLATE "C"
LIMIT $4;

-- outcomes: what BPJS says of some workers' month, as it was on record at $3 (absent: now)
SELECT DISTINCT ON (o.worker) o.worker, o.reason, r.receipt
FROM outcomes AS o JOIN receipts AS r ON r.shard = o.shard AND r.seq = o.seq
WHERE o.worker = ANY($1::uuid[]) AND o.month = $2 AND ($3::timestamptz IS NULL OR r.recorded_at <= $3)
ORDER BY o.worker, o.seq DESC;

-- accounts: a page of balances as they stand
SELECT account, sum(idr)::bigint AS idr FROM balances
WHERE account > $1
GROUP BY account ORDER BY account
LIMIT $2;

-- balances: all balances as they stand
SELECT account, sum(idr)::bigint AS idr FROM balances
GROUP BY account HAVING sum(idr) <> 0 ORDER BY account;

-- balances_as_of: all balances from the entries that counted by a day and were on record by an instant
SELECT account, sum(idr)::bigint AS idr FROM postings
WHERE ($1::date IS NULL OR effective <= $1) AND ($2::timestamptz IS NULL OR recorded_at <= $2)
GROUP BY account HAVING sum(idr) <> 0 ORDER BY account;

-- entries: a page of the journal
SELECT * FROM journal
WHERE (shard, seq) > ($1::integer, $2::bigint) AND ($3::text IS NULL OR pledge = $3)
ORDER BY shard, seq
LIMIT $4;

-- entries_of_worker: a page of the entries that touched a worker's months: holds, bills, payments, answers
WITH mine AS (
    SELECT b.remittance, b.pledge, r.receipt
    FROM iuran AS i
    JOIN bills AS b ON b.shard = i.shard AND b.seq = i.bill
    LEFT JOIN outcomes AS o ON o.worker = i.worker AND o.month = i.month
    LEFT JOIN receipts AS r ON r.shard = o.shard AND r.seq = o.seq
    WHERE i.worker = $4
), touched AS (
    SELECT remittance AS about, pledge FROM mine
    UNION SELECT receipt, pledge FROM mine WHERE receipt IS NOT NULL
), found AS (
    SELECT shard, seq FROM holds WHERE worker = $4
    UNION
    SELECT e.shard, e.seq FROM touched AS t JOIN entries AS e ON e.pledge = t.pledge AND e.about = t.about
)
SELECT e.* FROM found JOIN journal AS e USING (shard, seq)
WHERE (e.shard, e.seq) > ($1::integer, $2::bigint) AND ($3::text IS NULL OR e.pledge = $3)
ORDER BY e.shard, e.seq
LIMIT $5;

-- pledge: the terms
SELECT * FROM pledges WHERE pledge = $1;

-- pledge_balances: its books
SELECT account, idr FROM balances WHERE account = ANY($1::text[]);

-- pledge_months: its months, held or billed
SELECT m.*, c.closed_at IS NOT NULL AS closed
FROM pledge_months AS m
JOIN pledges AS p ON p.pledge = m.pledge
LEFT JOIN cycles AS c ON c.city = p.city AND c.month = m.month
WHERE m.pledge = $1
ORDER BY m.month;
