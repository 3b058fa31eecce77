-- find: whose key this is
SELECT id, role, hash, donor, areas FROM api_keys WHERE hash = $1 AND revoked_at IS NULL

-- add: a key for somebody
INSERT INTO api_keys (id, role, hash, donor, areas, created_at) VALUES ($1, $2, $3, $4, $5, $6)

-- revoke: take a key away for ever
UPDATE api_keys SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1 RETURNING id

-- list: all keys, without what is secret
SELECT id, role, donor, areas, created_at, revoked_at FROM api_keys WHERE id > $1 ORDER BY id LIMIT $2
