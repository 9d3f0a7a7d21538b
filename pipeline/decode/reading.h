/* How one message is read: which topic's it is, of what type, where its envelope and its fields stand. All messages of a shape (shapes.h)
 * are read in the same way, so it is found out once for all of them. */
#ifndef PIPELINE_DECODE_READING_H
#define PIPELINE_DECODE_READING_H

#include "pipeline/decode/envelope.h"

/* A rule of the type that has something to say: there is a node that is not null, or the rule says what is to be where there is none. */
struct reading_rule {
	const struct field_rule *rule;
	const struct json_node *node; /* may be absent */
};

struct reading {
	int32_t topic; /* what it is read as a message of */
	const struct event_type *type;
	struct envelope envelope;
	const struct json_node *currency; /* of its amounts; NULL: the type carries none, or it is not there */
	uint16_t rule_count;
	struct reading_rule rules[SCHEMA_FIELDS_MAX]; /* as they stand in the type */
};

static inline const struct json_node *reading_node(
	const struct reading *reading, const struct json_document *document, uint16_t field)
{
	return json_at(document, reading->envelope.fields[field]);
}

/* Topic, type and envelope are known. */
void reading_find_rules(struct reading *reading, const struct schema *schema, const struct json_document *document);
/* Bytes of a copy that has no room for more rules. */
size_t reading_size(const struct reading *reading);

#endif
