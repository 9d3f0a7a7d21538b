#include "tools/kpisim/malformed.h"

#include "base/decimal.h"
#include "tools/kpisim/message.h"

#define NESTING 200
#define MEBIBYTE (1024 * 1024)

struct kind {
	enum topic topic;
	bool is_object;
	/* $I stands for an id (with quotes), $C for a customer (with quotes), $T for the time in ms. */
	const char *text;
	/* Where not NULL, it appends something instead of, or after, the text. */
	void (*put)(struct buf *buf, struct rng *rng);
};

#define CALL "\"type\":\"call.completed\",\"direction\":\"outbound\",\"outcome\":\"connected\""
#define DEAL "\"type\":\"deal.closed\",\"deal\":\"bad\",\"outcome\":\"won\""
#define HEAD "\"id\":$I,\"time\":$T,\"customer\":$C,"

static void put_cut(struct buf *buf, struct rng *rng)
{
	size_t length = 1 + rng_below(rng, (uint32_t)buf->length - 1);
	char kept[1024];

	if (length > sizeof(kept))
		length = sizeof(kept);
	memcpy(kept, buf->data, length);
	buf_clear(buf);
	buf_put(buf, kept, length);
}

static void put_no_object(struct buf *buf, struct rng *rng)
{
	static const char *const texts[] = {"[]", "[{\"id\":\"m\"}]", "\"call.completed\"", "17", "null", "true",
		"1e400", "{]", "{\"id\":}", "{'id':'m'}", "nul", " ", "\xef\xbb\xbf"};

	buf_put_text(buf, texts[rng_below(rng, sizeof(texts) / sizeof(texts[0]))]);
}

static void put_nested_lists(struct buf *buf, struct rng *rng)
{
	(void)rng;
	for (int i = 0; i < NESTING; i++)
		buf_put_byte(buf, '[');
	for (int i = 0; i < NESTING; i++)
		buf_put_byte(buf, ']');
}

static void put_nested_objects(struct buf *buf, struct rng *rng)
{
	(void)rng;
	for (int i = 0; i < NESTING; i++)
		buf_put_text(buf, "{\"a\":");
	buf_put_byte(buf, '1');
	for (int i = 0; i < NESTING; i++)
		buf_put_byte(buf, '}');
}

static void put_long_id(struct buf *buf, struct rng *rng)
{
	uint32_t length = EVENT_ID_MAX + 1 + rng_below(rng, 2) * 300;

	buf_put_text(buf, "\"id\":\"");
	for (uint32_t i = 0; i < length; i++)
		buf_put_byte(buf, 'm');
	buf_put_text(buf, "\"}");
}

static const struct kind kinds[] = {
	{TOPIC_DEALS, false, "{" HEAD DEAL ",\"amount\":100}", put_cut},
	{TOPIC_CALLS, false, "", put_no_object},
	{TOPIC_CALLS, false, "{" HEAD CALL "} trailing", NULL},
	{TOPIC_CALLS, false, "{" HEAD CALL "}{}", NULL},
	{TOPIC_CALLS, false, "{\"id\":\"\xff\xfe\",\"time\":$T,\"customer\":$C," CALL "}", NULL},
	{TOPIC_CALLS, false, "{\"id\":$I,\"time\":$T,\"customer\":\"\xc3\x28\"," CALL "}", NULL},
	{TOPIC_DEALS, true, "{" HEAD DEAL ",\"amount\":\"abc\"}", NULL},
	{TOPIC_DEALS, true, "{" HEAD DEAL ",\"amount\":-5}", NULL},
	{TOPIC_DEALS, true, "{" HEAD DEAL ",\"amount\":\"1000000000001\"}", NULL},
	{TOPIC_DEALS, true, "{" HEAD DEAL ",\"amount\":true}", NULL},
	{TOPIC_DEALS, true, "{" HEAD DEAL ",\"amount\":\"12,50\"}", NULL},
	{TOPIC_CALLS, true, "{\"id\":$I,\"time\":\"yesterday\",\"customer\":$C," CALL "}", NULL},
	{TOPIC_CALLS, true, "{\"id\":$I,\"time\":\"2026-03-01T10:00:00\",\"customer\":$C," CALL "}", NULL},
	{TOPIC_CALLS, true, "{\"id\":$I,\"time\":\"2026-13-01T10:00:00Z\",\"customer\":$C," CALL "}", NULL},
	{TOPIC_CALLS, true, "{\"id\":$I,\"time\":$T.5,\"customer\":$C," CALL "}", NULL},
	{TOPIC_CALLS, true, "{" HEAD "\"type\":\"call.imagined\"}", NULL},
	{TOPIC_CALLS, true, "{" HEAD "\"type\":5}", NULL},
	{TOPIC_CALLS, true, "{\"id\":$I,\"time\":$T," CALL "}", NULL},
	{TOPIC_CALLS, true, "{\"id\":$I,\"time\":$T,\"customer\":\"\"," CALL "}", NULL},
	{TOPIC_CALLS, true, "{\"id\":$I,\"time\":$T,\"customer\":17," CALL "}", NULL},
	{TOPIC_CALLS, true, "{\"time\":$T,\"customer\":$C," CALL "}", NULL},
	{TOPIC_CALLS, true, "{\"id\":\"\",\"time\":$T,\"customer\":$C," CALL "}", NULL},
	{TOPIC_CALLS, true, "{\"id\":17,\"time\":$T,\"customer\":$C," CALL "}", NULL},
	{TOPIC_CALLS, true, "{\"time\":$T,\"customer\":$C," CALL ",", put_long_id},
	{TOPIC_CALLS, true, "{\"id\":$I,\"customer\":$C," CALL "}", NULL},
	{TOPIC_CALLS, true, "{\"id\":$I,\"time\":null,\"customer\":$C," CALL "}", NULL},
	{TOPIC_CALLS, true, "{" HEAD "\"direction\":\"outbound\"}", NULL},
	{TOPIC_CALLS, true, "{" HEAD "\"type\":\"call.completed\",\"direction\":\"outbound\"}", NULL},
	{TOPIC_CALLS, true, "{" HEAD "\"type\":\"call.completed\",\"outcome\":\"connected\"}", NULL},
	{TOPIC_DEALS, true, "{" HEAD "\"type\":\"deal.closed\",\"outcome\":\"won\"}", NULL},
	{TOPIC_DEALS, true, "{" HEAD "\"type\":\"deal.refunded\",\"deal\":\"bad\"}", NULL},
	{TOPIC_PROPOSALS, true, "{" HEAD "\"type\":\"proposal.sent\",\"deal\":\"bad\",\"amount\":1}", NULL},
	{TOPIC_LEADS, true, "{" HEAD "\"type\":\"lead.stage_changed\",\"stage\":\"demo\"}", NULL},
	{TOPIC_MEETINGS, true, "{" HEAD "\"type\":\"meeting.answered\",\"answer\":null}", NULL},
	{TOPIC_SURVEYS, true, "{" HEAD "\"type\":\"survey.answered\",\"survey\":\"nps\"}", NULL},
	{TOPIC_SUBSCRIPTIONS, true, "{" HEAD "\"type\":\"subscription.started\",\"amount\":1}", NULL},
	{TOPIC_COSTS, true, "{\"id\":$I,\"time\":$T,\"type\":\"cost.recorded\",\"category\":\"selling\"}", NULL},
	{TOPIC_PRICES, true, "{\"id\":$I,\"time\":$T,\"type\":\"price.set\",\"amount\":1}", NULL},
	{TOPIC_CALLS, true,
		"{" HEAD "\"type\":\"call.completed\",\"direction\":\"sideways\",\"outcome\":\"connected\"}", NULL},
	{TOPIC_DEALS, true, "{" HEAD "\"type\":\"deal.closed\",\"deal\":\"bad\",\"outcome\":\"Won\"}", NULL},
	{TOPIC_DEALS, true, "{" HEAD DEAL ",\"deal_type\":\"giveaway\"}", NULL},
	{TOPIC_EMAILS, true, "{" HEAD "\"type\":\"email.received\",\"sentiment\":\"great\"}", NULL},
	{TOPIC_COSTS, true, "{\"id\":$I,\"time\":$T,\"type\":\"cost.recorded\",\"category\":\"fun\",\"amount\":1}",
		NULL},
	{TOPIC_DEALS, true, "{" HEAD DEAL ",\"amount\":100,\"currency\":\"XTS\"}", NULL},
	{TOPIC_SURVEYS, true, "{" HEAD "\"type\":\"survey.answered\",\"survey\":\"csat\",\"score\":6}", NULL},
	{TOPIC_SURVEYS, true, "{" HEAD "\"type\":\"survey.answered\",\"survey\":\"csat\",\"score\":0}", NULL},
	{TOPIC_DEALS, true, "{" HEAD DEAL ",\"credits\":[]}", NULL},
	{TOPIC_DEALS, true, "{" HEAD DEAL ",\"credits\":[{\"rep\":\"r01\",\"share\":9999}]}", NULL},
	{TOPIC_DEALS, true,
		"{" HEAD DEAL ",\"credits\":[{\"rep\":\"r01\",\"share\":5000},{\"rep\":\"r01\",\"share\":5000}]}",
		NULL},
	{TOPIC_DEALS, true, "{" HEAD DEAL ",\"credits\":{\"rep\":\"r01\",\"share\":10000}}", NULL},
	{TOPIC_LEADS, true, "{" HEAD "\"type\":\"event.retracted\"}", NULL},
	{TOPIC_DEALS, true, "{" HEAD DEAL ",\"amount\":100,\"created_at\":\"2099-01-01T00:00:00Z\"}", NULL},
	{TOPIC_CALLS, false, "", NULL},
	{TOPIC_CALLS, false, "", put_nested_lists},
	{TOPIC_CALLS, true, "", put_nested_objects},
	{TOPIC_DEALS, true, "{\"specversion\":\"1.0\",\"source\":\"crm\",\"type\":\"deal.closed\"," HEAD "\"data\":{}}",
		NULL},
	{TOPIC_CALLS, true,
		"{\"specversion\":\"1.0\",\"source\":\"crm\",\"id\":$I,\"time\":\"2026-01-01T00:00:00Z\"," CALL "}",
		NULL},
};

static void template_put(struct buf *buf, const char *text, const struct event *event, uint32_t serial)
{
	for (const char *at = text; *at; at++) {
		if (*at != '$') {
			buf_put_byte(buf, (uint8_t)*at);
			continue;
		}
		at++;
		if (*at == 'I')
			buf_printf(buf, "\"malformed-%u\"", serial + 1);
		else if (*at == 'T')
			decimal_put(buf, event->time, 0);
		else
			message_put_text(buf, event->customer[0] ? str_of(event->customer) : STR("nobody"), false);
	}
}

void malformed_put(struct buf *buf, struct rng *rng, const struct event *event, uint32_t serial, enum topic *ret_topic,
	bool *ret_is_object)
{
	const struct kind *kind = &kinds[serial % malformed_kinds()];

	template_put(buf, kind->text, event, serial);
	if (kind->put)
		kind->put(buf, rng);
	*ret_topic = kind->topic;
	*ret_is_object = kind->is_object;
}

uint32_t malformed_kinds(void)
{
	return sizeof(kinds) / sizeof(kinds[0]);
}

void malformed_put_oversized(struct buf *buf, const struct event *event, uint32_t serial)
{
	template_put(buf, "{" HEAD "\"type\":\"call.oversized\",\"note\":\"", event, UINT32_MAX / 2 + serial);
	for (size_t i = 0; i < MEBIBYTE + 1024; i++)
		buf_put_byte(buf, (uint8_t)('a' + i % 26));
	buf_put_text(buf, "\"}");
}
