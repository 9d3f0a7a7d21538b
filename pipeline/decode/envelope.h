/* Where a message says what it is about: in a CloudEvents 1.0 envelope (structured: `specversion` in the body;
 * binary: headers ce_*), or flat, where the topic's map says. */
#ifndef PIPELINE_DECODE_ENVELOPE_H
#define PIPELINE_DECODE_ENVELOPE_H

#include "pipeline/decode/decode.h"
#include "pipeline/decode/json.h"
#include "pipeline/decode/places.h"

enum envelope_slot { SLOT_ID, SLOT_TYPE, SLOT_TIME, SLOT_SOURCE, SLOT_CUSTOMER, SLOT_SPECVERSION, SLOT_FIELDS };

/* What is asked of a message of one topic: slots of the envelope, then one for each binding. */
struct topic_plan {
	struct places places;
	uint16_t slot_of_field[SCHEMA_FIELDS_MAX]; /* 0: the topic has no place for it */
};

/* A binary envelope's headers as if they stood in JSON. */
struct header_nodes {
	struct json_node nodes[SLOT_FIELDS];
	bool used;     /* the message has an envelope in its headers */
	bool not_utf8; /* one of them is not text */
};

struct envelope_plan {
	struct places envelope; /* of the structured mode */
	struct topic_plan *topics;
	size_t found_max; /* slots that the largest of them needs */
};

/* `arena` owns what is made. */
void envelope_plan_init(struct envelope_plan *plan, struct arena *arena, const struct schema *schema);
void envelope_read_headers(const struct message *message, struct header_nodes *ret_headers);
/* Sets found[] for a message of `topic`, whose body is an object. `found` has room for plan->found_max. */
void envelope_find(const struct envelope_plan *plan, int32_t topic, const struct header_nodes *headers,
	const struct json_node *nodes, const struct json_node **found);

#endif
