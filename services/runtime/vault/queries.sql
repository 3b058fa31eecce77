-- find: who is known by these keyed hashes
SELECT hash, person FROM vault.lookups WHERE hash = ANY($1::bytea[])

-- claim: assign each keyed hash to a person unless it has one
-- Waits for a rival's transaction to end. Sorted, so that two rivals meet in the same order and cannot deadlock.
INSERT INTO vault.lookups (hash, person)
SELECT hash, person FROM unnest($1::bytea[], $2::text[]) AS claims (hash, person) ORDER BY hash
ON CONFLICT (hash) DO NOTHING
RETURNING hash, person

-- store: new persons
INSERT INTO vault.persons (person, key_version, wrapped_key, sealed)
SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bytea[])

-- read: sealed records of those who are not erased
SELECT person, key_version, wrapped_key, sealed FROM vault.persons
WHERE person = ANY($1::text[]) AND wrapped_key IS NOT NULL

-- lock: one person's sealed record, until the transaction ends
SELECT key_version, wrapped_key, sealed, erased_at FROM vault.persons WHERE person = $1 FOR UPDATE

-- update: put another sealed record in the place of a person's last one
UPDATE vault.persons SET sealed = $2 WHERE person = $1

-- destroy_key: destroy a person's key; the ciphertext stays as the tombstone
UPDATE vault.persons SET wrapped_key = NULL, key_version = NULL, erased_at = $2 WHERE person = $1

-- forget: remove the look-up of a person, so that the identifier leads nowhere
DELETE FROM vault.lookups WHERE person = $1

-- stale: the next keys, in the order of their owners, that the present wrapping key did not wrap
-- Walks the primary key once; rows that somebody changes just now are waited for, never skipped.
SELECT person, key_version, wrapped_key FROM vault.persons
WHERE person > $1 AND wrapped_key IS NOT NULL AND key_version <> $2
ORDER BY person LIMIT $3 FOR UPDATE

-- rewrap: replace keys by the same keys, wrapped again
UPDATE vault.persons SET key_version = $1, wrapped_key = new.wrapped_key
FROM unnest($2::text[], $3::bytea[]) AS new (person, wrapped_key)
WHERE persons.person = new.person
