/* Where a message says what it is about: in a CloudEvents 1.0 envelope (structured: `specversion` in the body;
 * binary: headers ce_*), or flat, where the topic's map says. */
#ifndef PIPELINE_DECODE_ENVELOPE_H
#define PIPELINE_DECODE_ENVELOPE_H

#include "pipeline/decode/decode.h"
#include "pipeline/decode/json.h"
#include "pipeline/decode/places.h"
#include "pipeline/decode/value.h"

/* Asked of every message; SLOTS_READ of them are what an event is made of. */
enum envelope_slot {
	SLOT_ID,
	SLOT_TYPE,
	SLOT_TIME,
	SLOT_SOURCE,
	SLOT_CUSTOMER,
	SLOTS_READ,
	SLOT_SPECVERSION = SLOTS_READ,
	ENVELOPE_SLOTS
};

/* Where the messages of one topic have what is asked of them: places (places.h). */
struct topic_view {
	uint32_t slots[SLOTS_READ];
	uint32_t customer_else; /* where the customer stands if there is none in its slot */
	uint32_t fields[SCHEMA_FIELDS_MAX];
};

/* A binary envelope's headers as if they stood in JSON. */
struct header_nodes {
	struct json_node nodes[ENVELOPE_SLOTS];
	bool used;     /* the message has an envelope in its headers */
	bool not_utf8; /* one of them is not text */
};

struct topic_plan {
	struct topic_view flat, enveloped; /* the latter: the envelope's attributes, and all else within its `data` */
};

struct envelope_plan {
	struct places places; /* of all views */
	struct topic_plan *topics;
	uint32_t specversion;
	uint32_t received_at, wrong_partition; /* what replay asks for */
};

/* A message in the eyes of one topic. NULL: not there. */
struct envelope {
	const struct json_node *slots[SLOTS_READ];
	const struct json_node *customer_else; /* where there is none in its slot */
	const uint32_t *fields;                /* the place of each field */
};

/* `arena` owns what is made. */
void envelope_plan_init(struct envelope_plan *plan, struct arena *arena, const struct schema *schema);
void envelope_read_headers(const struct message *message, struct header_nodes *ret_headers);
/* The message is an object, parsed by plan->places. */
void envelope_find(const struct envelope_plan *plan, int32_t topic, const struct header_nodes *headers,
	const struct json_document *document, struct envelope *ret_envelope);

static inline const struct json_node *envelope_customer(const struct envelope *envelope)
{
	const struct json_node *customer = envelope->slots[SLOT_CUSTOMER];
	return value_absent(customer) ? envelope->customer_else : customer;
}

#endif
