/* One decoded event: what decode hands to correlate. All text is a view into the message or the decoder, valid until
 * the next decode.
 *
 * Where credits are given (the field of FIELD_CREDITS is present), they are whose the event is, instead of its rep.
 *
 * Bit f of `present` says whether field f has a value; a default counts as present. */
#ifndef PIPELINE_DECODE_EVENT_H
#define PIPELINE_DECODE_EVENT_H

#include "config/schema.h"

#define EVENT_CREDITS_MAX 32
#define EVENT_CREDIT_WHOLE 10000

struct credit {
	struct str rep; /* never empty */
	uint32_t share; /* 1 to EVENT_CREDIT_WHOLE */
};

struct event_value {
	int64_t number; /* of every kind but FIELD_TEXT: as enum field_kind says */
	struct str
		text; /* FIELD_TEXT; never empty. Of money that was converted, and so lies in `number` in the configured currency: the
			    amount as it is written */
};

struct event {
	int64_t time;       /* ms since 1970 */
	int64_t kafka_time; /* of its record; set by the shard */
	uint16_t type;      /* index into schema.types */
	struct str source;  /* empty where the event names none */
	struct str id;
	struct str customer; /* empty where it has none */
	uint64_t present;
	struct event_value values[SCHEMA_FIELDS_MAX];
	struct credit credits[EVENT_CREDITS_MAX]; /* as they are written; the shares add up to EVENT_CREDIT_WHOLE */
	uint32_t credit_count;                    /* 0: none are given */
	uint64_t content; /* hash of type, time, customer and all values: equal content, equal hash, on every machine */
};

#endif
