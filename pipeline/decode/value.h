/* What the field of an event makes of a JSON value. */
#ifndef PIPELINE_DECODE_VALUE_H
#define PIPELINE_DECODE_VALUE_H

#include "pipeline/decode/event.h"
#include "pipeline/decode/json.h"
#include "pipeline/decode/name_table.h"
#include "pipeline/refusal.h"

/* Nothing, null and the empty text are absent. */
static inline bool value_absent(const struct json_node *node)
{
	return !node || node->kind == JSON_NULL || (node->kind == JSON_TEXT && node->text.length == 0);
}

/* RFC 3339 with zone, or whole epoch milliseconds as a number, up to the year 9999. */
bool value_time(const struct json_node *node, int64_t *ret_ms);

/* A whole number, also in a string: "5" or 5.0; an exponent is not taken. */
bool value_integer(const struct json_node *node, int64_t *ret_value);

/* The rate of the currency in `node` on the local day of `time`; NULL where that is the configured one, absent, or has no rate. */
const struct rate *value_rate(const struct schema *schema, const struct json_node *node, int64_t time);

struct value_plan {
	const struct schema *schema;
	struct name_table *choices; /* of each field */
};

/* `arena` owns what is made. */
void value_plan_init(struct value_plan *plan, struct arena *arena, const struct schema *schema);
/* As value_read, of any kind. */
enum refusal value_convert(const struct value_plan *plan, const struct field_rule *rule, const struct json_node *node,
	const struct rate *rate, struct event_value *ret_value);

/* Reads a value that is not absent; REFUSAL_NONE, or why it is refused. `rate`: that of the event's currency; NULL: it is the configured
 * one. */
static inline enum refusal value_read(const struct value_plan *plan, const struct field_rule *rule,
	const struct json_node *node, const struct rate *rate, struct event_value *ret_value)
{
	bool is_text = plan->schema->fields[rule->field].kind == FIELD_TEXT && node->kind == JSON_TEXT;
	if (!is_text)
		return value_convert(plan, rule, node, rate, ret_value);
	*ret_value = (struct event_value){.text = node->text};
	return REFUSAL_NONE;
}

#endif
