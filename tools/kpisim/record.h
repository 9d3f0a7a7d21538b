/* A record as a Kafka topic holds it. Owns its bytes. */
#ifndef KPISIM_RECORD_H
#define KPISIM_RECORD_H

#include "base/str.h"
#include "tools/kpisim/vocabulary.h"

struct record {
	enum topic topic;
	int64_t arrival; /* the record's timestamp, ms */
	bool is_object;  /* of JSON; else something that is broken on purpose */
	bool wrong_partition;
	uint32_t key_length;
	size_t value_length;
	char bytes[]; /* key, value */
};

struct record *record_new(enum topic topic, int64_t arrival, struct str key, struct str value);
struct record *record_copy(const struct record *record);
struct str record_key(const struct record *record);
struct str record_value(const struct record *record);
void record_free(void *record);

#endif
