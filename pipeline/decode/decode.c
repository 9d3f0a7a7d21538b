/* The order of the checks is part of the contract: it decides which reason a message that is wrong in several ways gets
 * (docs/dead-letters.md). */
#include "pipeline/decode/decode.h"

#include "base/arena.h"
#include "base/mem.h"
#include "pipeline/decode/content.h"
#include "pipeline/decode/credits.h"
#include "pipeline/decode/envelope.h"
#include "pipeline/decode/refuse.h"
#include "pipeline/decode/value.h"

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
	int32_t topic; /* what it is read as a message of */
	struct envelope envelope;
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

static enum refusal read_json(struct decoder *d, struct str body)
{
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
	enum json_error error = json_parse(d->json, body, &d->document);
	if (error)
		return reasons[error];
	if (d->headers.not_utf8)
		return refuse(d, REFUSAL_NOT_UTF8, STR("headers"));
	if (d->document.nodes[0].kind != JSON_OBJECT)
		return REFUSAL_NOT_OBJECT;
	d->is_object = true;
	return REFUSAL_NONE;
}

/* The text in a slot, if it has from 1 to `max` bytes. */
static bool take_text(const struct decoder *d, enum envelope_slot slot, size_t max, struct str *ret_text)
{
	const struct json_node *node = d->envelope.slots[slot];
	if (value_absent(node) || node->kind != JSON_TEXT || node->text.length > max)
		return false;
	*ret_text = node->text;
	return true;
}

/* Looks at the message as one of `topic`. */
static enum refusal find_type_in(struct decoder *d, int32_t topic, uint16_t *ret_type)
{
	envelope_find(&d->envelopes, topic, &d->headers, &d->document, &d->envelope);
	d->topic = topic;
	int32_t fixed = d->schema->topics[topic].fixed_type;
	struct str name;
	if (fixed >= 0) {
		*ret_type = (uint16_t)fixed;
		return REFUSAL_NONE;
	}
	if (!take_text(d, SLOT_TYPE, SIZE_MAX, &name))
		return REFUSAL_MISSING_TYPE;
	uint32_t type = name_table_find(&d->types, name);
	if (type == NAME_TABLE_NONE)
		return refuse(d, REFUSAL_UNKNOWN_TYPE, name);
	*ret_type = (uint16_t)type;
	uint16_t belongs = d->schema->types[type].topic;
	return belongs == topic || belongs == SCHEMA_EVERY_TOPIC ? REFUSAL_NONE : refuse(d, REFUSAL_WRONG_TOPIC, name);
}

static bool is_retraction(const struct decoder *d, uint16_t type)
{
	return type == d->schema->retractions.type;
}

static bool needs_customer(const struct decoder *d, uint16_t type)
{
	return d->schema->types[type].needs_customer ||
		(is_retraction(d, type) && d->schema->topics[d->topic].key == TOPIC_KEY_CUSTOMER);
}

/* A retraction says by the product whose prices it is about. */
static bool needs_product(const struct decoder *d, uint16_t type)
{
	return is_retraction(d, type) && d->schema->topics[d->topic].key == TOPIC_KEY_PRODUCT;
}

static inline const struct json_node *node_of(const struct decoder *d, uint16_t field)
{
	return json_at(&d->document, d->envelope.fields[field]);
}

/* Whether the message, just found to be of this type, has all that the topic asks of its retractions. */
static bool fits_topic(const struct decoder *d, uint16_t type)
{
	if (needs_customer(d, type) && value_absent(d->envelope.slots[SLOT_CUSTOMER]))
		return false;
	return !needs_product(d, type) || !value_absent(node_of(d, (uint16_t)d->schema->product_field));
}

/* A retraction may come by any topic: it is of the first one that it fits, or else of the first. */
static enum refusal find_retraction_topic(struct decoder *d, uint16_t *ret_type)
{
	int32_t first = d->topic;
	for (int32_t topic = first; topic < d->schema->topic_count; topic++)
		if (find_type_in(d, topic, ret_type) == REFUSAL_NONE && is_retraction(d, *ret_type) &&
			fits_topic(d, *ret_type))
			return REFUSAL_NONE;
	return find_type_in(d, first, ret_type);
}

/* Without a topic (replay) the message is of the first one in whose eyes it is of a type of that topic. A topic whose
 * messages name no type can only be meant where it is the only one. The reason, if there is none: what came closest. */
static enum refusal find_type_anywhere(struct decoder *d, uint16_t *ret_type)
{
	enum refusal closest = REFUSAL_MISSING_TYPE;
	bool only = d->schema->topic_count == 1;
	for (int32_t topic = 0; topic < d->schema->topic_count; topic++) {
		if (d->schema->topics[topic].fixed_type >= 0 && !only)
			continue;
		enum refusal reason = find_type_in(d, topic, ret_type);
		if (reason == REFUSAL_WRONG_TOPIC)
			reason = find_type_in(d, d->schema->types[*ret_type].topic, ret_type);
		if (reason == REFUSAL_NONE)
			return is_retraction(d, *ret_type) ? find_retraction_topic(d, ret_type) : reason;
		if (reason == REFUSAL_UNKNOWN_TYPE)
			closest = reason;
	}
	return closest;
}

static enum refusal read_envelope(struct decoder *d, struct event *event)
{
	if (!take_text(d, SLOT_ID, DECODE_ID_MAX, &event->id))
		return refuse(d, REFUSAL_MISSING_ID, STR("id"));
	const struct json_node *time = d->envelope.slots[SLOT_TIME];
	if (value_absent(time) || !value_time(time, &event->time))
		return refuse(d, REFUSAL_BAD_TIME, STR("time"));
	const struct json_node *customer = d->envelope.slots[SLOT_CUSTOMER];
	event->customer = (struct str){0};
	bool looks = !needs_product(d, event->type);
	if (looks && (needs_customer(d, event->type) || !value_absent(customer)) &&
		!take_text(d, SLOT_CUSTOMER, DECODE_ID_MAX, &event->customer))
		return refuse(d, REFUSAL_MISSING_CUSTOMER, STR("customer"));
	const struct json_node *source = d->envelope.slots[SLOT_SOURCE];
	event->source = (struct str){0};
	if (!value_absent(source) && !take_text(d, SLOT_SOURCE, SIZE_MAX, &event->source))
		return refuse(d, REFUSAL_BAD_VALUE, STR("source"));
	return REFUSAL_NONE;
}

static bool carries(const struct event_type *type, int32_t field)
{
	for (uint16_t i = 0; i < type->rule_count; i++)
		if (type->rules[i].field == field)
			return true;
	return false;
}

/* The currency stands behind the amounts that are in it. NULL where they need no rate, or have none: then the currency is refused. */
static const struct rate *find_rate(struct decoder *d, const struct event_type *type, const struct event *event)
{
	int32_t currency = d->schema->currency_field;
	const struct json_node *node = currency >= 0 ? node_of(d, (uint16_t)currency) : NULL;
	return node && carries(type, currency) ? value_rate(d->schema, node, event->time) : NULL;
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

/* Most of what a type may carry is not there. */
static enum refusal read_rules(struct decoder *d, const struct event_type *type, struct event *event)
{
	const struct json_document document = d->document;
	const uint32_t *places = d->envelope.fields;
	const struct rate *rate = find_rate(d, type, event);
	for (uint16_t i = 0; i < type->rule_count; i++) {
		const struct field_rule *rule = &type->rules[i];
		const struct json_node *node = json_at(&document, places[rule->field]);
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

static enum refusal read_fields(struct decoder *d, const struct event_type *type, struct event *event)
{
	event->present = 0;
	event->credit_count = 0;
	enum refusal reason = read_rules(d, type, event);
	if (reason)
		return reason;
	int32_t product = d->schema->product_field;
	if (needs_product(d, event->type) && !(event->present >> product & 1))
		return refuse(d, REFUSAL_MISSING_FIELD, STR("product"));
	const struct refuse_rule *rule = refuse_find(d->schema, event);
	if (rule)
		return refuse(d, REFUSAL_BAD_VALUE, rule->text);
	int32_t start = type->not_after_time;
	if (start >= 0 && event->present >> start & 1 && event->values[start].number > event->time)
		return refuse(d, REFUSAL_NEGATIVE_CYCLE, str_of(d->schema->fields[start].name));
	return REFUSAL_NONE;
}

static enum refusal read_event(struct decoder *d, const struct message *message, struct event *event)
{
	enum refusal reason = read_json(d, message->body);
	if (reason)
		return reason;
	reason = message->topic >= 0 ? find_type_in(d, message->topic, &event->type)
				     : find_type_anywhere(d, &event->type);
	if (reason)
		return reason;
	const struct event_type *type = &d->schema->types[event->type];
	reason = read_envelope(d, event);
	return reason ? reason : read_fields(d, type, event);
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
