-- A copy of the facts of other services, for a service whose read models are made from all logs. Append-only, like facts.

CREATE TABLE inbox (
    shard   integer NOT NULL,
    source  text NOT NULL,
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
    PRIMARY KEY (shard, source, seq)
);
-- the history of one entity; by the stream alone, so that a stream is stored once for all its facts
CREATE INDEX inbox_stream ON inbox (stream);
