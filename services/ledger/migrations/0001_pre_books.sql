-- The books as tables. All of them can be made again from the ledger's own log: rows carry the shard and number of the
-- fact that they come from, and no clock, sequence or chance. What happened to a worker-month is never overwritten, so it
-- can be asked as of any time.

-- the terms of each pledge as they stand
CREATE TABLE pledges (
    pledge         text COLLATE "C" PRIMARY KEY,
    shard          integer NOT NULL,
    donor          text COLLATE "C" NOT NULL,
    city           text NOT NULL,
    slots          integer NOT NULL,
    starts         text NOT NULL,
    until          text NOT NULL,
    payment        text NOT NULL,
    programmes     text[] NOT NULL,
    transport_only boolean NOT NULL,
    ended          text
);

-- The journal. `postings` is [{"account", "idr"}], sums to zero. `effective` is the day on which an entry counts,
-- `recorded_at` when we came to know of it. The last columns say for which months of which match money is held.
CREATE TABLE entries (
    shard       integer NOT NULL,
    seq         bigint NOT NULL,
    entry       text COLLATE "C" NOT NULL,
    pledge      text COLLATE "C" NOT NULL,
    what        text NOT NULL,
    about       text COLLATE "C" NOT NULL,
    month       text,
    corrects    text COLLATE "C",
    effective   date NOT NULL,
    recorded_at timestamptz NOT NULL,
    postings    jsonb NOT NULL,
    worker      text COLLATE "C",
    from_month  text,
    until       text,
    PRIMARY KEY (shard, seq)
);
CREATE INDEX entries_pledge ON entries (pledge, shard, seq);
CREATE INDEX entries_worker ON entries (worker, shard, seq) WHERE worker IS NOT NULL;
-- bills, payments and answers, few beside the matches
CREATE INDEX entries_about ON entries (about, pledge) WHERE month IS NOT NULL;

CREATE VIEW postings AS
SELECT e.shard, e.seq, e.entry, e.pledge, e.what, e.month, e.effective, e.recorded_at, p.account, p.idr
FROM entries AS e, jsonb_to_recordset(e.postings) AS p (account text, idr bigint);

-- The balance of each account, as it stands. The law of its side of zero is kept here once more.
CREATE TABLE balances (
    account text COLLATE "C" NOT NULL,
    shard   integer NOT NULL,
    idr     bigint NOT NULL,
    PRIMARY KEY (account, shard),
    CONSTRAINT balances_side CHECK (
        CASE WHEN account LIKE 'donor:%' OR account LIKE 'bpjs:%' THEN idr <= 0 ELSE idr >= 0 END
    )
);

CREATE TABLE bills (
    shard      integer NOT NULL,
    seq        bigint NOT NULL,
    bill       text COLLATE "C" NOT NULL,
    remittance text COLLATE "C" NOT NULL,
    pledge     text COLLATE "C" NOT NULL,
    month      text NOT NULL,
    workers    integer NOT NULL,
    idr        bigint NOT NULL,
    billed_at  timestamptz NOT NULL,
    PRIMARY KEY (shard, seq)
);
CREATE INDEX bills_remittance ON bills (remittance, shard, seq);

-- One row per worker and month: its key is the law "one live iuran per worker and month". `bill` is the seq of its bill.
CREATE TABLE iuran (
    worker text COLLATE "C" NOT NULL,
    month  text COLLATE "C" NOT NULL,
    shard  integer NOT NULL,
    bill   bigint NOT NULL,
    idr    integer NOT NULL,
    tariff text NOT NULL,
    PRIMARY KEY (worker, month)
);
CREATE INDEX iuran_bill ON iuran (shard, bill, worker);

-- What BPJS said of a worker-month, in order; the newest holds.
CREATE TABLE outcomes (
    worker      text COLLATE "C" NOT NULL,
    month       text COLLATE "C" NOT NULL,
    shard       integer NOT NULL,
    seq         bigint NOT NULL,
    outcome     text NOT NULL,
    receipt     text COLLATE "C" NOT NULL,
    reason      text,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (worker, month, seq)
);

-- Lines of receipts that fit no worker-month of their remittance, or not as it is.
CREATE TABLE misfits (
    shard       integer NOT NULL,
    seq         bigint NOT NULL,
    line        integer NOT NULL,
    remittance  text COLLATE "C" NOT NULL,
    receipt     text COLLATE "C" NOT NULL,
    month       text NOT NULL,
    worker      text COLLATE "C" NOT NULL,
    pledge      text COLLATE "C",
    idr         bigint NOT NULL,
    reason      text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (shard, seq, line)
);
CREATE INDEX misfits_remittance ON misfits (remittance, shard, seq, line);

CREATE TABLE remittances (
    remittance    text COLLATE "C" PRIMARY KEY,
    shard         integer NOT NULL,
    donor         text COLLATE "C" NOT NULL,
    city          text NOT NULL,
    month         text NOT NULL,
    payment       text NOT NULL,
    pledges       text[] NOT NULL,
    workers       integer NOT NULL,
    idr           bigint NOT NULL,
    pay_code      text NOT NULL,
    due_on        date NOT NULL,
    prepared_at   timestamptz NOT NULL,
    overdue_at    timestamptz,
    paid_on       date,
    paid_at       timestamptz,
    channel       text,
    confirmed     integer NOT NULL DEFAULT 0,
    confirmed_idr bigint NOT NULL DEFAULT 0,
    rejected      integer NOT NULL DEFAULT 0,
    rejected_idr  bigint NOT NULL DEFAULT 0,
    CONSTRAINT remittances_answered CHECK (confirmed >= 0 AND rejected >= 0 AND confirmed + rejected <= workers)
);
CREATE INDEX remittances_month ON remittances (month, city, remittance);
CREATE INDEX remittances_donor ON remittances (donor, remittance);
CREATE INDEX remittances_pay_code ON remittances (pay_code);

-- a pledge's months once they are billed: what became of them, in workers and rupiah
CREATE TABLE pledge_months (
    pledge        text COLLATE "C" NOT NULL,
    month         text NOT NULL,
    workers       integer NOT NULL DEFAULT 0,
    idr           bigint NOT NULL DEFAULT 0,
    paid_idr      bigint NOT NULL DEFAULT 0,
    confirmed     integer NOT NULL DEFAULT 0,
    confirmed_idr bigint NOT NULL DEFAULT 0,
    rejected      integer NOT NULL DEFAULT 0,
    rejected_idr  bigint NOT NULL DEFAULT 0,
    unpaid_idr    bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (pledge, month)
);

CREATE TABLE cycles (
    city      text NOT NULL,
    month     text NOT NULL,
    shard     integer NOT NULL,
    billed_at timestamptz NOT NULL,
    closed_at timestamptz,
    unpaid    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (city, month)
);

-- A worker-month in its one state: due | paid | confirmed | rejected | unpaid.
CREATE VIEW worker_months AS
SELECT i.worker, i.month, i.idr, i.tariff, b.pledge, b.remittance, b.bill, b.billed_at, r.donor, r.city,
       CASE WHEN o.outcome IS NOT NULL THEN o.outcome
            WHEN r.paid_at IS NOT NULL THEN 'paid'
            WHEN c.closed_at IS NOT NULL THEN 'unpaid'
            ELSE 'due' END AS state,
       o.reason, o.receipt, COALESCE(o.recorded_at, r.paid_at, b.billed_at) AS recorded_at, i.shard, i.bill AS bill_seq
FROM iuran AS i
JOIN bills AS b ON b.shard = i.shard AND b.seq = i.bill
LEFT JOIN remittances AS r ON r.remittance = b.remittance
LEFT JOIN cycles AS c ON c.city = r.city AND c.month = i.month
LEFT JOIN LATERAL (
    SELECT outcome, reason, receipt, recorded_at FROM outcomes
    WHERE outcomes.worker = i.worker AND outcomes.month = i.month
    ORDER BY seq DESC LIMIT 1
) AS o ON true;
