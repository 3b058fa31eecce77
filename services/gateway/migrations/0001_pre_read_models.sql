-- What the gateway answers from. Up to the line "edge tables" all of it can be made again from the gateway's own log and
-- its copy of the other logs (inbox). Each column is written by facts of one source alone, so that the order in which the
-- sources arrive does not matter. Personal data is nowhere here; it lies in the vault.

-- from gateway.facts ------------------------------------------------------------------------------------------------

CREATE TABLE donors (
    donor         text PRIMARY KEY,
    kind          text NOT NULL,
    language      text NOT NULL,
    registered_at timestamptz NOT NULL,
    opted_out     boolean NOT NULL DEFAULT false,
    erased        boolean NOT NULL DEFAULT false
);

-- a pledge as the donor worded it, with what was amended and cancelled since
CREATE TABLE pledges (
    pledge         text PRIMARY KEY,
    donor          text NOT NULL,
    city           text NOT NULL,
    slots          integer NOT NULL,
    months         integer NOT NULL,
    starts         text NOT NULL,
    areas          text[] NOT NULL,
    occupations    text[] NOT NULL,
    workers        text[] NOT NULL,
    near           text,
    payment        text NOT NULL,
    programmes     text[] NOT NULL,
    keep           boolean NOT NULL,
    amount_idr     bigint,
    reference      text,
    registered_at  timestamptz NOT NULL,
    cancelled_from text
);
CREATE INDEX pledges_donor ON pledges (donor, pledge);
CREATE INDEX pledges_city ON pledges (city, pledge);

CREATE TABLE workers (
    worker         text PRIMARY KEY,
    shard          integer NOT NULL,
    city           text NOT NULL,
    area           text NOT NULL,
    occupation     text NOT NULL,
    eligible_until text NOT NULL,
    registered_at  timestamptz NOT NULL,
    ended_reason   text,
    ended_on       date,
    erased         boolean NOT NULL DEFAULT false
);
CREATE INDEX workers_area ON workers (area text_pattern_ops, worker);
-- who has aged out on a shard: read at the beginning of each day
CREATE INDEX workers_eligible ON workers (shard, eligible_until) WHERE ended_reason IS NULL AND NOT erased;

-- from matcher.facts ------------------------------------------------------------------------------------------------

-- a pledge as the matcher sees it. `filled` counts its matches that were made and not ended.
-- status: open | suspended | ended | refused (a pledge without a row here is registered, and not yet seen by the matcher)
CREATE TABLE pledge_matching (
    pledge         text PRIMARY KEY,
    status         text NOT NULL,
    slots          integer NOT NULL,
    until          text,
    filled         integer NOT NULL DEFAULT 0,
    ended_reason   text,
    last_month     text,
    refused_code   text,
    refused_detail text
);

-- a match runs from `from_month` to `until`, both included; one with `until` before `from_month` never took effect
CREATE TABLE matches (
    match        text PRIMARY KEY,
    worker       text NOT NULL,
    pledge       text NOT NULL,
    from_month   text NOT NULL,
    until        text NOT NULL,
    reason       text NOT NULL,
    ended_reason text
);
CREATE INDEX matches_worker ON matches (worker, from_month);
CREATE INDEX matches_pledge ON matches (pledge, match);

-- from ledger.facts -------------------------------------------------------------------------------------------------

-- There are few months, so PostgreSQL finds those of a worker by its primary key, too (skip scan).
CREATE TABLE covered_months (
    worker     text NOT NULL,
    month      text NOT NULL,
    remittance text NOT NULL,
    PRIMARY KEY (month, worker)
);

CREATE TABLE worker_cover (
    worker        text PRIMARY KEY,
    covered_until text NOT NULL,
    spell_months  integer NOT NULL,
    lapsed_month  text
);

CREATE TABLE remittances (
    remittance text PRIMARY KEY,
    donor      text NOT NULL,
    city       text NOT NULL,
    month      text NOT NULL,
    payment    text NOT NULL,
    pledges    text[] NOT NULL,
    workers    integer NOT NULL,
    total_idr  bigint NOT NULL,
    pay_code   text NOT NULL,
    due_on     date NOT NULL,
    paid_on    date
);
CREATE INDEX remittances_month ON remittances (month, remittance);
CREATE INDEX remittances_pay_code ON remittances (pay_code);
CREATE INDEX remittances_pledges ON remittances USING gin (pledges);

-- from several sources, each writing columns of its own --------------------------------------------------------------

-- requested_*: gateway; fixed_workers: matcher; billed_*, closed_*, refused_exceptions: ledger
CREATE TABLE cycles (
    city                 text NOT NULL,
    month                text NOT NULL,
    billing_requested_at timestamptz,
    closing_requested_at timestamptz,
    fixed_workers        integer,
    billed_worker_months integer,
    billed_idr           bigint,
    refused_exceptions   integer,
    closed_at            timestamptz,
    closed_confirmed     integer,
    closed_rejected      integer,
    closed_unpaid        integer,
    closed_confirmed_idr bigint,
    PRIMARY KEY (city, month)
);

CREATE VIEW cycle_states AS
SELECT city, month,
       CASE WHEN closed_at IS NOT NULL THEN 'closed'
            WHEN billed_worker_months IS NOT NULL THEN 'billed'
            WHEN billing_requested_at IS NOT NULL OR fixed_workers IS NOT NULL THEN 'billing'
            ELSE 'open' END AS state
FROM cycles;

-- who is protected or waits, with the match that lasts longest and the cover confirmed so far
CREATE VIEW worker_statuses AS
SELECT w.worker, w.city, w.area, w.occupation, w.eligible_until, w.ended_reason, w.ended_on, w.erased,
       m.pledge, m.until AS matched_until, c.covered_until, coalesce(c.spell_months, 0) AS spell_months, c.lapsed_month
FROM workers w
LEFT JOIN worker_cover c USING (worker)
LEFT JOIN LATERAL (
    SELECT pledge, until FROM matches
    WHERE matches.worker = w.worker AND until >= from_month
    ORDER BY until DESC, from_month DESC, match DESC LIMIT 1
) m ON true;

-- dead letters of all services. state: dead | redriven
CREATE TABLE all_dead_letters (
    service    text NOT NULL,
    shard      integer NOT NULL,
    source     text NOT NULL,
    source_seq bigint NOT NULL,
    about      text NOT NULL,
    code       text NOT NULL,
    detail     text NOT NULL,
    at         timestamptz NOT NULL,
    state      text NOT NULL,
    PRIMARY KEY (service, shard, source, source_seq, about)
);
CREATE INDEX all_dead_letters_dead ON all_dead_letters (service, about) WHERE state = 'dead';

-- edge tables: no projections; they belong to HTTP and are not made again from the logs ------------------------------

-- `hash` is the SHA-256 of the whole key
CREATE TABLE api_keys (
    id         text PRIMARY KEY,
    role       text NOT NULL CHECK (role IN ('operator', 'donor', 'field', 'auditor')),
    hash       bytea NOT NULL UNIQUE,
    donor      text,
    areas      text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
);

-- answers already sent, kept for 24 hours; written in the transaction of the command that led to them. A refusal is not
-- kept: nothing was done, so asking again may be answered otherwise. `body_hash` is keyed: bodies hold personal data.
-- `shard` is where the command was decided; null for what takes several steps.
CREATE TABLE idempotency (
    key_id     text NOT NULL,
    key        text NOT NULL,
    body_hash  bytea NOT NULL,
    status     integer NOT NULL,
    shard      integer,
    body       bytea NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (key_id, key)
);
CREATE INDEX idempotency_created ON idempotency (created_at);

-- the history of one pledge, worker or donor
CREATE INDEX facts_stream ON facts (stream);

-- which notices a fact led to: asked for the timeline of a pledge
CREATE INDEX inbox_notices ON inbox (cause) WHERE source = 'notifier' AND kind = 'notices.requested';

-- the facts of all services as one sequence: the own ones lie in `facts`, those of the others in `inbox`
CREATE VIEW events AS
SELECT 'gateway'::text AS service, shard, seq, stream, kind, version, at, body, actor, cause, trace, chain FROM facts
UNION ALL
SELECT source, shard, seq, stream, kind, version, at, body, actor, cause, trace, chain FROM inbox;
