-- The tables of a service's log, in the schema of each service. `facts` is the truth: the service's role may read it and
-- add to it, nothing else. Head and cursors are rewritten with each batch, so their pages keep room to do that in place.

CREATE TABLE head (
    shard integer PRIMARY KEY,
    epoch bigint NOT NULL,
    seq   bigint NOT NULL,
    chain bytea NOT NULL,
    owner text NOT NULL
) WITH (fillfactor = 20);

CREATE TABLE facts (
    shard   integer NOT NULL,
    seq     bigint NOT NULL,
    stream  text NOT NULL,
    kind    text NOT NULL,
    version smallint NOT NULL,
    at      timestamptz NOT NULL,
    body    bytea NOT NULL,
    actor   text NOT NULL,
    cause   text NOT NULL,
    trace   text NOT NULL,
    chain   bytea NOT NULL,
    PRIMARY KEY (shard, seq)
);

CREATE TABLE cursors (
    shard        integer NOT NULL,
    source       text NOT NULL,
    seq          bigint NOT NULL,
    chain        bytea NOT NULL,
    topic_offset bigint NOT NULL,
    PRIMARY KEY (shard, source)
) WITH (fillfactor = 20);

CREATE TABLE snapshots (
    shard  integer PRIMARY KEY,
    seq    bigint NOT NULL,
    format integer NOT NULL,
    data   bytea NOT NULL,
    at     timestamptz NOT NULL
);

-- dead: could not be read or decided; waiting: behind a dead one of its stream; redriven: decided after all;
-- foreign: a record on the topic that is none of the log, kept only to be seen
CREATE TABLE dead_letters (
    shard        integer NOT NULL,
    source       text NOT NULL,
    seq          bigint NOT NULL,
    stream       text NOT NULL,
    kind         text NOT NULL,
    version      integer NOT NULL,
    at           timestamptz NOT NULL,
    body         bytea NOT NULL,
    actor        text NOT NULL,
    cause        text NOT NULL,
    trace        text NOT NULL,
    chain        bytea NOT NULL,
    code         text NOT NULL,
    detail       text NOT NULL,
    state        text NOT NULL CHECK (state IN ('dead', 'waiting', 'redriven', 'foreign')),
    topic_offset bigint NOT NULL,
    PRIMARY KEY (shard, source, seq, topic_offset)
);
CREATE INDEX dead_letters_blocking ON dead_letters (shard, source, seq) WHERE state IN ('dead', 'waiting');
