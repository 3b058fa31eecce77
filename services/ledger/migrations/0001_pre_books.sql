-- The books as tables. All of them can be made again from the ledger's own log: rows carry the shard and number of the
-- fact that they come from, and no clock, sequence or chance. What happened to a worker-month is never overwritten, so it
-- can be asked as of any time. Months in columns of type smallint count from year 0: year * 12 + month - 1. Workers are
-- the UUIDs in their ids. What a fact says is not copied: entries and the lines of bills are read from the log itself.

-- Bills and holdings list up to a thousand ids, of which compression takes longer than all else and saves a third.
ALTER TABLE facts ALTER COLUMN body SET STORAGE EXTERNAL;

-- the terms of each pledge as they stand
CREATE TABLE pledges (
    pledge         text COLLATE "C" PRIMARY KEY,
    shard          smallint NOT NULL,
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

CREATE INDEX facts_stream ON facts (stream);

-- The journal, of which `facts_stream` finds the entries of a pledge. `postings` is {account: idr}, sums to zero.
-- `effective` is the day on which an entry counts, `recorded_at` when we came to know of it.
CREATE VIEW entries AS
SELECT f.shard, f.seq, f.stream AS pledge, e.what, e.about, e.month, e.corrects,
       COALESCE(e.effective, (f.at AT TIME ZONE 'Asia/Jakarta')::date) AS effective, f.at AS recorded_at, e.holding, e.postings
FROM facts AS f
CROSS JOIN json_to_record(convert_from(f.body, 'UTF8')::json)
    AS e (what text, about text, month text, corrects text, effective date, holding json, postings json)
WHERE f.kind = 'entry.posted';

CREATE VIEW postings AS
SELECT e.shard, e.seq, e.pledge, e.what, e.month, e.effective, e.recorded_at, p.key AS account, p.value::bigint AS idr
FROM entries AS e
CROSS JOIN json_each_text(e.postings) AS p;

-- The entries with the number of the entry that they correct.
CREATE VIEW journal AS
SELECT e.*, c.seq AS corrected
FROM entries AS e
LEFT JOIN LATERAL (
    SELECT seq FROM entries
    WHERE pledge = e.pledge AND what = 'iuran.rejected' AND about = e.corrects
    ORDER BY seq LIMIT 1
) AS c ON e.corrects IS NOT NULL;

-- The entries that hold money for matches of a worker, or free it.
CREATE TABLE holds (
    worker uuid NOT NULL,
    seq    bigint NOT NULL,
    shard  smallint NOT NULL,
    PRIMARY KEY (worker, seq, shard)
);

-- The balance of each account, as it stands. The law of its side of zero is kept here once more.
CREATE TABLE balances (
    account text COLLATE "C" NOT NULL,
    shard   smallint NOT NULL,
    idr     bigint NOT NULL,
    PRIMARY KEY (account, shard),
    CONSTRAINT balances_side CHECK (
        CASE WHEN account LIKE 'donor:%' OR account LIKE 'bpjs:%' THEN idr <= 0 ELSE idr >= 0 END
    )
);

CREATE TABLE bills (
    shard      smallint NOT NULL,
    seq        bigint NOT NULL,
    remittance text COLLATE "C" NOT NULL,
    pledge     text COLLATE "C" NOT NULL,
    workers    integer NOT NULL,
    billed_at  timestamptz NOT NULL,
    PRIMARY KEY (shard, seq)
);
CREATE INDEX bills_remittance ON bills (remittance, seq);

-- One row per worker and month: its key is the law "one live iuran per worker and month". `bill` is the seq of its bill.
CREATE TABLE iuran (
    worker uuid NOT NULL,
    bill   bigint NOT NULL,
    idr    integer NOT NULL,
    month  smallint NOT NULL,
    shard  smallint NOT NULL,
    PRIMARY KEY (worker, month)
);

-- The facts that answer worker-months with what a receipt of BPJS says of them.
CREATE TABLE receipts (
    shard       smallint NOT NULL,
    seq         bigint NOT NULL,
    receipt     text COLLATE "C" NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (shard, seq)
);

-- What BPJS says of a worker-month, in order; the newest holds. Rejected ones have a reason.
CREATE TABLE outcomes (
    worker uuid NOT NULL,
    seq    bigint NOT NULL,
    month  smallint NOT NULL,
    shard  smallint NOT NULL,
    reason text,
    PRIMARY KEY (worker, month, seq)
);

-- `misfits` counts the lines of receipts that fit no worker-month of the remittance, or not as it is.
CREATE TABLE remittances (
    remittance    text COLLATE "C" PRIMARY KEY,
    shard         smallint NOT NULL,
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
    misfits       integer NOT NULL DEFAULT 0,
    CONSTRAINT remittances_answered CHECK (confirmed >= 0 AND rejected >= 0 AND confirmed + rejected <= workers)
);
CREATE INDEX remittances_month ON remittances (month, city, remittance);
CREATE INDEX remittances_donor ON remittances (donor, remittance);
CREATE INDEX remittances_pay_code ON remittances (pay_code);

-- A pledge's months: for how many matches money is held, and once they are billed (`workers` is not 0), what became of
-- them, in workers and rupiah.
CREATE TABLE pledge_months (
    pledge        text COLLATE "C" NOT NULL,
    month         text NOT NULL,
    held          integer NOT NULL DEFAULT 0,
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
    shard     smallint NOT NULL,
    billed_at timestamptz NOT NULL,
    closed_at timestamptz,
    unpaid    integer NOT NULL DEFAULT 0,
    PRIMARY KEY (city, month)
);
