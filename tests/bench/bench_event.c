#include "tests/bench/bench_event.h"

#include "base/text.h"

#include <stdio.h>

const char *const bench_topics[BENCH_TOPICS] = {"sales.calls", "sales.emails", "sales.deals"};

enum kind { CALL, EMAIL_SENT, EMAIL_RECEIVED, WON, LOST, KINDS };
static const uint16_t weights[KINDS] = {40, 30, 20, 4, 6};

static const struct {
	int topic;
	const char *members;
} kinds[KINDS] = {
	[CALL] = {0,
		"\"type\":\"call.completed\",\"direction\":\"outbound\",\"outcome\":\"connected\",\"duration_s\":312"},
	[EMAIL_SENT] = {1, "\"type\":\"email.sent\",\"about\":\"product_info\""},
	[EMAIL_RECEIVED] = {1, "\"type\":\"email.received\",\"about\":\"product_info\",\"sentiment\":\"positive\""},
	[WON] = {2, "\"type\":\"deal.closed\",\"outcome\":\"won\",\"amount\":1250.5"},
	[LOST] = {2, "\"type\":\"deal.closed\",\"outcome\":\"lost\",\"amount\":980"},
};

void bench_events_init(struct bench_events *events, uint64_t seed, uint32_t customers, uint32_t reps)
{
	*events = (struct bench_events){.customers = customers, .reps = reps};
	rng_init(&events->rng, seed, 1);
	buf_init(&events->key);
	buf_init(&events->value);
}

/* What a message has besides that nobody asks for. */
static void fill_up(struct buf *value)
{
	static const char note[] = ",\"note\":\"";
	static const char text[] =
		"called back about the offer of last week, wants the figures once more before the board "
		"meets; send the new terms and the list of references to both of them";
	size_t around = sizeof note - 1 + 2;
	if (value->length + around < BENCH_EVENT_BYTES) {
		buf_put(value, note, sizeof note - 1);
		size_t room = BENCH_EVENT_BYTES - value->length - 2;
		buf_put(value, text, room < sizeof text - 1 ? room : sizeof text - 1);
		buf_put(value, "\"", 1);
	}
	buf_put(value, "}", 1);
}

static void write_event(struct bench_events *events, enum kind kind, int64_t time, const char *rep)
{
	struct buf *value = &events->value;
	uint64_t number = events->number++;
	buf_clear(value);
	buf_printf(value, "{\"id\":\"event-%010llu\",\"customer\":\"%s\",\"rep\":\"%s\",\"time\":\"",
		(unsigned long long)number, events->key.data, rep);
	text_put_time(value, time);
	buf_printf(value, "\",%s", kinds[kind].members);
	if (kind >= WON)
		buf_printf(value, ",\"deal\":\"deal-%010llu\"", (unsigned long long)number);
	fill_up(value);
}

int bench_events_draw(struct bench_events *events, int64_t time)
{
	char rep[16];
	uint32_t customer = events->in_turn ? (uint32_t)(events->number % events->customers)
					    : rng_below(&events->rng, events->customers);
	enum kind kind = (enum kind)rng_pick(&events->rng, weights, KINDS);
	buf_clear(&events->key);
	buf_printf(&events->key, "customer-%08u", customer);
	snprintf(rep, sizeof rep, "r%02u", customer % events->reps);
	write_event(events, kind, time, rep);
	return kinds[kind].topic;
}

int bench_events_call(struct bench_events *events, int64_t time, const char *customer, const char *rep)
{
	buf_clear(&events->key);
	buf_printf(&events->key, "%s", customer);
	write_event(events, CALL, time, rep);
	return kinds[CALL].topic;
}

void bench_events_release(struct bench_events *events)
{
	buf_release(&events->key);
	buf_release(&events->value);
}
