/* What can be due: every action has one flow that does it. */
#ifndef KPISIM_ACTIONS_H
#define KPISIM_ACTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct world;

#define ACTIONS(X)                                                         \
	X(DAY, day) /* what the day brings: leads, costs, prices */        \
	X(COST, cost)                                                      \
	X(PRICE, price)                                                    \
	X(MOOD, mood)         /* a survey among the reps */                \
	X(SCRIPTED, scripted) /* an event at the edge of something */      \
	X(LEAD, lead)                                                      \
	X(LEAD_AGAIN, lead_again) /* created once more while it is open */ \
	X(LEAD_END, lead_end)                                              \
	X(TOUCH, touch)     /* a rep turns to the customer */              \
	X(CALL, call)       /* a scheduled call */                         \
	X(REPLY, reply)     /* the customer writes or calls */             \
	X(ANSWER, answer)   /* the rep writes back */                      \
	X(INVITED, invited) /* the customer answers an invitation */       \
	X(MEETING, meeting)                                                \
	X(CARE, care) /* an existing customer gets in touch */             \
	X(DEAL, deal)                                                      \
	X(UPDATE, update)                                                  \
	X(PROPOSE, propose)                                                \
	X(VIEW, view)                                                      \
	X(DECIDE, decide)                                                  \
	X(CLOSE, close)                                                    \
	X(REOPEN, reopen)                                                  \
	X(REFUND, refund)                                                  \
	X(SURVEY, survey)                                                  \
	X(SUBSCRIBE, subscribe)                                            \
	X(RENEW, renew)

enum action_kind {
#define ACTION_ENUM(name, flow) ACTION_##name,
	ACTIONS(ACTION_ENUM)
#undef ACTION_ENUM
};

/* One planned action, with what its flow has to remember. */
struct action {
	enum action_kind kind;
	uint8_t step; /* how many touches so far; or which one of several */
	uint8_t deal_type;
	bool won;
	bool repeated; /* a second sending or closing */
	uint32_t customer;
	uint32_t deal;
	uint32_t other; /* the proposal, thread, call, meeting or subscription */
	int64_t amount;
	int64_t created; /* when the deal was */
	bool announced;  /* by deal.created */
};

#define ACTION_DECLARE(name, flow) void flow_##flow(struct world *world, const struct action *action);
ACTIONS(ACTION_DECLARE)
#undef ACTION_DECLARE

#endif
