#include "tools/kpisim/record.h"

#include "base/mem.h"

struct record *record_new(enum topic topic, int64_t arrival, struct str key, struct str value)
{
	struct record *record = mem_new(sizeof(*record) + key.length + value.length);

	record->topic = topic;
	record->arrival = arrival;
	record->is_object = true;
	record->key_length = (uint32_t)key.length;
	record->value_length = value.length;
	memcpy(record->bytes, key.data, key.length);
	if (value.length)
		memcpy(record->bytes + key.length, value.data, value.length);
	return record;
}

struct record *record_copy(const struct record *record)
{
	return mem_copy(record, sizeof(*record) + record->key_length + record->value_length);
}

struct str record_key(const struct record *record)
{
	return (struct str){record->bytes, record->key_length};
}

struct str record_value(const struct record *record)
{
	return (struct str){record->bytes + record->key_length, record->value_length};
}

void record_free(void *record)
{
	mem_free(record);
}
