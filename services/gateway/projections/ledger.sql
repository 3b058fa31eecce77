-- covered_months: worker-months that BPJS confirmed
-- One live iuran per worker and month is the ledger's law; should a month be confirmed again, the newest counts.
INSERT INTO covered_months (worker, month, remittance)
SELECT * FROM unnest($1::text[], $2::text[], $3::text[])
ON CONFLICT (month, worker) DO UPDATE SET remittance = excluded.remittance

-- worker_cover: until when workers are covered, and for how long without a break
INSERT INTO worker_cover (worker, covered_until, spell_months)
SELECT * FROM unnest($1::text[], $2::text[], $3::integer[])
ON CONFLICT (worker) DO UPDATE SET covered_until = excluded.covered_until, spell_months = excluded.spell_months

-- worker_lapsed: the month without confirmed iuran after a covered one
INSERT INTO worker_cover (worker, covered_until, spell_months, lapsed_month)
SELECT worker, covered_until, 0, month FROM unnest($1::text[], $2::text[], $3::text[]) AS lapsed (worker, covered_until, month)
ON CONFLICT (worker) DO UPDATE SET spell_months = 0, lapsed_month = excluded.lapsed_month

-- remittance: what one payer has to pay
INSERT INTO remittances (remittance, donor, city, month, payment, pledges, workers, total_idr, pay_code, due_on)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- remittance_paid: and has paid
UPDATE remittances SET paid_on = $2 WHERE remittance = $1

-- cycle_billed: a month billed as a whole
INSERT INTO cycles (city, month, billed_worker_months, billed_idr) VALUES ($1, $2, $3, $4)
ON CONFLICT (city, month) DO UPDATE SET billed_worker_months = $3, billed_idr = $4

-- cycle_closed: a month closed
INSERT INTO cycles (city, month, closed_at, closed_confirmed, closed_rejected, closed_unpaid, closed_confirmed_idr)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (city, month) DO UPDATE
SET closed_at = $3, closed_confirmed = $4, closed_rejected = $5, closed_unpaid = $6, closed_confirmed_idr = $7

-- close_refused: how many exceptions stand in the way
INSERT INTO cycles (city, month, refused_exceptions) VALUES ($1, $2, $3)
ON CONFLICT (city, month) DO UPDATE SET refused_exceptions = $3
