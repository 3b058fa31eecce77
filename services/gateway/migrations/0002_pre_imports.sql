-- Files that people send: edge tables, no projections. What a file did is in the log; these rows tell its sender, row by
-- row, what became of it. A file is kept sealed under a key of its own until its last row is done, then both are destroyed.

CREATE TABLE imports (
    id          text PRIMARY KEY,
    of          text NOT NULL CHECK (of IN ('workers', 'pledges', 'receipts')),
    -- who sent it, as the API key was at that moment
    key_id      text NOT NULL,
    role        text NOT NULL,
    donor       text,
    areas       text[] NOT NULL,
    -- the city in which names of kelurahan are looked up, unless a row names one
    city        text,
    at          timestamptz NOT NULL,
    day         date NOT NULL,
    trace       text NOT NULL,
    pieces      integer NOT NULL,
    rows_expected integer,
    key_version text,
    wrapped_key bytea,
    -- what was wrong with the file as a whole, found while it was read
    code        text,
    detail      text,
    finished_at timestamptz,
    rows        integer NOT NULL DEFAULT 0,
    accepted    integer NOT NULL DEFAULT 0,
    refused     integer NOT NULL DEFAULT 0,
    duplicates  integer NOT NULL DEFAULT 0,
    CONSTRAINT finished_means_keyless CHECK ((finished_at IS NULL) = (wrapped_key IS NOT NULL))
);
CREATE INDEX imports_running ON imports (id) WHERE finished_at IS NULL;

CREATE TABLE import_files (
    import_id text NOT NULL REFERENCES imports,
    piece     integer NOT NULL,
    sealed    bytea NOT NULL,
    PRIMARY KEY (import_id, piece)
);
ALTER TABLE import_files ALTER COLUMN sealed SET STORAGE EXTERNAL;

-- Done is what has a row here: the rows of one chunk of the file that belong to one shard, committed together with the
-- facts that they led to. The arrays run side by side; no detail holds personal data.
CREATE TABLE import_chunks (
    import_id  text NOT NULL REFERENCES imports,
    chunk      integer NOT NULL,
    shard      integer NOT NULL,
    numbers    integer[] NOT NULL,
    outcomes   text[] NOT NULL,
    codes      text[] NOT NULL,
    details    text[] NOT NULL,
    accepted   integer NOT NULL,
    refused    integer NOT NULL,
    duplicates integer NOT NULL,
    PRIMARY KEY (import_id, chunk, shard)
);

-- What the pay codes of a file stood for when they were first looked up; null for nothing. Kept, so that a file that is
-- read again after a crash is divided in the same way.
CREATE TABLE import_names (
    import_id  text NOT NULL REFERENCES imports,
    name       text NOT NULL,
    remittance text,
    city       text,
    month      text,
    PRIMARY KEY (import_id, name)
);
