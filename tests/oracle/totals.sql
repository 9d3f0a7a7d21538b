-- Each window by itself, straight from the facts and the stocks. Amounts are summed in two halves of 64 bits each,
-- since a sum of large amounts does not fit into one.

DROP TABLE IF EXISTS part;
CREATE TABLE part (measure, win, rep, team, n INTEGER, high INTEGER, low INTEGER);

-- Only growth looks at the interval before (role prev), and only at revenue.
INSERT INTO part
SELECT f.measure || w.role, w.name, f.rep, f.team, COUNT(*),
       COALESCE(SUM(f.amount / 1000000000), 0), COALESCE(SUM(f.amount % 1000000000), 0)
FROM win AS w CROSS JOIN fact AS f
WHERE f.time >= w.start AND f.time < w.to_ AND (w.role = '' OR f.measure = 'revenue')
GROUP BY f.measure, w.role, w.name, f.rep, f.team;

-- Stocks just before the window's end.
INSERT INTO part
SELECT 'open_deals', w.name, d.rep, d.team, COUNT(*),
       COALESCE(SUM((w.to_ - opened) / 1000000000), 0), COALESCE(SUM((w.to_ - opened) % 1000000000), 0)
FROM win AS w CROSS JOIN open_deal AS d
WHERE w.role = '' AND opened < w.to_ AND (ended IS NULL OR ended >= w.to_)
GROUP BY w.name, d.rep, d.team;

INSERT INTO part
SELECT 'waiting', w.name, open_rep, open_team, COUNT(*), 0, 0
FROM win AS w CROSS JOIN wait
WHERE w.role = '' AND kind = 'response' AND opened < w.to_ AND (ended IS NULL OR ended >= w.to_)
  AND opened + 14 * 86400000 >= w.to_
GROUP BY w.name, open_rep, open_team;

INSERT INTO part
SELECT 'open_leads', w.name, rep, team, COUNT(*), 0, 0
FROM win AS w CROSS JOIN lead
WHERE w.role = '' AND opened < w.to_ AND (ended IS NULL OR ended >= w.to_)
GROUP BY w.name, rep, team;

INSERT INTO part
SELECT 'nurtured', w.name, rep, team, COUNT(*), 0, 0
FROM win AS w CROSS JOIN lead AS l
WHERE w.role = '' AND opened < w.to_ AND (ended IS NULL OR ended >= w.to_)
  AND EXISTS (SELECT 1 FROM contact AS c
              WHERE c.customer = l.customer AND c.time >= w.start AND c.time < w.to_ AND c.pos > l.pos)
GROUP BY w.name, rep, team;

INSERT INTO part
SELECT 'customers', w.name, rep, team, COUNT(*), 0, 0
FROM win AS w CROSS JOIN member
WHERE w.role = '' AND opened < w.to_ AND (ended IS NULL OR ended >= w.to_)
GROUP BY w.name, rep, team;

INSERT INTO part
SELECT 'engaged', w.name, rep, team, COUNT(*), 0, 0
FROM win AS w CROSS JOIN member AS m
WHERE w.role = '' AND opened < w.to_ AND (ended IS NULL OR ended >= w.to_)
  AND EXISTS (SELECT 1 FROM engagement AS e
              WHERE e.customer = m.customer AND e.time >= w.start AND e.time < w.to_ AND e.pos > m.pos)
GROUP BY w.name, rep, team;

-- The three dimensions: whatever adds up is the sum over reps and teams.
DROP TABLE IF EXISTS total;
CREATE TABLE total AS
SELECT 'company' AS dimension, 'all' AS key, measure, win, SUM(n) AS n, SUM(high) AS high, SUM(low) AS low
FROM part GROUP BY measure, win
UNION ALL SELECT 'team', team, measure, win, SUM(n), SUM(high), SUM(low) FROM part GROUP BY team, measure, win
UNION ALL SELECT 'rep', rep, measure, win, SUM(n), SUM(high), SUM(low) FROM part GROUP BY rep, measure, win;

-- Accounts do not add up: a customer of two reps is one account of the company. A refund makes no account.
DROP TABLE IF EXISTS paid;
CREATE TABLE paid AS
SELECT DISTINCT w.name AS win, e.rep, e.team, e.customer
FROM win AS w CROSS JOIN (SELECT time, rep, team, customer FROM won WHERE deal_type <> 'renewal'
                          UNION ALL SELECT time, rep, team, customer FROM ev WHERE type = 'subscription.renewed') AS e
WHERE w.role = '' AND e.time >= w.start AND e.time < w.to_;

INSERT INTO total
SELECT 'company', 'all', 'accounts', win, COUNT(DISTINCT customer), 0, 0 FROM paid GROUP BY win
UNION ALL SELECT 'team', team, 'accounts', win, COUNT(DISTINCT customer), 0, 0 FROM paid GROUP BY team, win
UNION ALL SELECT 'rep', rep, 'accounts', win, COUNT(DISTINCT customer), 0, 0 FROM paid GROUP BY rep, win;

-- Quantiles do not add up: they are ranked for every key anew.
DROP TABLE IF EXISTS pair;
CREATE TABLE pair AS
SELECT f.measure, w.name AS win, f.rep, f.team, f.middle
FROM win AS w CROSS JOIN fact AS f
WHERE w.role = '' AND f.middle NOT NULL AND f.time >= w.start AND f.time < w.to_;

DROP TABLE IF EXISTS quantile;
CREATE TABLE quantile AS
WITH owned AS (SELECT 'company' AS dimension, 'all' AS key, measure, win, middle FROM pair
               UNION ALL SELECT 'team', team, measure, win, middle FROM pair
               UNION ALL SELECT 'rep', rep, measure, win, middle FROM pair),
     ranked AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY dimension, key, measure, win ORDER BY middle) AS place,
                       COUNT(*) OVER (PARTITION BY dimension, key, measure, win) AS n
                FROM owned)
SELECT dimension, key, measure, win, q.percent, r.n, r.middle
FROM ranked AS r JOIN (SELECT 50 AS percent UNION ALL SELECT 90) AS q
  ON r.place = (q.percent * r.n + 99) / 100;
