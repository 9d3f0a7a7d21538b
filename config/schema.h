/* What a message may hold: topics, event types and fields, as events.yaml says. Read-only after loading; every pointer lives as long
 * as the struct config that it stands in.
 *
 * A field has one kind in all events; what it may hold (required, choices, bounds, default) is a rule of the event type. Text that is
 * compared or counted is a number by the time it leaves the decoder: a choice is its index in field.choices, 0-based. */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "base/str.h"
#include "base/zone.h"
#include "config/rates.h"

#define SCHEMA_FIELDS_MAX 64  /* fields in all: a set of fields is one uint64_t */
#define SCHEMA_CHOICES_MAX 64 /* choices of one field */
#define SCHEMA_TYPES_MAX 256
#define SCHEMA_REFUSES_MAX 64 /* conditions by which one event type refuses */
#define SCHEMA_EVERY_TOPIC UINT16_MAX

enum field_kind {
	FIELD_TEXT,
	FIELD_CHOICE,  /* one of a closed list */
	FIELD_DECIMAL, /* fixed point, 4 decimals (base/decimal.h) */
	FIELD_INTEGER,
	FIELD_BOOLEAN, /* 0 or 1 */
	FIELD_TIME,    /* ms since 1970 */
	FIELD_CURRENCY, /* what the event's money is in: the configured one is 0, another one that has a rate a hash of its code */
	FIELD_CREDITS /* whose the event is, in shares; its number is 0 */
};

struct field {
	const char *name;
	enum field_kind kind;
	bool money;           /* FIELD_DECIMAL in the configured currency, to which the decoder converts it */
	const char **choices; /* FIELD_CHOICE: all values of all events */
	uint16_t choice_count;
};

struct field_rule {
	uint16_t field;
	bool required;
	bool has_default;
	int64_t default_number;   /* value where the field is absent; a choice's index */
	struct str default_text;  /* FIELD_TEXT */
	int64_t minimum, maximum; /* of numbers, as they are stored */
	uint64_t allowed;         /* FIELD_CHOICE: bit i = choice i may stand here */
};

/* A place in a JSON document: member names from the root down. */
struct field_path {
	struct str *steps;
	uint16_t count;
};

struct field_binding {
	uint16_t field;
	struct field_path path;
};

/* What the key of a topic's records is, and so how its partition is checked. */
enum topic_key { TOPIC_KEY_CUSTOMER, TOPIC_KEY_ID, TOPIC_KEY_CUSTOMER_OR_ID, TOPIC_KEY_PRODUCT };

struct topic {
	const char *name; /* without kafka.topic_prefix */
	enum topic_key key;
	int32_t fixed_type; /* event type of every message, or -1: the message says */
	struct field_path id, type, time, source, customer;
	struct field_binding *bindings; /* where each field stands, in field order */
	uint16_t binding_count;
};

struct predicate; /* config/model.h */

/* A condition by which an event is refused (bad_value), once all its fields and their defaults are there. */
struct refuse_rule {
	const struct predicate *where;
	struct str text; /* as it is written */
};

struct event_type {
	const char *name;
	uint16_t topic;           /* SCHEMA_EVERY_TOPIC: of a retraction */
	bool needs_customer;      /* a retraction does where the topic is keyed by customer */
	struct field_rule *rules; /* every field the type may carry, in field order */
	uint16_t rule_count;
	const struct refuse_rule *refuses; /* in the order of the file */
	uint16_t refuse_count;
	/* In force: an event of this type counts only while none comes within schema.in_force_reach after it, of this type or of
	 * `undone_by`, that has the same `in_force_key`. */
	int32_t in_force_key; /* a field, or -1: every event of the type counts */
	int32_t undone_by;    /* an event type, or -1 */
	int32_t gate; /* the type whose being in force is at stake when one of this type comes: itself, or the first that it undoes; -1: none */
	int32_t not_after_time; /* a time field that must not lie after the event's time, or -1 (refused: negative_cycle) */
};

/* Events that take back another one, which they name by its id. All -1 where there are none. */
struct retractions {
	int32_t type;  /* the last type of all */
	int32_t names; /* the text field that holds the id; required */
	/* A time field that no message has and no name leads to: what happened before it is out of a retraction's reach. The shard sets it,
	 * from the record's Kafka timestamp. */
	int32_t reach;
};

struct schema {
	struct field *fields;
	uint16_t field_count;
	struct topic *topics;
	uint16_t topic_count;
	struct event_type *types; /* the index is the type's position in the order of events */
	uint16_t type_count;
	const char *currency;
	int32_t rep_field, team_field, product_field, credits_field, currency_field; /* -1 where there is none */
	const struct rates *rates; /* of other currencies; NULL: none */
	const struct zone *zone;   /* for the dates of the rates; NULL only where rates is */
	struct retractions retractions;
	/* ms: how long after it an event can be taken back (event_type.in_force_key). As long as any window looks back with the one before it, so
	 * that what comes later would change no figure of the event's own time; config_load sets it. */
	int64_t in_force_reach;
};

#endif
