-- Each window by itself, straight from the facts and the stocks. Amounts are summed in two halves of 64 bits each,
-- since a sum of large amounts does not fit into one.

DROP TABLE IF EXISTS part;
CREATE TABLE part (measure, win, owner, n INTEGER, high INTEGER, low INTEGER);

-- Only growth looks at the interval before (role prev), and only at revenue.
INSERT INTO part
SELECT f.measure || w.role, w.name, f.owner, COUNT(*),
       COALESCE(SUM(f.amount / 1000000000), 0), COALESCE(SUM(f.amount % 1000000000), 0)
FROM win AS w CROSS JOIN fact AS f
WHERE f.split IS NULL AND f.time >= w.start AND f.time < w.to_ AND (w.role = '' OR f.measure = 'revenue')
GROUP BY f.measure, w.role, w.name, f.owner;

-- Stocks just before the window's end.
INSERT INTO part
SELECT 'open_deals', w.name, d.owner, COUNT(*),
       COALESCE(SUM((w.to_ - opened) / 1000000000), 0), COALESCE(SUM((w.to_ - opened) % 1000000000), 0)
FROM win AS w CROSS JOIN open_deal AS d
WHERE w.role = '' AND opened < w.to_ AND (ended IS NULL OR ended >= w.to_)
GROUP BY w.name, d.owner;

INSERT INTO part
SELECT 'waiting', w.name, open_owner, COUNT(*), 0, 0
FROM win AS w CROSS JOIN wait
WHERE w.role = '' AND kind = 'response' AND opened < w.to_ AND (ended IS NULL OR ended >= w.to_)
  AND opened + 14 * 86400000 >= w.to_
GROUP BY w.name, open_owner;

INSERT INTO part
SELECT 'open_leads', w.name, owner, COUNT(*), 0, 0
FROM win AS w CROSS JOIN lead
WHERE w.role = '' AND opened < w.to_ AND (ended IS NULL OR ended >= w.to_)
GROUP BY w.name, owner;

INSERT INTO part
SELECT 'nurtured', w.name, owner, COUNT(*), 0, 0
FROM win AS w CROSS JOIN lead AS l
WHERE w.role = '' AND opened < w.to_ AND (ended IS NULL OR ended >= w.to_)
  AND EXISTS (SELECT 1 FROM contact AS c
              WHERE c.customer = l.customer AND c.time >= w.start AND c.time < w.to_ AND c.pos > l.pos)
GROUP BY w.name, owner;

INSERT INTO part
SELECT 'customers', w.name, owner, COUNT(*), 0, 0
FROM win AS w CROSS JOIN member
WHERE w.role = '' AND opened < w.to_ AND (ended IS NULL OR ended >= w.to_)
GROUP BY w.name, owner;

INSERT INTO part
SELECT 'engaged', w.name, owner, COUNT(*), 0, 0
FROM win AS w CROSS JOIN member AS m
WHERE w.role = '' AND opened < w.to_ AND (ended IS NULL OR ended >= w.to_)
  AND EXISTS (SELECT 1 FROM engagement AS e
              WHERE e.customer = m.customer AND e.time >= w.start AND e.time < w.to_ AND e.pos > m.pos)
GROUP BY w.name, owner;

-- The stock of existing customers just before the window: who was in it, who stayed; and who came since.
INSERT INTO part
SELECT 'opening', w.name, owner, COUNT(*), 0, 0
FROM win AS w CROSS JOIN member
WHERE w.role = '' AND opened < w.start AND (ended IS NULL OR ended >= w.start)
GROUP BY w.name, owner;

INSERT INTO part
SELECT 'stayed', w.name, owner, COUNT(*), 0, 0
FROM win AS w CROSS JOIN member
WHERE w.role = '' AND opened < w.start AND (ended IS NULL OR ended >= w.to_)
GROUP BY w.name, owner;

INSERT INTO part
SELECT 'joined', w.name, owner, COUNT(*), 0, 0
FROM win AS w CROSS JOIN member
WHERE w.role = '' AND opened >= w.start AND opened < w.to_
GROUP BY w.name, owner;

-- Every dimension: an owner is counted under each of its keys.
DROP TABLE IF EXISTS total;
CREATE TABLE total AS
WITH held AS (SELECT k.dimension, k.key, measure, win, n, part.high, part.low
              FROM part JOIN owner_key AS k USING (owner) WHERE k.first
              UNION ALL
              SELECT k.dimension, k.key, f.measure || w.role, w.name, k.first,
                     part_of(f.amount, k.low, k.high) / 1000000000, part_of(f.amount, k.low, k.high) % 1000000000
              FROM win AS w CROSS JOIN fact AS f JOIN owner_key AS k USING (owner)
              WHERE f.split AND f.time >= w.start AND f.time < w.to_ AND (w.role = '' OR f.measure = 'revenue'))
SELECT dimension, key, measure, win, SUM(n) AS n, SUM(high) AS high, SUM(low) AS low
FROM held GROUP BY dimension, key, measure, win;

-- The stage of a lead is no matter of its owner, since it changes.
INSERT INTO total
SELECT 'stage', stage, 'open_leads', w.name, COUNT(*), 0, 0
FROM win AS w CROSS JOIN lead_stage
WHERE w.role = '' AND entered < w.to_ AND (left_ IS NULL OR left_ >= w.to_)
GROUP BY stage, w.name;

-- Accounts do not add up: a customer of two reps is one account of the company. A refund makes no account.
INSERT INTO total
SELECT k.dimension, k.key, 'accounts', w.name, COUNT(DISTINCT e.customer), 0, 0
FROM win AS w CROSS JOIN (SELECT time, owner, customer FROM won WHERE deal_type <> 'renewal'
                          UNION ALL SELECT time, owner, customer FROM ev WHERE type = 'subscription.renewed') AS e
     JOIN owner_key AS k USING (owner)
WHERE w.role = '' AND e.time >= w.start AND e.time < w.to_
GROUP BY k.dimension, k.key, w.name;

-- Quantiles do not add up: they are ranked for every key anew.
DROP TABLE IF EXISTS quantile;
CREATE TABLE quantile AS
WITH owned AS (SELECT k.dimension, k.key, f.measure, w.name AS win, f.middle
               FROM win AS w CROSS JOIN fact AS f JOIN owner_key AS k USING (owner)
               WHERE w.role = '' AND f.middle NOT NULL AND f.time >= w.start AND f.time < w.to_
                 AND k.first AND k.dimension IN ('company', 'team', 'rep')),
     ranked AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY dimension, key, measure, win ORDER BY middle) AS place,
                       COUNT(*) OVER (PARTITION BY dimension, key, measure, win) AS n
                FROM owned)
SELECT dimension, key, measure, win, q.percent, r.n, r.middle
FROM ranked AS r JOIN (SELECT 50 AS percent UNION ALL SELECT 90) AS q
  ON r.place = (q.percent * r.n + 99) / 100;

-- The prices that are current just before the window's end: of each the last one, if it is no older than 30 days.
-- With MAX(pos) the other columns are those of the row that has it.
DROP TABLE IF EXISTS quote;
CREATE TABLE quote AS
SELECT win, product, own, amount
FROM (SELECT w.name AS win, w.to_, product, type = 'price.set' AS own,
             CASE type WHEN 'price.observed' THEN competitor END AS whose, time, amount, MAX(pos)
      FROM win AS w CROSS JOIN ev
      WHERE w.role = '' AND type IN ('price.set', 'price.observed') AND time < w.to_
      GROUP BY w.name, product, own, whose)
WHERE time >= to_ - 1 - 30 * 86400000;
