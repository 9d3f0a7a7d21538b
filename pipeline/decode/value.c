#include "pipeline/decode/value.h"

#include "base/check.h"
#include "base/decimal.h"
#include "base/hash.h"
#include "base/text.h"

#define TIME_END INT64_C(253402300800000) /* the year 10000 */
enum { SHORT_DIGITS = 14 };

/* Part of contents, which checkpoints keep: never changed. */
static int64_t code_number(struct str code)
{
	static const struct hash_key key = {0x6b7069642d637572, 0x72656e63792d6e6f};
	return (int64_t)(hash_sip(key, code) | 1);
}

/* Numbers may stand in strings, in the same form. */
static bool holds_number(const struct json_node *node)
{
	return node->kind == JSON_NUMBER || node->kind == JSON_TEXT;
}

/* Most amounts are short and plain: no sign, no exponent, nothing to round, no superfluous zero in front. */
static bool short_decimal(struct str text, int64_t *ret_fixed)
{
	int64_t fixed = 0;
	size_t point = text.length;
	if (text.length > SHORT_DIGITS || (text.length > 1 && text.data[0] == '0' && text.data[1] != '.'))
		return false;
	for (size_t i = 0; i < text.length; i++) {
		char c = text.data[i];
		if (c == '.' && point == text.length && i > 0)
			point = i;
		else if (c >= '0' && c <= '9')
			fixed = fixed * 10 + (c - '0');
		else
			return false;
	}
	size_t places = point == text.length ? 0 : text.length - point - 1;
	if (places > 4 || point + 1 == text.length)
		return false;
	static const int64_t scale[] = {10000, 1000, 100, 10, 1};
	*ret_fixed = fixed * scale[places];
	return true;
}

static bool read_decimal(struct str text, int64_t *ret_fixed)
{
	return short_decimal(text, ret_fixed) || decimal_from_text(text, ret_fixed) == RESULT_OK;
}

/* "5" or "5.0"; an exponent is not taken. */
static bool read_integer(struct str text, int64_t *ret_value)
{
	const char *point = text.length ? memchr(text.data, '.', text.length) : NULL;
	if (point) {
		const char *end = text.data + text.length;
		const char *zero = point + 1;
		while (zero < end && *zero == '0')
			zero++;
		if (zero != end || zero == point + 1)
			return false;
		text.length = (size_t)(point - text.data);
	}
	return text_to_i64(text, ret_value) == RESULT_OK;
}

bool value_integer(const struct json_node *node, int64_t *ret_value)
{
	return holds_number(node) && read_integer(node->text, ret_value);
}

bool value_time(const struct json_node *node, int64_t *ret_ms)
{
	int64_t ms;
	bool read = node->kind == JSON_TEXT ? text_to_time(node->text, &ms) == RESULT_OK
					    : node->kind == JSON_NUMBER && read_integer(node->text, &ms);
	if (!read || ms < 0 || ms >= TIME_END)
		return false;
	*ret_ms = ms;
	return true;
}

void value_plan_init(struct value_plan *plan, struct arena *arena, const struct schema *schema)
{
	plan->schema = schema;
	plan->choices = ARENA_ARRAY(arena, struct name_table, schema->field_count);
	for (uint16_t i = 0; i < schema->field_count; i++) {
		const struct field *field = &schema->fields[i];
		struct str *names = ARENA_ARRAY(arena, struct str, field->choice_count);
		for (uint16_t k = 0; k < field->choice_count; k++)
			names[k] = str_of(field->choices[k]);
		name_table_init(&plan->choices[i], arena, names, field->choice_count);
	}
}

static bool read_choice(const struct name_table *choices, uint64_t allowed, struct str text, int64_t *ret_index)
{
	uint32_t index = name_table_find(choices, text);
	*ret_index = index;
	return index != NAME_TABLE_NONE && (allowed >> index & 1);
}

static bool in_range(const struct field_rule *rule, int64_t number)
{
	return number >= rule->minimum && number <= rule->maximum;
}

/* Exact from the text on, and rounded once. */
static bool read_converted(const struct json_node *node, const struct rate *rate, struct event_value *value)
{
	struct decimal amount, factor = {.digits = rate->scaled, .exponent = -RATES_DECIMALS};
	value->text = node->text;
	return decimal_read(node->text, &amount) == RESULT_OK &&
		decimal_multiply(&amount, &factor, &value->number) == RESULT_OK;
}

static bool read_amount(
	const struct field *field, const struct json_node *node, const struct rate *rate, struct event_value *value)
{
	if (!holds_number(node))
		return false;
	return field->money && rate ? read_converted(node, rate, value) : read_decimal(node->text, &value->number);
}

static bool read(const struct value_plan *plan, const struct field_rule *rule, const struct json_node *node,
	const struct rate *rate, struct event_value *value)
{
	const struct field *field = &plan->schema->fields[rule->field];
	switch (field->kind) {
	case FIELD_TEXT:
		value->text = node->text;
		return node->kind == JSON_TEXT;
	case FIELD_CHOICE:
		return node->kind == JSON_TEXT &&
			read_choice(&plan->choices[rule->field], rule->allowed, node->text, &value->number);
	case FIELD_DECIMAL:
		return read_amount(field, node, rate, value) && in_range(rule, value->number);
	case FIELD_INTEGER:
		return value_integer(node, &value->number) && in_range(rule, value->number);
	case FIELD_BOOLEAN:
		value->number = node->kind == JSON_TRUE;
		return node->kind == JSON_TRUE || node->kind == JSON_FALSE;
	case FIELD_TIME:
		return value_time(node, &value->number);
	case FIELD_CURRENCY:
		return node->kind == JSON_TEXT;
	case FIELD_CREDITS:
		break; /* credits.h */
	}
	CHECK(!"a kind of field without a reader");
	return false;
}

static bool is_own(const struct schema *schema, const struct json_node *currency)
{
	return str_equal(currency->text, str_of(schema->currency));
}

const struct rate *value_rate(const struct schema *schema, const struct json_node *node, int64_t time)
{
	if (value_absent(node) || node->kind != JSON_TEXT || is_own(schema, node) || !schema->rates)
		return NULL;
	return rates_at(schema->rates, node->text, zone_civil(schema->zone, time).day);
}

enum refusal value_convert(const struct value_plan *plan, const struct field_rule *rule, const struct json_node *node,
	const struct rate *rate, struct event_value *ret_value)
{
	const struct schema *schema = plan->schema;
	const struct field *field = &schema->fields[rule->field];
	struct event_value value = {0};
	if (!read(plan, rule, node, rate, &value))
		return REFUSAL_BAD_VALUE;
	if (field->kind == FIELD_CURRENCY && !is_own(schema, node)) {
		if (!rate)
			return REFUSAL_UNKNOWN_CURRENCY;
		value.number = code_number(node->text);
	}
	*ret_value = value;
	return REFUSAL_NONE;
}
