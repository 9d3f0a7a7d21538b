-- What counts as of T: the events before T, and of those the closes in force (figures.md, section 1).
-- pos is the place in the order of events; ties of different customers never meet.

DROP VIEW IF EXISTS visible;
CREATE VIEW visible AS SELECT * FROM event WHERE time < (SELECT t FROM as_of);

-- Without those that were taken back.
DROP TABLE IF EXISTS ev;
CREATE TABLE ev AS SELECT * FROM visible WHERE gone IS NULL OR gone >= (SELECT t FROM as_of) ORDER BY pos;
CREATE UNIQUE INDEX ev_pos ON ev (pos);
CREATE INDEX ev_deal ON ev (customer, deal, type, pos);
CREATE INDEX ev_proposal ON ev (customer, proposal, type, pos);

DROP TABLE IF EXISTS closed;
CREATE TABLE closed AS
SELECT * FROM ev AS c
WHERE type = 'deal.closed'
  AND NOT EXISTS (SELECT 1 FROM ev AS e
                  WHERE e.customer = c.customer AND e.deal = c.deal AND e.pos > c.pos
                    AND e.type IN ('deal.closed', 'deal.reopened')
                    AND e.time - c.time <= (SELECT reach FROM as_of));
CREATE INDEX closed_deal ON closed (customer, deal, pos);

-- Beyond the reach a deal may be closed again, but it is open only until the first time.
DROP TABLE IF EXISTS first_close;
CREATE TABLE first_close AS
SELECT * FROM closed WHERE pos IN (SELECT MIN(pos) FROM closed GROUP BY customer, deal);
CREATE UNIQUE INDEX first_close_deal ON first_close (customer, deal);

DROP TABLE IF EXISTS won;
CREATE TABLE won AS SELECT * FROM closed WHERE outcome = 'won';
CREATE UNIQUE INDEX won_pos ON won (pos);
CREATE INDEX won_customer ON won (customer, pos);
CREATE INDEX won_deal ON won (customer, deal, pos);

DROP TABLE IF EXISTS created;
CREATE TABLE created AS
SELECT * FROM ev WHERE pos IN (SELECT MIN(pos) FROM ev WHERE type = 'deal.created' GROUP BY customer, deal);
CREATE UNIQUE INDEX created_deal ON created (customer, deal);

-- A creation behind a close in force opens nothing.
DROP TABLE IF EXISTS open_deal;
CREATE TABLE open_deal AS
SELECT o.time AS opened, c.time AS ended, o.owner
FROM created AS o LEFT JOIN first_close AS c USING (customer, deal)
WHERE c.pos IS NULL OR c.pos > o.pos;

-- Filled by cycles.py.
DROP TABLE IF EXISTS lead;
CREATE TABLE lead (pos INTEGER PRIMARY KEY, customer, opened INTEGER, ended INTEGER, owner INTEGER, end_pos INTEGER);
CREATE UNIQUE INDEX lead_end ON lead (end_pos);
DROP TABLE IF EXISTS lead_stage;
CREATE TABLE lead_stage (stage, entered INTEGER, left_ INTEGER);
DROP TABLE IF EXISTS wait;
CREATE TABLE wait (kind, opened INTEGER, open_owner INTEGER, ended INTEGER, end_owner INTEGER);
DROP TABLE IF EXISTS member;
CREATE TABLE member (pos INTEGER PRIMARY KEY, customer, opened INTEGER, ended INTEGER, owner INTEGER);
DROP TABLE IF EXISTS lifetime;
CREATE TABLE lifetime (time INTEGER, owner INTEGER, amount INTEGER);

-- Whatever is a contact with somebody who may be a lead.
DROP TABLE IF EXISTS contact;
CREATE TABLE contact AS
SELECT customer, time, pos FROM ev
WHERE type = 'email.sent'
   OR type = 'call.completed' AND direction = 'outbound'
   OR type = 'meeting.ended' AND outcome = 'held';
CREATE INDEX contact_customer ON contact (customer, time, pos);

-- Whatever an existing customer does that shows engagement: calls of either direction, automatic mail too.
DROP TABLE IF EXISTS engagement;
CREATE TABLE engagement AS
SELECT customer, time, pos FROM ev
WHERE type IN ('email.received', 'proposal.viewed')
   OR type = 'call.completed' AND outcome = 'connected'
   OR type = 'meeting.answered' AND answer = 'accepted';
CREATE INDEX engagement_customer ON engagement (customer, time, pos);

-- Whatever is done with a customer on the way to a win.
DROP TABLE IF EXISTS touch;
CREATE TABLE touch AS
SELECT customer, pos FROM ev
WHERE type IN ('call.completed', 'email.sent')
   OR type = 'meeting.ended' AND outcome = 'held';
CREATE INDEX touch_customer ON touch (customer, pos);
