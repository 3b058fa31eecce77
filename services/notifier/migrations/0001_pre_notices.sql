-- What the notifier knows besides its log. All of it can be made again from the logs that it is folded from.
-- Personal data is nowhere here: names, numbers and addresses lie in the vault and are read when a notice is sent.
-- Words, keys and parameters of a notice are nowhere here either: its id leads to the line of the log that holds them.

-- from notifier.facts -----------------------------------------------------------------------------------------------

-- Notices that were never tried: a queue, emptied as they are sent. Recipient and key (64 bits of its hash) are unique,
-- here and in `notices`: the law that each notice is sent once. A second notice of one key finds no place, and
-- only what is here is sent.
CREATE TABLE owed (
    notice     uuid PRIMARY KEY,
    recipient  uuid NOT NULL,
    key        bigint NOT NULL,
    not_before timestamptz NOT NULL,
    shard      smallint NOT NULL,
    UNIQUE (recipient, key)
);
CREATE INDEX owed_due ON owed (shard, not_before, notice);

-- Notices that were tried, one narrow row each, written once unless a target needs more attempts.
-- state: delayed (some target waits for another try) | failed (some target was given up) | sent |
--        suppressed (sent to nobody: opted out, erased, no channel; `code` says which)
-- mailbox_at: when it was put into the mailbox; other targets are in `deliveries`
CREATE TABLE notices (
    notice     uuid PRIMARY KEY,
    recipient  uuid NOT NULL,
    key        bigint NOT NULL,
    mailbox_at timestamptz,
    state      text NOT NULL,
    code       text,
    UNIQUE (recipient, key)
);
CREATE INDEX notices_unsent ON notices (state, notice) WHERE state <> 'sent';

-- A notice's way to one target outside: a channel and, for webhooks, which one (else empty).
-- state: sent | delayed | failed | suppressed
CREATE TABLE deliveries (
    notice   uuid NOT NULL,
    channel  text NOT NULL,
    webhook  text NOT NULL DEFAULT '',
    state    text NOT NULL,
    attempt  smallint NOT NULL,
    shard    smallint NOT NULL,
    at       timestamptz NOT NULL,
    retry_at timestamptz,
    code     text,
    PRIMARY KEY (notice, channel, webhook)
);
CREATE INDEX deliveries_delayed ON deliveries (shard, retry_at, notice) WHERE state = 'delayed';

-- webhooks that answered 410: they are called no more
CREATE TABLE webhooks_gone (
    webhook text PRIMARY KEY,
    gone_at timestamptz NOT NULL
);

-- from gateway.facts ------------------------------------------------------------------------------------------------

-- what persons chose, and who must receive no more notices; a person without a row chose nothing
CREATE TABLE people (
    person              uuid PRIMARY KEY,
    registered_language text,
    language            text,
    channels            text[],
    opted_out           boolean NOT NULL DEFAULT false,
    erased              boolean NOT NULL DEFAULT false,
    -- why a worker left the list
    ended               text
);
