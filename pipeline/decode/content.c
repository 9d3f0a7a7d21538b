#include "pipeline/decode/content.h"

#include "base/check.h"
#include "base/decimal.h"
#include "base/hash.h"

#include <endian.h>

/* Of the event: type, time, length of the customer. Of a value the name and a number; of converted money the name, digits (2), exponent
 * and sign; of credits their number. */
enum { EVENT_WORDS = 3, VALUE_WORDS = 5 };

/* Part of the format of checkpoints: never changed. */
static const struct hash_key content_key = {0x6b7069642d636f6e, 0x74656e742d686173};

static uint64_t name_hash(const char *name)
{
	return hash_sip(content_key, str_of(name));
}

static void field_init(struct content_field *plan, struct arena *arena, const struct field *field)
{
	plan->name = name_hash(field->name);
	plan->kind = field->kind;
	plan->choices = ARENA_ARRAY(arena, uint64_t, field->choice_count);
	for (uint16_t i = 0; i < field->choice_count; i++)
		plan->choices[i] = name_hash(field->choices[i]);
}

void content_plan_init(struct content_plan *plan, struct arena *arena, const struct schema *schema)
{
	plan->types = ARENA_ARRAY(arena, uint64_t, schema->type_count);
	plan->fields = ARENA_ARRAY(arena, struct content_field, schema->field_count);
	plan->size = (EVENT_WORDS + VALUE_WORDS * (size_t)schema->field_count) * sizeof(uint64_t);
	for (uint16_t i = 0; i < schema->type_count; i++)
		plan->types[i] = name_hash(schema->types[i].name);
	for (uint16_t i = 0; i < schema->field_count; i++) {
		field_init(&plan->fields[i], arena, &schema->fields[i]);
		plan->text_fields |= (uint64_t)(schema->fields[i].kind == FIELD_TEXT) << i;
	}
}

static char *put_word(char *at, uint64_t word)
{
	word = htole64(word);
	memcpy(at, &word, sizeof word);
	return at + sizeof word;
}

/* Texts are short: no call for each. Ends meet where the length is no multiple of a word's. */
static char *put_text(char *at, struct str text)
{
	size_t length = text.length;
	at = put_word(at, length);
	if (length >= 8) {
		for (size_t i = 0; i + 8 < length; i += 8)
			memcpy(at + i, text.data + i, 8);
		memcpy(at + length - 8, text.data + length - 8, 8);
	} else if (length >= 4) {
		memcpy(at, text.data, 4);
		memcpy(at + length - 4, text.data + length - 4, 4);
	} else {
		for (size_t i = 0; i < length; i++)
			at[i] = text.data[i];
	}
	return at + length;
}

static size_t size_at_most(const struct content_plan *plan, const struct event *event)
{
	size_t size = plan->size + event->customer.length;
	for (uint64_t left = event->present & plan->text_fields; left; left &= left - 1)
		size += event->values[__builtin_ctzll(left)].text.length;
	for (uint32_t i = 0; i < event->credit_count; i++)
		size += 2 * sizeof(uint64_t) + event->credits[i].rep.length;
	return size;
}

/* Money that was converted counts as it was written, so that another rate makes no other content. It was read before. */
static char *put_written(char *at, struct str text)
{
	struct decimal amount = {0};
	enum result result = decimal_read(text, &amount);
	CHECK(result == RESULT_OK);
	at = put_word(at, (uint64_t)amount.digits);
	at = put_word(at, (uint64_t)(amount.digits >> 64));
	at = put_word(at, (uint64_t)amount.exponent);
	return put_word(at, amount.negative);
}

static char *put_credits(char *at, const struct event *event)
{
	at = put_word(at, event->credit_count);
	for (uint32_t i = 0; i < event->credit_count; i++) {
		at = put_text(at, event->credits[i].rep);
		at = put_word(at, event->credits[i].share);
	}
	return at;
}

static char *put_value(const struct content_field *field, char *at, int f, const struct event *event)
{
	const struct event_value *value = &event->values[f];
	at = put_word(at, field->name);
	switch (field->kind) {
	case FIELD_TEXT:
		return put_text(at, value->text);
	case FIELD_CHOICE:
		return put_word(at, field->choices[value->number]);
	case FIELD_CREDITS:
		return put_credits(at, event);
	case FIELD_DECIMAL:
		if (value->text.length)
			return put_written(at, value->text);
		return put_word(at, (uint64_t)value->number);
	default:
		return put_word(at, (uint64_t)value->number);
	}
}

uint64_t content_hash(const struct content_plan *plan, const struct event *event, struct buf *scratch)
{
	buf_clear(scratch);
	buf_reserve(scratch, size_at_most(plan, event));
	char *at = put_word(scratch->data, plan->types[event->type]);
	at = put_word(at, (uint64_t)event->time);
	at = put_text(at, event->customer);
	for (uint64_t left = event->present; left; left &= left - 1) {
		int f = __builtin_ctzll(left);
		at = put_value(&plan->fields[f], at, f, event);
	}
	return hash_sip(content_key, (struct str){scratch->data, (size_t)(at - scratch->data)});
}
