/* An event as a customer's history keeps it: the order's key and the values that measures look at, all as numbers.
 *
 * Text values are 64-bit hashes (equal texts, equal numbers; two different texts of one customer are equal with a chance of 2^-64).
 * Only fields that the model looks at are kept. */
#ifndef PIPELINE_CORRELATE_RECORD_H
#define PIPELINE_CORRELATE_RECORD_H

#include "base/buf.h"
#include "config/model.h"
#include "pipeline/decode/event.h"

struct record {
	int64_t time;
	int64_t kafka_time; /* of the event's latest record */
	uint16_t type;
	uint32_t group;
	uint32_t moved_group; /* groups_of_moves */
	uint32_t content;     /* hash of the whole event */
	struct str source;
	struct str id;
	uint32_t id_hash; /* record_id_hash; 0: not worked out yet */
	uint64_t present;
	int64_t values[SCHEMA_FIELDS_MAX];
};

/* The number that stands for a text. */
int64_t record_text(struct str text);
/* Of a source and of an id's number (record_text). */
uint32_t record_id_hash(struct str source, int64_t id);
/* Which fields the model looks at. */
uint64_t record_fields(const struct model *model, const struct schema *schema);
/* All but the groups, which the caller sets. Views of the event's text stay views. */
void record_of_event(struct record *record, const struct event *event, uint64_t fields, const struct schema *schema);
/* The order of events: time, position of the type, source, id; and content, where one id has come with two contents. */
int record_compare(const struct record *a, const struct record *b);

void record_put(struct buf *out, const struct record *record);
/* False on damage. source and id are views into the bytes read. */
bool record_get(struct reader *in, struct record *ret_record);
/* The same from a checkpoint of format 4, which has no Kafka time: it becomes the event's own. */
bool record_get_format_4(struct reader *in, struct record *ret_record);
/* Whether it could have come from an event: its type, fields and times. */
bool record_valid(const struct record *record, const struct schema *schema);

/* 1970 to 9999, as the decoder has it: sums and differences of such times never overflow. */
static inline bool record_time_valid(int64_t time)
{
	return time >= 0 && time < INT64_C(253402300800000);
}

/* An accepted event's: at most the allowed lateness behind its time. */
static inline bool record_kafka_time_valid(int64_t time)
{
	return time > -INT64_C(253402300800000) && time < 2 * INT64_C(253402300800000);
}

/* Whether a retraction has what it stands on: the id that it names, and its reach. */
static inline bool record_retraction_whole(const struct schema *schema, uint16_t type, uint64_t present)
{
	return type != schema->retractions.type ||
		((present >> schema->retractions.names & 1) && (present >> schema->retractions.reach & 1));
}

bool predicate_holds(const struct predicate *predicate, const struct record *record);

#endif
