/* One event before it is text. Fields hold pointers to texts that live as long as the organisation does; what is numbered
 * ("d-17") is kept as prefix and number.
 *
 * Invariant: names of fields are unique (setting one twice replaces it), and FIELD_MAX is enough for every type. */
#ifndef KPISIM_EVENT_H
#define KPISIM_EVENT_H

#include "base/buf.h"
#include "tools/kpisim/vocabulary.h"

enum field_kind {
	FIELD_TEXT,   /* text */
	FIELD_REF,    /* text, a dash, number */
	FIELD_AMOUNT, /* number / 10000 */
	FIELD_WHOLE,  /* number */
	FIELD_TIME,   /* number, in ms */
	FIELD_FLAG,   /* number: 0 or 1 */
	FIELD_RAW     /* text, as it is */
};

struct field {
	const char *name;
	enum field_kind kind;
	const char *text;
	int64_t number;
};

#define FIELD_MAX 16
#define EVENT_ID_MAX 256
#define CUSTOMER_ID_MAX 48

struct event {
	enum event_type type;
	int64_t time;
	const char *source; /* NULL: absent */
	char id[EVENT_ID_MAX + 1];
	char customer[CUSTOMER_ID_MAX]; /* empty: absent */
	const char *key;                /* of the record where it is neither the customer nor the id; else NULL */
	struct field fields[FIELD_MAX];
	int field_count;
};

void event_init(struct event *event, enum event_type type, int64_t time);
void event_text(struct event *event, const char *name, const char *text);
void event_ref(struct event *event, const char *name, const char *prefix, int64_t number);
void event_amount(struct event *event, int64_t fixed);
void event_whole(struct event *event, const char *name, int64_t number);
void event_time(struct event *event, const char *name, int64_t ms);
void event_flag(struct event *event, const char *name, bool flag);
void event_raw(struct event *event, const char *name, const char *json);
/* Takes the field away, if it is there. */
void event_drop(struct event *event, const char *name);
/* The key of its record; points into the event. */
struct str event_key(const struct event *event);

#endif
