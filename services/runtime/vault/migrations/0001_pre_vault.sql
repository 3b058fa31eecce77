-- The vault. No column holds plain personal data; these tables alone are ids and noise.

CREATE TABLE persons (
    person text PRIMARY KEY,
    -- fingerprint of the wrapping key; null together with the key once the person is erased
    key_version text,
    wrapped_key bytea,
    sealed bytea NOT NULL,
    erased_at timestamptz,
    CONSTRAINT erased_means_keyless CHECK ((wrapped_key IS NULL) = (erased_at IS NOT NULL)),
    CONSTRAINT key_has_version CHECK ((wrapped_key IS NULL) = (key_version IS NULL))
);
-- Ciphertext does not compress, and short rows are read whole.
ALTER TABLE persons ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE lookups (
    hash bytea PRIMARY KEY,
    person text NOT NULL UNIQUE
);
