-- What the matcher's log says, as rows. All of it can be made again from the log; decisions never read it. Only proofs
-- of a whole city do, so there are no indexes but the keys. Workers and matches are the UUIDs in their ids, their months
-- count from year 0: year * 12 + month - 1.

-- workers on the list; unlisted is why one left it
CREATE TABLE workers (
    worker         uuid PRIMARY KEY,
    shard          smallint NOT NULL,
    band           smallint NOT NULL,
    eligible_until smallint NOT NULL,
    city           text NOT NULL,
    area           text COLLATE "C" NOT NULL,
    occupation     text NOT NULL,
    unlisted       text
);

-- status: open | suspended | ended
CREATE TABLE pledges (
    pledge      text COLLATE "C" PRIMARY KEY,
    shard       integer NOT NULL,
    city        text NOT NULL,
    donor       text COLLATE "C" NOT NULL,
    slots       integer NOT NULL,
    starts      text NOT NULL,
    until       text NOT NULL,
    areas       text[] NOT NULL,
    occupations text[] NOT NULL,
    workers     text[] NOT NULL,
    keep        boolean NOT NULL,
    status      text NOT NULL
);

-- who is protected by which slot, from month to month; until < from_month: it never took effect
CREATE TABLE matches (
    match      uuid PRIMARY KEY,
    worker     uuid NOT NULL,
    pledge     uuid NOT NULL,
    shard      smallint NOT NULL,
    from_month smallint NOT NULL,
    until      smallint NOT NULL,
    reason     text NOT NULL,
    ended      text
);

-- the last fixed month of a city
CREATE TABLE cities (
    city  text PRIMARY KEY,
    shard integer NOT NULL,
    fixed text NOT NULL
);
