-- Every measure as dated facts: what happened when, for whom, how much (money in ten-thousandths, durations in ms). The
-- owner is that of the event that the fact counts for. Which facts fall into which window is asked in totals.sql.

DROP TABLE IF EXISTS fact;
CREATE TABLE fact (measure, time INTEGER, owner INTEGER, amount INTEGER, middle INTEGER, split INTEGER);

INSERT INTO fact (measure, time, owner) SELECT 'events', time, owner FROM visible;

-- Deals.
INSERT INTO fact (measure, time, owner) SELECT outcome, time, owner FROM closed;
INSERT INTO fact (measure, time, owner, amount)
SELECT 'revenue', time, owner, amount FROM won WHERE deal_type <> 'renewal'
UNION ALL SELECT 'revenue', time, owner, amount FROM ev WHERE type = 'subscription.renewed'
UNION ALL SELECT 'revenue', time, owner, -amount FROM ev WHERE type = 'deal.refunded';
INSERT INTO fact (measure, time, owner, amount)
SELECT 'won_' || deal_type, time, owner, amount FROM won WHERE deal_type IN ('upsell', 'cross_sell');

INSERT INTO fact (measure, time, owner) SELECT 'created', time, owner FROM created;
INSERT INTO fact (measure, time, owner)
SELECT 'created_won', time, owner FROM created AS o
WHERE EXISTS (SELECT 1 FROM won AS w
              WHERE w.customer = o.customer AND w.deal = o.deal AND w.pos > o.pos
                AND w.time - o.time <= 90 * 86400000);

-- A deal may be won again beyond the reach: what was created before the last time has had its pair.
INSERT INTO fact (measure, time, owner, amount)
SELECT 'cycle', time, owner, time - began
FROM (SELECT w.*, COALESCE((SELECT o.time FROM ev AS o
                            WHERE o.type = 'deal.created' AND o.customer = w.customer AND o.deal = w.deal
                              AND o.pos < w.pos AND o.pos > w.last_won
                            ORDER BY o.pos LIMIT 1), w.created_at) AS began
      FROM (SELECT won.*, LAG(pos, 1, -1) OVER (PARTITION BY customer, deal ORDER BY pos) AS last_won FROM won) AS w)
WHERE began IS NOT NULL;

-- Waits: response is counted for the owner of the request, first_response for that of the response.
INSERT INTO fact (measure, time, owner, amount)
SELECT kind, ended, open_owner, ended - opened FROM wait WHERE kind = 'response' AND ended NOT NULL
UNION ALL
SELECT kind, ended, end_owner, ended - opened FROM wait WHERE kind = 'first_response' AND ended NOT NULL;

-- Leads.
INSERT INTO fact (measure, time, owner) SELECT 'leads', opened, owner FROM lead;
INSERT INTO fact (measure, time, owner)
SELECT 'leads_won', opened, owner FROM lead AS l
WHERE EXISTS (SELECT 1 FROM won AS w
              WHERE w.customer = l.customer AND w.pos > l.pos AND w.time - l.opened <= 90 * 86400000);
INSERT INTO fact (measure, time, owner)
SELECT 'first_win', time, owner FROM won WHERE pos IN (SELECT MIN(pos) FROM won GROUP BY customer);

-- Subscriptions that ended, for the owner of the end.
INSERT INTO fact (measure, time, owner, amount) SELECT 'lifetime', time, owner, amount FROM lifetime;

-- What it took to win, over the closes that had a beginning.
INSERT INTO fact (measure, time, owner, amount)
SELECT 'touches', time, owner, (SELECT COUNT(*) FROM touch AS t
                                WHERE t.customer = w.customer AND t.pos > w.began AND t.pos < w.pos)
FROM (SELECT won.*, COALESCE((SELECT l.pos FROM lead AS l WHERE l.end_pos = won.pos),
                             (SELECT o.pos FROM created AS o JOIN first_close AS c USING (customer, deal)
                              WHERE c.pos = won.pos AND o.pos < won.pos)) AS began
      FROM won) AS w
WHERE began NOT NULL;

-- Replies, calls, meetings.
INSERT INTO fact (measure, time, owner)
SELECT sentiment, time, owner FROM ev
WHERE type = 'email.received' AND NOT auto AND sentiment IN ('positive', 'negative');
INSERT INTO fact (measure, time, owner)
SELECT 'call_' || outcome, time, owner FROM ev WHERE type = 'call.completed' AND direction = 'outbound';
INSERT INTO fact (measure, time, owner)
SELECT 'calls_made', time, owner FROM ev WHERE type = 'call.completed' AND direction = 'outbound';
INSERT INTO fact (measure, time, owner)
SELECT 'meeting_' || answer, time, owner FROM ev WHERE type = 'meeting.answered'
UNION ALL SELECT 'meeting_' || outcome, time, owner FROM ev WHERE type = 'meeting.ended';
INSERT INTO fact (measure, time, owner)
SELECT type, time, owner FROM ev WHERE type IN ('call.scheduled', 'email.sent', 'proposal.sent');

-- Costs and answers to surveys: they may have no customer, so nothing here may join on one.
INSERT INTO fact (measure, time, owner, amount)
SELECT 'cost_' || category, time, owner, amount FROM ev WHERE type = 'cost.recorded';
INSERT INTO fact (measure, time, owner) SELECT survey, time, owner FROM ev WHERE type = 'survey.answered';
INSERT INTO fact (measure, time, owner)
SELECT survey || '_high', time, owner FROM ev
WHERE type = 'survey.answered' AND score >= CASE survey WHEN 'csat' THEN 4 ELSE 9 END
UNION ALL
SELECT survey || '_low', time, owner FROM ev
WHERE type = 'survey.answered' AND survey <> 'csat' AND score <= 6;

-- Proposals: the first sending of each, and whether anything came of it.
INSERT INTO fact (measure, time, owner)
SELECT 'first_sent', time, owner FROM ev
WHERE pos IN (SELECT MIN(pos) FROM ev WHERE type = 'proposal.sent' GROUP BY customer, proposal);
INSERT INTO fact (measure, time, owner)
SELECT 'first_sent_interest', time, owner FROM ev AS s
WHERE pos IN (SELECT MIN(pos) FROM ev WHERE type = 'proposal.sent' GROUP BY customer, proposal)
  AND EXISTS (SELECT 1 FROM ev AS e
              WHERE e.customer = s.customer AND e.proposal = s.proposal AND e.pos > s.pos
                AND e.type IN ('proposal.viewed', 'proposal.accepted', 'proposal.declined')
                AND e.time - s.time <= 30 * 86400000);

-- Quantiles are counted over buckets; a pair stands for the middle of its own.
UPDATE fact SET middle = (SELECT middle FROM bucket WHERE low <= fact.amount ORDER BY low DESC LIMIT 1)
WHERE measure IN ('cycle', 'response', 'first_response');

-- The amounts of closes whose credit is split.
UPDATE fact SET split = 1
WHERE measure IN ('revenue', 'won_upsell', 'won_cross_sell')
  AND owner IN (SELECT owner FROM owner_key WHERE dimension = 'rep' AND high - low < 10000);
