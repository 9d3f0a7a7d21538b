/* The types of events, in the order of config/events.yaml, and the topics that they travel in. */
#ifndef KPISIM_VOCABULARY_H
#define KPISIM_VOCABULARY_H

#define TOPICS(X)                       \
	X(CALLS, "sales.calls")         \
	X(EMAILS, "sales.emails")       \
	X(PROPOSALS, "sales.proposals") \
	X(DEALS, "sales.deals")         \
	X(LEADS, "sales.leads")         \
	X(MEETINGS, "sales.meetings")   \
	X(COSTS, "sales.costs")         \
	X(SURVEYS, "sales.surveys")     \
	X(PRICES, "sales.prices")       \
	X(SUBSCRIPTIONS, "sales.subscriptions")

#define EVENT_TYPES(X)                                                 \
	X(CALL_SCHEDULED, "call.scheduled", CALLS)                     \
	X(CALL_COMPLETED, "call.completed", CALLS)                     \
	X(EMAIL_SENT, "email.sent", EMAILS)                            \
	X(EMAIL_RECEIVED, "email.received", EMAILS)                    \
	X(PROPOSAL_SENT, "proposal.sent", PROPOSALS)                   \
	X(PROPOSAL_VIEWED, "proposal.viewed", PROPOSALS)               \
	X(PROPOSAL_ACCEPTED, "proposal.accepted", PROPOSALS)           \
	X(PROPOSAL_DECLINED, "proposal.declined", PROPOSALS)           \
	X(DEAL_CREATED, "deal.created", DEALS)                         \
	X(DEAL_UPDATED, "deal.updated", DEALS)                         \
	X(DEAL_CLOSED, "deal.closed", DEALS)                           \
	X(DEAL_REOPENED, "deal.reopened", DEALS)                       \
	X(DEAL_REFUNDED, "deal.refunded", DEALS)                       \
	X(LEAD_CREATED, "lead.created", LEADS)                         \
	X(LEAD_STAGE_CHANGED, "lead.stage_changed", LEADS)             \
	X(LEAD_CLOSED, "lead.closed", LEADS)                           \
	X(MEETING_INVITED, "meeting.invited", MEETINGS)                \
	X(MEETING_ANSWERED, "meeting.answered", MEETINGS)              \
	X(MEETING_ENDED, "meeting.ended", MEETINGS)                    \
	X(COST_RECORDED, "cost.recorded", COSTS)                       \
	X(SURVEY_ANSWERED, "survey.answered", SURVEYS)                 \
	X(PRICE_SET, "price.set", PRICES)                              \
	X(PRICE_OBSERVED, "price.observed", PRICES)                    \
	X(SUBSCRIPTION_STARTED, "subscription.started", SUBSCRIPTIONS) \
	X(SUBSCRIPTION_RENEWED, "subscription.renewed", SUBSCRIPTIONS) \
	X(SUBSCRIPTION_ENDED, "subscription.ended", SUBSCRIPTIONS)     \
	X(EVENT_RETRACTED, "event.retracted", CALLS) /* in truth in the topic of what it takes back */

enum topic {
#define TOPIC_ENUM(name, text) TOPIC_##name,
	TOPICS(TOPIC_ENUM)
#undef TOPIC_ENUM
		TOPIC_COUNT
};

enum event_type {
#define EVENT_ENUM(name, text, topic) EVENT_##name,
	EVENT_TYPES(EVENT_ENUM)
#undef EVENT_ENUM
		EVENT_TYPE_COUNT
};

/* Topics that the daemon writes: what it refused, and what came too late. */
#define TOPIC_DEAD_LETTERS "sales.dead_letters"
#define TOPIC_LATE "sales.late"

const char *topic_name(enum topic topic);
const char *event_type_name(enum event_type type);
enum topic event_type_topic(enum event_type type);

#endif
