/* Whose history an event belongs to: in a topic that is keyed by product the product's, else its customer's, else one of its own.
 *
 * A retraction belongs to the history of what it takes back: its customer's; where it names none, the product's that it names; else that
 * of the event with the id that it names. */
#ifndef PIPELINE_CORRELATE_SUBJECT_H
#define PIPELINE_CORRELATE_SUBJECT_H

#include "pipeline/decode/event.h"

enum subject_kind { SUBJECT_CUSTOMER, SUBJECT_PRODUCT, SUBJECT_EVENT };

struct subject {
	enum subject_kind kind;
	struct str
		name; /* of the customer or product; SUBJECT_EVENT: the id, unique within the event's source. A view into the event. */
};

struct subject subject_of(const struct schema *schema, const struct event *event);
/* The key that the event's record has to have (in a topic that is keyed by id: may have), as far as the event itself says. Of a retraction
 * that of the history that it belongs to. A view into the event. */
struct str subject_key(const struct schema *schema, const struct event *event);

#endif
