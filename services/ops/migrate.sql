-- lock: let one migration run at a time on this database; held until the connection closes
SELECT pg_advisory_lock(hashtextextended('gemet sekul migrations', 0));

-- book: what was applied, with the hash of its text
CREATE SCHEMA IF NOT EXISTS migrations;
CREATE TABLE IF NOT EXISTS migrations.applied (
    schema text NOT NULL,
    part   text NOT NULL,
    file   text NOT NULL,
    hash   text NOT NULL,
    at     timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (schema, part, file)
);
CREATE TABLE IF NOT EXISTS migrations.format (
    number int NOT NULL,
    one    boolean PRIMARY KEY DEFAULT true CHECK (one)
);

-- format_kept: the format of the data, 1 where an older version left none, NULL in a new database
SELECT coalesce((SELECT number FROM migrations.format), (SELECT 1 FROM migrations.applied LIMIT 1));

-- keep_format: note the format of the data in a new database
INSERT INTO migrations.format (number) VALUES ($1) ON CONFLICT DO NOTHING;

-- applied: the files that were applied so far
SELECT schema, part, file, hash FROM migrations.applied;

-- enter: note a file as applied
INSERT INTO migrations.applied (schema, part, file, hash) VALUES ($1, $2, $3, $4);

-- role_known: whether a role exists; roles belong to the whole server
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1);

-- create_role: the words that make a login without any right; identifiers cannot be parameters
SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT', $1::text);

-- set_password: the words that store a password as its SCRAM verifier, so that it never travels in plain
SELECT format('ALTER ROLE %I PASSWORD %L', $1::text, $2::text);

-- schema: a schema without any right but those granted below
CREATE SCHEMA IF NOT EXISTS {schema};
REVOKE ALL ON SCHEMA {schema} FROM PUBLIC;

-- full: a service's own tables
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role};
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role};
GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role};

-- append_only: what was once written stays; a right, not a habit
REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{table} FROM {role};

-- read_only: for readers of the vault and for auditors
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {role};
GRANT USAGE ON SCHEMA {schema} TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA {schema} TO {role};
