-- billed: what must agree once a town's month is billed
SELECT (SELECT count(DISTINCT worker) FROM holds) AS held,
       (SELECT sum(idr) FROM balances) AS balance,
       (SELECT count(*) FROM iuran) AS worker_months,
       (SELECT sum(idr) FROM iuran) AS iuran_idr,
       (SELECT sum(workers) FROM remittances) AS prepared,
       (SELECT sum(idr) FROM remittances) AS billed_idr;
