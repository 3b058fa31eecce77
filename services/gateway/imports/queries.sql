-- create: a file has arrived
INSERT INTO imports (id, of, key_id, role, donor, areas, city, at, day, trace, pieces, rows_expected, key_version, wrapped_key)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)

-- store: a sealed piece of the file
INSERT INTO import_files (import_id, piece, sealed) VALUES ($1, $2, $3)

-- running: unfinished imports, the oldest first
SELECT id, of, key_id, role, donor, areas, city, at, day, trace, pieces, key_version, wrapped_key FROM imports
WHERE finished_at IS NULL ORDER BY id LIMIT $1

-- piece: one sealed piece
SELECT sealed FROM import_files WHERE import_id = $1 AND piece = $2

-- parts: the completed parts of a file, each with the number of its rows
SELECT chunk, shard, cardinality(numbers) AS rows FROM import_chunks WHERE import_id = $1

-- done: which of these parts are complete
SELECT import_id, chunk FROM import_chunks
WHERE shard = $1 AND (import_id, chunk) IN (SELECT * FROM unnest($2::text[], $3::integer[]))

-- record: a part is done, together with all that it led to
INSERT INTO import_chunks (import_id, chunk, shard, numbers, outcomes, codes, details, accepted, refused, duplicates)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- sums: outcomes of the rows so far, and the number of complete parts
SELECT count(*) AS parts, coalesce(sum(accepted), 0)::integer AS accepted, coalesce(sum(refused), 0)::integer AS refused,
       coalesce(sum(duplicates), 0)::integer AS duplicates
FROM import_chunks WHERE import_id = $1

-- finish: finish an import and destroy the key of its file; null if it is finished already
UPDATE imports SET finished_at = $2, code = $3, detail = $4, rows = $5, accepted = $6, refused = $7, duplicates = $8,
                   key_version = NULL, wrapped_key = NULL
WHERE id = $1 AND finished_at IS NULL RETURNING id

-- destroy_file: remove the sealed pieces of a file
DELETE FROM import_files WHERE import_id = $1

-- status: the progress of an import
SELECT id, of, key_id, at, rows_expected, code, detail, finished_at FROM imports WHERE id = $1

-- list: imports, the newest first; of one API key or of all
SELECT id, of, key_id, at, rows_expected, code, detail, finished_at FROM imports
WHERE ($1::text IS NULL OR key_id = $1) AND ($2::text IS NULL OR id < $2) ORDER BY id DESC LIMIT $3

-- report: outcomes of the rows of some chunks
SELECT chunk, numbers, outcomes, codes, details FROM import_chunks
WHERE import_id = $1 AND chunk >= $2 AND chunk < $3 ORDER BY chunk, shard

-- last_chunk: where the report ends for now
SELECT max(chunk) FROM import_chunks WHERE import_id = $1

-- resolved: the remittances that pay codes and ids of a file were resolved to
SELECT name, remittance, city, month FROM import_names WHERE import_id = $1 AND name = ANY($2::text[])

-- resolve: keep a resolution; the first one stays
INSERT INTO import_names (import_id, name, remittance, city, month)
SELECT $1, * FROM unnest($2::text[], $3::text[], $4::text[], $5::text[])
ON CONFLICT (import_id, name) DO NOTHING

-- remittances: remittances by pay code or id
SELECT remittance, pay_code, city, month FROM remittances WHERE remittance = ANY($1::text[]) OR pay_code = ANY($1::text[])

-- workers_known: which of these workers are on the list
SELECT worker FROM workers WHERE worker = ANY($1::text[])

-- covered: which of these worker-months are confirmed already
SELECT worker, month FROM covered_months WHERE (worker, month) IN (SELECT * FROM unnest($1::text[], $2::text[]))

-- pledges_known: pledges of these donors with one of these references
SELECT pledge, donor, reference, city, slots, months, starts FROM pledges
WHERE donor = ANY($1::text[]) AND reference = ANY($2::text[])
