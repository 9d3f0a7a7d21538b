/* A definition written out with the names of fields, choices and event types, so that the numbers they happen to have do not
 * matter; then hashed. */
#include "config/identity.h"

#include "base/hash.h"
#include "base/mem.h"
#include <stdlib.h>

struct writer {
	const struct schema *schema;
	const struct model *model;
};

uint64_t identity_hash(struct str bytes)
{
	static const struct hash_key key = {0x6b7069642d646566, 0x696e6974696f6e31};
	return hash_sip(key, bytes);
}

static void put_text(struct buf *out, const char *text)
{
	buf_put_counted(out, str_of(text));
}

static void put_field(const struct writer *writer, int32_t field, struct buf *out)
{
	put_text(out, field < 0 ? "" : writer->schema->fields[field].name);
}

static void put_number(const struct field *field, int64_t number, struct buf *out)
{
	if (field->kind == FIELD_CHOICE && number >= 0 && number < field->choice_count)
		put_text(out, field->choices[number]);
	else
		buf_put_svarint(out, number);
}

static int by_text(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void put_choices(const struct field *field, uint64_t set, struct buf *out)
{
	const char *names[SCHEMA_CHOICES_MAX];
	size_t count = 0;
	for (uint16_t i = 0; i < field->choice_count; i++)
		if (set >> i & 1)
			names[count++] = field->choices[i];
	if (count)
		qsort(names, count, sizeof *names, by_text);
	buf_put_varint(out, count);
	for (size_t i = 0; i < count; i++)
		put_text(out, names[i]);
}

static void put_predicate(const struct writer *writer, const struct predicate *predicate, struct buf *out)
{
	buf_put_varint(out, predicate ? predicate->count : 0);
	for (uint16_t i = 0; predicate && i < predicate->count; i++) {
		const struct predicate_step *step = &predicate->steps[i];
		buf_put_byte(out, step->code);
		if (step->code >= PREDICATE_AND)
			continue;
		const struct field *field = &writer->schema->fields[step->field];
		put_text(out, field->name);
		buf_put_byte(out, (uint8_t)field->kind);
		if (step->code == PREDICATE_IN)
			put_choices(field, step->set, out);
		else if (step->code == PREDICATE_TEXT_EQUAL)
			buf_put_counted(out, step->text);
		else
			put_number(field, step->number, out);
	}
}

/* What the event type itself means: which of its events count, and what stands in for an absent field. */
static void put_type(const struct writer *writer, uint16_t index, struct buf *out)
{
	const struct event_type *type = &writer->schema->types[index];
	put_text(out, type->name);
	put_field(writer, type->in_force_key, out);
	put_text(out, type->undone_by < 0 ? "" : writer->schema->types[type->undone_by].name);
	for (uint16_t i = 0; i < type->rule_count; i++) {
		const struct field_rule *rule = &type->rules[i];
		const struct field *field = &writer->schema->fields[rule->field];
		if (!rule->has_default)
			continue;
		put_text(out, field->name);
		if (field->kind == FIELD_TEXT)
			buf_put_counted(out, rule->default_text);
		else
			put_number(field, rule->default_number, out);
	}
}

static void put_stock(const struct writer *writer, const struct stock *stock, struct buf *out);

static void put_trigger(const struct writer *writer, const struct trigger *trigger, struct buf *out)
{
	buf_put_byte(out, trigger->kind);
	buf_put_svarint(out, trigger->sign);
	if (trigger->kind == TRIGGER_EVENT)
		put_type(writer, trigger->index, out);
	else
		put_stock(writer, &writer->model->stocks[trigger->index], out);
	put_predicate(writer, trigger->where, out);
}

static int by_bytes(const void *left, const void *right)
{
	return str_compare(buf_str(left), buf_str(right));
}

static void put_triggers(const struct writer *writer, const struct trigger_list *list, struct buf *out)
{
	struct buf *texts = NEW_ARRAY(struct buf, (size_t)list->count + 1);
	for (uint16_t i = 0; i < list->count; i++) {
		buf_init(&texts[i]);
		put_trigger(writer, &list->items[i], &texts[i]);
	}
	qsort(texts, list->count, sizeof *texts, by_bytes);
	buf_put_varint(out, list->count);
	for (uint16_t i = 0; i < list->count; i++) {
		buf_put_counted(out, buf_str(&texts[i]));
		buf_release(&texts[i]);
	}
	mem_free(texts);
}

static void put_stock(const struct writer *writer, const struct stock *stock, struct buf *out)
{
	put_field(writer, stock->key, out);
	buf_put_byte(out, stock->once);
	put_triggers(writer, &stock->opens, out);
	put_triggers(writer, &stock->closes, out);
	put_field(writer, stock->hold_key, out);
	put_triggers(writer, &stock->hold_opens, out);
	put_triggers(writer, &stock->hold_closes, out);
	put_triggers(writer, &stock->moves, out);
	put_field(writer, stock->moved_to, out);
	if (stock->moved_to >= 0)
		put_text(out, writer->model->dimensions[stock->moved_dimension].name);
}

static void put_measure(const struct writer *writer, const struct measure *measure, struct buf *out)
{
	buf_put_byte(out, measure->kind);
	put_triggers(writer, &measure->on, out);
	put_triggers(writer, &measure->ends, out);
	put_field(writer, measure->field, out);
	buf_put_byte(out, measure->first);
	put_field(writer, measure->key, out);
	buf_put_byte(out, measure->match);
	buf_put_svarint(out, measure->within);
	buf_put_byte(out, measure->dated_at_start);
	buf_put_byte(out, measure->dimensions_of_start);
	put_field(writer, measure->fallback_start, out);
	buf_put_byte(out, measure->has_histogram);
	buf_put_byte(out, measure->has_opening);
	for (uint16_t i = 0; i < measure->since_count; i++)
		put_stock(writer, &writer->model->stocks[measure->since[i]], out);
	if (measure->stock >= 0)
		put_stock(writer, &writer->model->stocks[measure->stock], out);
	if (measure->pair >= 0)
		put_measure(writer, &writer->model->measures[measure->pair], out);
	if (measure->kind == MEASURE_DISTINCT || measure->kind == MEASURE_STAYED)
		buf_put_byte(out, writer->model->units_in_use);
	if (measure->kind == MEASURE_LAST)
		buf_put_byte(out, (uint8_t)(measure->keeps_lowest | measure->keeps_highest << 1));
}

uint64_t measure_identity(const struct schema *schema, const struct model *model, const struct measure *measure)
{
	struct writer writer = {schema, model};
	struct buf out;
	buf_init(&out);
	put_measure(&writer, measure, &out);
	uint64_t hash = identity_hash(buf_str(&out));
	buf_release(&out);
	return hash;
}
