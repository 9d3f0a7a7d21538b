/* Calls, emails and meetings between a rep and a customer. */
#include "tools/kpisim/calendar.h"
#include "tools/kpisim/customer.h"

static void call_put(struct world *world, const struct action *action, const char *direction, const char *outcome)
{
	struct event event;

	world_event(world, &event, EVENT_CALL_COMPLETED, action->customer);
	if (action->other)
		event_ref(&event, "call", "call", action->other);
	event_text(&event, "direction", direction);
	event_text(&event, "outcome", outcome);
	if (strcmp(outcome, "connected") == 0)
		event_whole(&event, "duration_s", rng_spread(&world->rng, 240));
	world_send(world, &event);
}

void flow_call(struct world *world, const struct action *action)
{
	uint32_t skill = (uint32_t)world_skill(world, action->customer);
	uint16_t weights[] = {(uint16_t)(25 + skill / 30), 32, 9, 14};
	static const char *const outcomes[] = {"connected", "no_answer", "declined", "voicemail"};
	struct action back = {.kind = ACTION_REPLY, .customer = action->customer, .step = 1};
	uint32_t outcome = rng_pick(&world->rng, weights, 4);

	call_put(world, action, "outbound", outcomes[outcome]);
	if (outcome == 3 && rng_percent(&world->rng, 30))
		world_plan_awake(world, rng_spread(&world->rng, 3 * HOUR_MS), &back);
}

static void reply_plan(struct world *world, const struct action *action, uint32_t thread)
{
	struct action reply = {.kind = ACTION_REPLY, .customer = action->customer, .other = thread};

	if (rng_percent(&world->rng, 8)) {
		reply.repeated = true; /* an automatic one */
		world_plan(world, world->now + rng_between(&world->rng, 0, 20 * SECOND_MS), &reply);
	}
	reply.repeated = false;
	if (rng_percent(&world->rng, 42))
		world_plan_awake(world, rng_spread(&world->rng, 7 * HOUR_MS), &reply);
}

/* A rep writes, on his own account or back. */
void flow_answer(struct world *world, const struct action *action)
{
	static const uint16_t weights[] = {40, 33, 17, 10};
	static const char *const topics[] = {"product_info", "nurture", "other"};
	uint32_t about = rng_pick(&world->rng, weights, 4);
	uint32_t thread = action->other ? action->other : world_number(world);
	struct event event;

	world_event(world, &event, EVENT_EMAIL_SENT, action->customer);
	event_ref(&event, "thread", "t", thread);
	if (about < 3)
		event_text(&event, "about", topics[about]);
	if (rng_percent(&world->rng, 10))
		event_flag(&event, "auto", false);
	world_send(world, &event);
	reply_plan(world, action, thread);
}

static void email_receive(struct world *world, const struct action *action, uint32_t thread)
{
	static const uint16_t weights[] = {36, 14, 35, 15};
	static const char *const sentiments[] = {"positive", "negative", "neutral"};
	uint32_t sentiment = rng_pick(&world->rng, weights, 4);
	struct event event;

	world_event(world, &event, EVENT_EMAIL_RECEIVED, action->customer);
	event_ref(&event, "thread", "t", thread);
	if (sentiment < 3)
		event_text(&event, "sentiment", sentiments[sentiment]);
	if (action->repeated || rng_percent(&world->rng, 10))
		event_flag(&event, "auto", action->repeated);
	world_send(world, &event);
}

void flow_reply(struct world *world, const struct action *action)
{
	uint32_t thread = action->other ? action->other : world_number(world);
	struct action answer = {.kind = ACTION_ANSWER, .customer = action->customer, .other = thread};
	int64_t patience = 15 * MINUTE_MS + (1000 - world_skill(world, action->customer)) * 30 * SECOND_MS;

	if (!action->repeated && (action->step == 1 || rng_percent(&world->rng, 25))) {
		call_put(world, &(struct action){.customer = action->customer}, "inbound",
			rng_percent(&world->rng, 90) ? "connected" : "no_answer");
		return;
	}
	email_receive(world, action, thread);
	if (!action->repeated && rng_percent(&world->rng, 55))
		world_plan_work(world, rng_spread(&world->rng, patience), &answer);
}

void flow_invited(struct world *world, const struct action *action)
{
	bool accepted = rng_percent(&world->rng, 72);
	struct action meeting = {.kind = ACTION_MEETING, .customer = action->customer, .other = action->other};
	struct event event;

	world_event(world, &event, EVENT_MEETING_ANSWERED, action->customer);
	event_ref(&event, "meeting", "m", action->other);
	event_text(&event, "answer", accepted ? "accepted" : "declined");
	world_send(world, &event);
	if (accepted)
		world_plan_work(world, rng_spread(&world->rng, 2 * DAY_MS), &meeting);
}

void flow_meeting(struct world *world, const struct action *action)
{
	struct event event;

	world_event(world, &event, EVENT_MEETING_ENDED, action->customer);
	event_ref(&event, "meeting", "m", action->other);
	event_text(&event, "outcome", rng_percent(&world->rng, 86) ? "held" : "no_show");
	world_send(world, &event);
}
