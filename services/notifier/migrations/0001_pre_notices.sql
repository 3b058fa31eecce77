-- What the notifier knows besides its log. All of it can be made again from the logs that it is folded from.
-- Personal data is nowhere here: names, numbers and addresses lie in the vault and are read when a notice is sent.

-- from notifier.facts -----------------------------------------------------------------------------------------------

-- A notice and how it stands. The unique key is the law "told once": a second notice of one key finds no place here, and
-- only what is here is ever sent.
-- state: owed (never tried) | delayed (some target waits for another try) | failed (some target was given up) | sent |
--        suppressed (sent to nobody: opted out, erased, no channel)
CREATE TABLE notices (
    notice       text COLLATE "C" PRIMARY KEY,
    key          text COLLATE "C" NOT NULL UNIQUE,
    shard        integer NOT NULL,
    recipient    text COLLATE "C" NOT NULL,
    template     text NOT NULL,
    language     text NOT NULL,
    params       jsonb NOT NULL,
    requested_at timestamptz NOT NULL,
    not_before   timestamptz NOT NULL,
    state        text NOT NULL DEFAULT 'owed',
    code         text
);
CREATE INDEX notices_recipient ON notices (recipient, notice);
CREATE INDEX notices_owed ON notices (shard, not_before, notice) WHERE state = 'owed';
CREATE INDEX notices_unhappy ON notices (state, notice) WHERE state <> 'sent';

-- A notice's way to one target: a channel and, for webhooks, which one (else empty).
-- state: sent | delayed | failed | suppressed
CREATE TABLE deliveries (
    notice   text COLLATE "C" NOT NULL,
    channel  text NOT NULL,
    webhook  text NOT NULL DEFAULT '',
    shard    integer NOT NULL,
    state    text NOT NULL,
    attempt  integer NOT NULL,
    at       timestamptz NOT NULL,
    code     text,
    retry_at timestamptz,
    PRIMARY KEY (notice, channel, webhook)
);
CREATE INDEX deliveries_delayed ON deliveries (shard, retry_at, notice) WHERE state = 'delayed';
CREATE INDEX deliveries_mailbox ON deliveries (notice) WHERE channel = 'mailbox' AND state = 'sent';

-- webhooks that answered 410: they are called no more
CREATE TABLE webhooks_gone (
    webhook text PRIMARY KEY,
    gone_at timestamptz NOT NULL
);

-- from gateway.facts ------------------------------------------------------------------------------------------------

-- what persons chose, and who must not be told any more; a person without a row chose nothing
CREATE TABLE people (
    person              text COLLATE "C" PRIMARY KEY,
    registered_language text,
    language            text,
    channels            text[],
    opted_out           boolean NOT NULL DEFAULT false,
    erased              boolean NOT NULL DEFAULT false,
    -- why a worker left the list
    ended               text
);
