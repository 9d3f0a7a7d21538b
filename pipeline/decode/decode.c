/* The order of the checks is part of the contract: it decides which reason a message that is wrong in several ways gets
 * (docs/dead-letters.md). */
#include "pipeline/decode/decode.h"

#include "base/arena.h"
#include "base/mem.h"
#include "pipeline/decode/content.h"
#include "pipeline/decode/credits.h"
#include "pipeline/decode/envelope.h"
#include "pipeline/decode/reading.h"
#include "pipeline/decode/refuse.h"
#include "pipeline/decode/shapes.h"

struct decoder {
	const struct schema *schema;
	size_t message_bytes;
	struct json_parser *json;
	struct arena arena;
	struct envelope_plan envelopes;
	struct content_plan contents;
	struct name_table types; /* numbered as schema.types */
	struct value_plan values;
	struct buf scratch;
	/* Of the last message: */
	bool is_object;
	struct json_document document; /* of an object */
	struct header_nodes headers;
	struct reading found; /* by itself, if its shape is not known */
	const struct reading *reading;
	struct str detail;
};

static void types_init(struct decoder *d)
{
	struct str *names = ARENA_ARRAY(&d->arena, struct str, d->schema->type_count);
	for (uint16_t i = 0; i < d->schema->type_count; i++)
		names[i] = str_of(d->schema->types[i].name);
	name_table_init(&d->types, &d->arena, names, d->schema->type_count);
}

struct decoder *decoder_new(const struct schema *schema, size_t message_bytes)
{
	struct decoder *d = NEW(struct decoder);
	d->schema = schema;
	d->message_bytes = message_bytes;
	arena_init(&d->arena);
	envelope_plan_init(&d->envelopes, &d->arena, schema);
	content_plan_init(&d->contents, &d->arena, schema);
	value_plan_init(&d->values, &d->arena, schema);
	types_init(d);
	d->json = json_parser_new(DECODE_DEPTH_MAX, &d->envelopes.places);
	buf_init(&d->scratch);
	return d;
}

static enum refusal refuse(struct decoder *d, enum refusal reason, struct str detail)
{
	d->detail = detail;
	return reason;
}

static enum refusal read_json(struct decoder *d, const struct message *message)
{
	struct str body = message->body;
	static const enum refusal reasons[] = {
		[JSON_OK] = REFUSAL_NONE,
		[JSON_BLANK] = REFUSAL_EMPTY,
		[JSON_NOT_UTF8] = REFUSAL_NOT_UTF8,
		[JSON_MALFORMED] = REFUSAL_MALFORMED,
		[JSON_TOO_DEEP] = REFUSAL_TOO_DEEP,
	};
	if (body.length == 0)
		return REFUSAL_EMPTY;
	if (body.length > d->message_bytes)
		return REFUSAL_TOO_LARGE;
	enum json_error error = json_parse(d->json, (uint32_t)(message->topic + 1), body, &d->document);
	if (error)
		return reasons[error];
	if (d->headers.not_utf8)
		return refuse(d, REFUSAL_NOT_UTF8, STR("headers"));
	if (d->document.nodes[0].kind != JSON_OBJECT)
		return REFUSAL_NOT_OBJECT;
	d->is_object = true;
	return REFUSAL_NONE;
}

/* The text that stands there, if it has from 1 to `max` bytes. */
static bool take_text(const struct json_node *node, size_t max, struct str *ret_text)
{
	if (value_absent(node) || node->kind != JSON_TEXT || node->text.length > max)
		return false;
	*ret_text = node->text;
	return true;
}

static void set_type(struct decoder *d, uint32_t type)
{
	d->found.type = &d->schema->types[type];
}

/* Looks at the message as one of `topic`. */
static enum refusal find_type_in(struct decoder *d, int32_t topic)
{
	struct envelope *envelope = &d->found.envelope;
	envelope_find(&d->envelopes, topic, &d->headers, &d->document, envelope);
	d->found.topic = topic;
	int32_t fixed = d->schema->topics[topic].fixed_type;
	struct str name;
	if (fixed >= 0) {
		set_type(d, (uint32_t)fixed);
		return REFUSAL_NONE;
	}
	if (!take_text(envelope->slots[SLOT_TYPE], SIZE_MAX, &name))
		return REFUSAL_MISSING_TYPE;
	uint32_t type = name_table_find(&d->types, name);
	if (type == NAME_TABLE_NONE)
		return refuse(d, REFUSAL_UNKNOWN_TYPE, name);
	set_type(d, type);
	uint16_t belongs = d->schema->types[type].topic;
	return belongs == topic || belongs == SCHEMA_EVERY_TOPIC ? REFUSAL_NONE : refuse(d, REFUSAL_WRONG_TOPIC, name);
}

static bool is_retraction(const struct decoder *d, const struct reading *reading)
{
	return reading->type - d->schema->types == d->schema->retractions.type;
}

static bool needs_customer(const struct decoder *d, const struct reading *reading)
{
	return reading->type->needs_customer ||
		(is_retraction(d, reading) && d->schema->topics[reading->topic].key == TOPIC_KEY_CUSTOMER);
}

/* A retraction says by the product whose prices it is about. */
static bool needs_product(const struct decoder *d, const struct reading *reading)
{
	return is_retraction(d, reading) && d->schema->topics[reading->topic].key == TOPIC_KEY_PRODUCT;
}

/* Whether the message, just found to be of this type, has all that the topic asks of its retractions. */
static bool fits_topic(const struct decoder *d)
{
	const struct reading *found = &d->found;
	if (needs_customer(d, found) && value_absent(envelope_customer(&found->envelope)))
		return false;
	return !needs_product(d, found) ||
		!value_absent(reading_node(found, &d->document, (uint16_t)d->schema->product_field));
}

/* A retraction may come by any topic: it is of the first one that it fits, or else of the first. */
static enum refusal find_retraction_topic(struct decoder *d)
{
	int32_t first = d->found.topic;
	for (int32_t topic = first; topic < d->schema->topic_count; topic++)
		if (find_type_in(d, topic) == REFUSAL_NONE && is_retraction(d, &d->found) && fits_topic(d))
			return REFUSAL_NONE;
	return find_type_in(d, first);
}

/* Without a topic (replay) the message is of the first one in whose eyes it is of a type of that topic. A topic whose
 * messages name no type can only be meant where it is the only one. The reason, if there is none: what came closest. */
static enum refusal find_type_anywhere(struct decoder *d)
{
	enum refusal closest = REFUSAL_MISSING_TYPE;
	bool only = d->schema->topic_count == 1;
	for (int32_t topic = 0; topic < d->schema->topic_count; topic++) {
		if (d->schema->topics[topic].fixed_type >= 0 && !only)
			continue;
		enum refusal reason = find_type_in(d, topic);
		if (reason == REFUSAL_WRONG_TOPIC)
			reason = find_type_in(d, d->found.type->topic);
		if (reason == REFUSAL_NONE)
			return is_retraction(d, &d->found) ? find_retraction_topic(d) : reason;
		if (reason == REFUSAL_UNKNOWN_TYPE)
			closest = reason;
	}
	return closest;
}

/* Which topic a retraction is of may depend on texts that are not the same in all messages of a shape; and headers stand in none. */
static enum refusal find_reading(struct decoder *d, const struct message *message)
{
	struct shape *shape = d->headers.used ? NULL : d->document.shape;
	d->reading = shape ? shape_note(shape) : NULL;
	if (d->reading)
		return REFUSAL_NONE;
	d->reading = &d->found;
	enum refusal reason = message->topic >= 0 ? find_type_in(d, message->topic) : find_type_anywhere(d);
	if (reason)
		return reason;
	reading_find_rules(&d->found, d->schema, &d->document);
	if (shape && !is_retraction(d, &d->found))
		shape_keep_note(shape, &d->found, reading_size(&d->found));
	return REFUSAL_NONE;
}

static enum refusal read_envelope(struct decoder *d, struct event *event)
{
	const struct envelope *envelope = &d->reading->envelope;
	if (!take_text(envelope->slots[SLOT_ID], DECODE_ID_MAX, &event->id))
		return refuse(d, REFUSAL_MISSING_ID, STR("id"));
	const struct json_node *time = envelope->slots[SLOT_TIME];
	if (value_absent(time) || !value_time(time, &event->time))
		return refuse(d, REFUSAL_BAD_TIME, STR("time"));
	const struct json_node *customer = envelope_customer(envelope);
	event->customer = (struct str){0};
	bool looks = !needs_product(d, d->reading);
	if (looks && (needs_customer(d, d->reading) || !value_absent(customer)) &&
		!take_text(customer, DECODE_ID_MAX, &event->customer))
		return refuse(d, REFUSAL_MISSING_CUSTOMER, STR("customer"));
	const struct json_node *source = envelope->slots[SLOT_SOURCE];
	event->source = (struct str){0};
	if (!value_absent(source) && !take_text(source, SIZE_MAX, &event->source))
		return refuse(d, REFUSAL_BAD_VALUE, STR("source"));
	return REFUSAL_NONE;
}

/* The currency stands behind the amounts that are in it. NULL where they need no rate, or have none: then the currency is refused. */
static const struct rate *find_rate(struct decoder *d, const struct event *event)
{
	const struct json_node *currency = d->reading->currency;
	return currency ? value_rate(d->schema, currency, event->time) : NULL;
}

static enum refusal read_value(struct decoder *d, const struct field_rule *rule, const struct json_node *node,
	const struct rate *rate, struct event *event)
{
	struct event_value *value = &event->values[rule->field];
	event->present |= UINT64_C(1) << rule->field;
	if (rule->field != d->schema->credits_field)
		return value_read(&d->values, rule, node, rate, value);
	*value = (struct event_value){0};
	return credits_read(d->document.nodes, node, event);
}

static void put_default(const struct field_rule *rule, struct event *event)
{
	event->present |= UINT64_C(1) << rule->field;
	event->values[rule->field] = (struct event_value){.number = rule->default_number, .text = rule->default_text};
}

static enum refusal read_rules(struct decoder *d, struct event *event)
{
	const struct reading *reading = d->reading;
	const struct rate *rate = find_rate(d, event);
	for (uint16_t i = 0; i < reading->rule_count; i++) {
		const struct field_rule *rule = reading->rules[i].rule;
		const struct json_node *node = reading->rules[i].node;
		enum refusal reason = REFUSAL_NONE;
		if (!value_absent(node))
			reason = read_value(d, rule, node, rate, event);
		else if (rule->required)
			reason = REFUSAL_MISSING_FIELD;
		else if (rule->has_default)
			put_default(rule, event);
		if (reason)
			return refuse(d, reason, str_of(d->schema->fields[rule->field].name));
	}
	return REFUSAL_NONE;
}

static enum refusal read_fields(struct decoder *d, struct event *event)
{
	event->present = 0;
	event->credit_count = 0;
	enum refusal reason = read_rules(d, event);
	if (reason)
		return reason;
	int32_t product = d->schema->product_field;
	if (needs_product(d, d->reading) && !(event->present >> product & 1))
		return refuse(d, REFUSAL_MISSING_FIELD, STR("product"));
	const struct refuse_rule *rule = refuse_find(d->schema, event);
	if (rule)
		return refuse(d, REFUSAL_BAD_VALUE, rule->text);
	int32_t start = d->reading->type->not_after_time;
	if (start >= 0 && event->present >> start & 1 && event->values[start].number > event->time)
		return refuse(d, REFUSAL_NEGATIVE_CYCLE, str_of(d->schema->fields[start].name));
	return REFUSAL_NONE;
}

static enum refusal read_event(struct decoder *d, const struct message *message, struct event *event)
{
	enum refusal reason = read_json(d, message);
	if (!reason)
		reason = find_reading(d, message);
	if (reason)
		return reason;
	event->type = (uint16_t)(d->reading->type - d->schema->types);
	reason = read_envelope(d, event);
	return reason ? reason : read_fields(d, event);
}

enum result decode(struct decoder *d, const struct message *message, struct event *ret_event, enum refusal *ret_reason,
	struct str *ret_detail)
{
	d->is_object = false;
	d->detail = (struct str){0};
	envelope_read_headers(message, &d->headers);
	enum refusal reason = read_event(d, message, ret_event);
	if (!reason) {
		ret_event->content = content_hash(&d->contents, ret_event, &d->scratch);
		return RESULT_OK;
	}
	*ret_reason = reason;
	if (ret_detail)
		*ret_detail = d->detail;
	return RESULT_REFUSED;
}

enum result decode_received_at(struct decoder *d, int64_t *ret_ms)
{
	const struct json_node *node = d->is_object ? json_at(&d->document, d->envelopes.received_at) : NULL;
	if (value_absent(node))
		return RESULT_NOT_FOUND;
	return value_time(node, ret_ms) ? RESULT_OK : RESULT_INVALID;
}

bool decode_wrong_partition(struct decoder *d)
{
	const struct json_node *node = d->is_object ? json_at(&d->document, d->envelopes.wrong_partition) : NULL;
	return node && node->kind == JSON_TRUE;
}

void decoder_free(struct decoder *d)
{
	if (!d)
		return;
	json_parser_free(d->json);
	buf_release(&d->scratch);
	arena_release(&d->arena);
	mem_free(d);
}
