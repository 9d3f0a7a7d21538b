#include "tests/simulator/message.h"

#include "tests/simulator/shipped.h"

static const char *const types[SIM_TYPE_COUNT] = {
	[SIM_CALL_MADE] = "call.made",
	[SIM_REPLY_RECEIVED] = "reply.received",
	[SIM_DEAL_CREATED] = "deal.created",
	[SIM_DEAL_CLOSED] = "deal.closed",
	[SIM_DEAL_REOPENED] = "deal.reopened",
	[SIM_DEAL_REFUNDED] = "deal.refunded",
	[SIM_PRICE_SET] = "price.set",
	[SIM_EVENT_RETRACTED] = "event.retracted",
};

static const char *const outcomes[] = {"", "connected", "no_answer", "won", "lost"};

static void put_member(struct buf *out, const char *name, const char *text)
{
	if (*text)
		buf_printf(out, ",\"%s\":\"%s\"", name, text);
}

static void put_amount(struct buf *out, const struct sim_event *event)
{
	if (event->has_amount)
		buf_printf(out, ",\"amount\":%lld.%04lld", (long long)(event->amount / 10000),
			(long long)(event->amount % 10000));
}

void message_put(struct buf *out, const struct plan_record *record)
{
	const struct sim_event *event = &record->event;
	const char *type = event->shipped ? shipped_name(event) : types[event->type];
	buf_printf(out, "{\"type\":\"%s\",\"time\":%lld,\"id\":\"%s\"", type, (long long)event->time, event->id);
	put_member(out, "source", event->source);
	put_member(out, "customer", event->customer);
	put_member(out, "rep", event->rep);
	put_member(out, "deal", event->deal);
	put_member(out, "product", event->product);
	put_member(out, "retracts", event->retracts);
	put_member(out, "outcome", outcomes[event->outcome]);
	put_amount(out, event);
	buf_printf(out, "%s", event->rest);
	if (record->form != FORM_BROKEN)
		buf_put_byte(out, '}');
}

struct str message_key(const struct plan_record *record)
{
	const struct sim_event *event = &record->event;
	if (event->shipped)
		return shipped_key(event);
	return str_of(event->topic == 2 ? event->product : event->customer);
}
