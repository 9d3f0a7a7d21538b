-- Every measure as dated facts: what happened when, for whom, how much (money in ten-thousandths, durations in ms).
-- Which facts fall into which window is asked in totals.sql only.

DROP TABLE IF EXISTS fact;
CREATE TABLE fact (measure, time INTEGER, rep, team, amount INTEGER, middle INTEGER);

INSERT INTO fact (measure, time, rep, team) SELECT 'events', time, rep, team FROM ev;

-- Deals.
INSERT INTO fact (measure, time, rep, team) SELECT outcome, time, rep, team FROM closed;
INSERT INTO fact (measure, time, rep, team, amount)
SELECT 'revenue', time, rep, team, amount FROM won WHERE deal_type <> 'renewal'
UNION ALL SELECT 'revenue', time, rep, team, amount FROM ev WHERE type = 'subscription.renewed'
UNION ALL SELECT 'revenue', time, rep, team, -amount FROM ev WHERE type = 'deal.refunded';
INSERT INTO fact (measure, time, rep, team, amount)
SELECT 'won_' || deal_type, time, rep, team, amount FROM won WHERE deal_type IN ('upsell', 'cross_sell');

INSERT INTO fact (measure, time, rep, team) SELECT 'created', time, rep, team FROM created;
INSERT INTO fact (measure, time, rep, team)
SELECT 'created_won', o.time, o.rep, o.team FROM created AS o JOIN won AS w USING (customer, deal)
WHERE w.pos > o.pos AND w.time - o.time <= 90 * 86400000;

INSERT INTO fact (measure, time, rep, team, amount)
SELECT 'cycle', time, rep, team, time - began
FROM (SELECT w.time, w.rep, w.team, CASE WHEN o.pos < w.pos THEN o.time ELSE w.created_at END AS began
      FROM won AS w LEFT JOIN created AS o USING (customer, deal))
WHERE began IS NOT NULL;

-- Waits: response takes rep and team of the request, first_response those of the response.
INSERT INTO fact (measure, time, rep, team, amount)
SELECT kind, ended, open_rep, open_team, ended - opened FROM wait WHERE kind = 'response' AND ended NOT NULL
UNION ALL
SELECT kind, ended, end_rep, end_team, ended - opened FROM wait WHERE kind = 'first_response' AND ended NOT NULL;

-- Leads.
INSERT INTO fact (measure, time, rep, team) SELECT 'leads', opened, rep, team FROM lead;
INSERT INTO fact (measure, time, rep, team)
SELECT 'leads_won', opened, rep, team FROM lead AS l
WHERE EXISTS (SELECT 1 FROM won AS w
              WHERE w.customer = l.customer AND w.pos > l.pos AND w.time - l.opened <= 90 * 86400000);
INSERT INTO fact (measure, time, rep, team)
SELECT 'first_win', time, rep, team FROM won WHERE pos IN (SELECT MIN(pos) FROM won GROUP BY customer);

-- Subscriptions that ended, with rep and team of the end.
INSERT INTO fact (measure, time, rep, team, amount) SELECT 'lifetime', time, rep, team, amount FROM lifetime;

-- Replies, calls, meetings.
INSERT INTO fact (measure, time, rep, team)
SELECT sentiment, time, rep, team FROM ev
WHERE type = 'email.received' AND NOT auto AND sentiment IN ('positive', 'negative');
INSERT INTO fact (measure, time, rep, team)
SELECT 'call_' || outcome, time, rep, team FROM ev WHERE type = 'call.completed' AND direction = 'outbound';
INSERT INTO fact (measure, time, rep, team)
SELECT 'calls_made', time, rep, team FROM ev WHERE type = 'call.completed' AND direction = 'outbound';
INSERT INTO fact (measure, time, rep, team)
SELECT 'meeting_' || answer, time, rep, team FROM ev WHERE type = 'meeting.answered'
UNION ALL SELECT 'meeting_' || outcome, time, rep, team FROM ev WHERE type = 'meeting.ended';
INSERT INTO fact (measure, time, rep, team)
SELECT type, time, rep, team FROM ev WHERE type IN ('call.scheduled', 'email.sent', 'proposal.sent');

-- Costs and answers to surveys: they may have no customer, so nothing here may join on one.
INSERT INTO fact (measure, time, rep, team, amount)
SELECT 'cost_' || category, time, rep, team, amount FROM ev WHERE type = 'cost.recorded';
INSERT INTO fact (measure, time, rep, team) SELECT survey, time, rep, team FROM ev WHERE type = 'survey.answered';
INSERT INTO fact (measure, time, rep, team)
SELECT survey || '_high', time, rep, team FROM ev
WHERE type = 'survey.answered' AND score >= CASE survey WHEN 'csat' THEN 4 ELSE 9 END
UNION ALL
SELECT survey || '_low', time, rep, team FROM ev
WHERE type = 'survey.answered' AND survey <> 'csat' AND score <= 6;

-- Proposals: the first sending of each, and whether anything came of it.
INSERT INTO fact (measure, time, rep, team)
SELECT 'first_sent', time, rep, team FROM ev
WHERE pos IN (SELECT MIN(pos) FROM ev WHERE type = 'proposal.sent' GROUP BY customer, proposal);
INSERT INTO fact (measure, time, rep, team)
SELECT 'first_sent_interest', time, rep, team FROM ev AS s
WHERE pos IN (SELECT MIN(pos) FROM ev WHERE type = 'proposal.sent' GROUP BY customer, proposal)
  AND EXISTS (SELECT 1 FROM ev AS e
              WHERE e.customer = s.customer AND e.proposal = s.proposal AND e.pos > s.pos
                AND e.type IN ('proposal.viewed', 'proposal.accepted', 'proposal.declined')
                AND e.time - s.time <= 30 * 86400000);

-- Quantiles are counted over buckets; a pair stands for the middle of its own.
UPDATE fact SET middle = (SELECT middle FROM bucket WHERE low <= fact.amount ORDER BY low DESC LIMIT 1)
WHERE measure IN ('cycle', 'response', 'first_response');
