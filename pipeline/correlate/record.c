#include "pipeline/correlate/record.h"

#include "base/hash.h"
#include "pipeline/predicate.h"

#include <endian.h>

int64_t record_text(struct str text)
{
	/* The key is fixed: the numbers are stored, and who collides on purpose only mixes up their own customer. */
	static const struct hash_key key = {0x6b7069642d746578, 0x742d6e756d626572};
	return (int64_t)hash_sip(key, text);
}

uint32_t record_id_hash(struct str source, int64_t id)
{
	uint64_t hash = (uint64_t)id;
	if (source.length) /* mostly there is none */
		hash ^= (uint64_t)record_text(source) * 31;
	return (uint32_t)(hash ^ hash >> 32);
}

static void add_field(uint64_t *fields, int32_t field)
{
	if (field >= 0)
		*fields |= UINT64_C(1) << field;
}

static void add_triggers(uint64_t *fields, const struct trigger_list *triggers)
{
	for (unsigned i = 0; i < triggers->count; i++) {
		const struct predicate *where = triggers->items[i].where;
		for (unsigned s = 0; where && s < where->count; s++)
			if (where->steps[s].code <= PREDICATE_PRESENT)
				add_field(fields, where->steps[s].field);
	}
}

static void add_stock(uint64_t *fields, const struct stock *stock)
{
	add_field(fields, stock->key);
	add_field(fields, stock->hold_key);
	add_triggers(fields, &stock->opens);
	add_triggers(fields, &stock->closes);
	add_triggers(fields, &stock->hold_opens);
	add_triggers(fields, &stock->hold_closes);
	add_triggers(fields, &stock->moves);
}

static void add_measure(uint64_t *fields, const struct measure *measure)
{
	add_field(fields, measure->field);
	add_field(fields, measure->key);
	add_field(fields, measure->fallback_start);
	add_triggers(fields, &measure->on);
	add_triggers(fields, &measure->ends);
}

uint64_t record_fields(const struct model *model, const struct schema *schema)
{
	uint64_t fields = 0;
	for (unsigned i = 0; i < model->stock_count; i++)
		add_stock(&fields, &model->stocks[i]);
	for (unsigned i = 0; i < model->measure_count; i++)
		add_measure(&fields, &model->measures[i]);
	for (unsigned i = 0; i < schema->type_count; i++)
		add_field(&fields, schema->types[i].in_force_key);
	add_field(&fields, schema->retractions.names);
	add_field(&fields, schema->retractions.reach);
	return fields;
}

void record_of_event(struct record *record, const struct event *event, uint64_t fields, const struct schema *schema)
{
	record->time = event->time;
	record->kafka_time = event->kafka_time;
	record->type = event->type;
	record->content = (uint32_t)(event->content ^ event->content >> 32);
	record->source = event->source;
	record->id = event->id;
	record->id_hash = record_id_hash(event->source, record_text(event->id));
	record->present = event->present & fields;
	for (uint64_t left = record->present; left; left &= left - 1) {
		unsigned f = (unsigned)__builtin_ctzll(left);
		bool text = schema->fields[f].kind == FIELD_TEXT;
		record->values[f] = text ? record_text(event->values[f].text) : event->values[f].number;
	}
}

int record_compare(const struct record *a, const struct record *b)
{
	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	if (a->type != b->type)
		return a->type < b->type ? -1 : 1;
	int order = str_compare(a->source, b->source);
	if (order == 0)
		order = str_compare(a->id, b->id);
	if (order == 0)
		order = (a->content > b->content) - (a->content < b->content);
	return order;
}

/* Times, type, groups, content, two lengths and which fields: with room to spare. */
#define HEAD_MOST (8 + 4 + 7 * BUF_VARINT_MAX)

static char *write_text(char *at, struct str text)
{
	return buf_write(buf_write_varint(at, text.length), text.data, text.length);
}

void record_put(struct buf *out, const struct record *record)
{
	/* Mostly there are none, and to count bits is a call. */
	size_t values = record->present ? (size_t)__builtin_popcountll(record->present) * BUF_VARINT_MAX : 0;
	uint64_t time = htole64((uint64_t)record->time);
	uint32_t content = htole32(record->content);
	buf_reserve(out, HEAD_MOST + record->source.length + record->id.length + values);
	char *at = buf_write(out->data + out->length, &time, sizeof time);
	at = buf_write_svarint(at, record->kafka_time - record->time);
	at = buf_write_varint(at, record->type);
	at = buf_write_varint(at, record->group);
	at = buf_write_svarint(at, (int64_t)record->moved_group - record->group); /* most events move nothing */
	at = buf_write(at, &content, sizeof content);
	at = write_text(at, record->source);
	at = write_text(at, record->id);
	at = buf_write_varint(at, record->present);
	for (uint64_t left = record->present; left; left &= left - 1)
		at = buf_write_svarint(at, record->values[__builtin_ctzll(left)]);
	buf_wrote(out, at);
}

static bool get_behind_times(struct reader *in, struct record *ret_record)
{
	ret_record->id_hash = 0;
	ret_record->type = (uint16_t)reader_varint(in);
	ret_record->group = (uint32_t)reader_varint(in);
	ret_record->moved_group = ret_record->group + (uint32_t)reader_svarint(in);
	ret_record->content = reader_u32(in);
	ret_record->source = reader_counted(in);
	ret_record->id = reader_counted(in);
	ret_record->present = reader_varint(in);
	for (uint64_t left = ret_record->present; left; left &= left - 1)
		ret_record->values[__builtin_ctzll(left)] = reader_svarint(in);
	return !in->failed;
}

bool record_get(struct reader *in, struct record *ret_record)
{
	ret_record->time = (int64_t)reader_u64(in);
	ret_record->kafka_time = (int64_t)((uint64_t)ret_record->time + (uint64_t)reader_svarint(in));
	return get_behind_times(in, ret_record);
}

bool record_get_format_4(struct reader *in, struct record *ret_record)
{
	ret_record->time = ret_record->kafka_time = (int64_t)reader_u64(in);
	return get_behind_times(in, ret_record);
}

bool record_valid(const struct record *record, const struct schema *schema)
{
	if (record->type >= schema->type_count || !record_time_valid(record->time) ||
		!record_kafka_time_valid(record->kafka_time) ||
		!record_retraction_whole(schema, record->type, record->present))
		return false;
	for (uint64_t left = record->present; left; left &= left - 1) {
		unsigned f = (unsigned)__builtin_ctzll(left);
		if (f >= schema->field_count ||
			(schema->fields[f].kind == FIELD_TIME && !record_time_valid(record->values[f])))
			return false;
	}
	return true;
}

static bool look(const struct predicate_step *step, const void *event)
{
	const struct record *record = event;
	bool present = record->present >> step->field & 1;
	if (step->code == PREDICATE_TEXT_EQUAL)
		return present && record->values[step->field] == record_text(step->text);
	return predicate_number(step, present, present ? record->values[step->field] : 0);
}

bool predicate_holds(const struct predicate *predicate, const struct record *record)
{
	return predicate_decide(predicate, look, record);
}
