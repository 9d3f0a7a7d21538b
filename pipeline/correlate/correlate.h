/* Events of customers to contributions: duplicates, order, life cycles.
 *
 * Invariant: for every customer, the contributions handed out so far add up to those of one run over its distinct events in order, whatever
 * order they came in. A customer is a base (the run over events that are folded away) and a tail (the events since); an event out of
 * order gives run(base, tail + event) - run(base, tail).
 *
 * What is said of customers here holds for all whose history an event may belong to (pipeline/correlate/subject.h). */
#ifndef PIPELINE_CORRELATE_CORRELATE_H
#define PIPELINE_CORRELATE_CORRELATE_H

#include "base/hash.h"
#include "pipeline/correlate/contribution.h"
#include "pipeline/correlate/machine.h"

enum correlate_outcome {
	CORRELATE_APPLIED,
	CORRELATE_MISSED, /* applied: a retraction, but there is nothing that it takes back, so far */
	CORRELATE_DUPLICATE,
	CORRELATE_FULL,     /* its history has as many events as it may; nothing was done */
	CORRELATE_CONFLICT, /* its id was taken; the other one, first in order, stays */
	CORRELATE_REPLACED  /* its id was taken; it comes first in order and took the other one's place */
};

/* Whether an event has the id of the one that counts and comes before it in order, or is another one: by its Kafka time, so that whoever
 * knows no longer which ids were used before (docs/figures.md) says the same. Of three and more contents about this far apart, arrival
 * decides which stay. */
static inline bool correlate_conflicts(int64_t first_time, int64_t other_kafka_time, int64_t lateness)
{
	return other_kafka_time - first_time <= lateness;
}

/* Whose a history is. */
enum correlate_owner { OWNER_CUSTOMER, OWNER_PRODUCT, OWNER_EVENT };

/* An event, and what it adds when its history is run in order. All of it is valid until the visitor returns. */
struct correlate_visit {
	enum correlate_owner owner;
	struct str name; /* of the customer or product */
	const struct record *record;
	bool in_force; /* false: a later event has taken it back */
	const struct contributions *added;
};
typedef void correlate_visitor(void *context, const struct correlate_visit *visit);

struct correlator;

/* What it looks at is borrowed and must outlive it. */
struct correlator *correlator_new(
	const struct model *model, const struct schema *schema, const struct calendar *calendar, struct groups *groups);
/* The most events of one history that are kept; 0, as at first: any number. */
void correlator_set_limit(struct correlator *correlator, uint32_t events);
/* ms; 0, as at first. How far apart events with one id and other content are one (correlate_conflicts). */
void correlator_set_lateness(struct correlator *correlator, int64_t lateness);
/* How many customers, products and events of neither are worked on at a time, at least 1; all others lie packed, and what comes of them
 * is the same. */
void correlator_set_worked_on(struct correlator *correlator, uint32_t histories);
/* Adds the event's contributions to `out`. The event must not lie before the fold (the caller refuses those). With CORRELATE_REPLACED,
 * *ret_replaced is the type of the event that counts no longer. */
enum correlate_outcome correlate_event(
	struct correlator *correlator, const struct event *event, struct contributions *out, uint16_t *ret_replaced);
/* Whether the event, which comes after all of its history, would be refused for one with its source and id. */
bool correlator_takes_id(struct correlator *correlator, const struct event *event);
/* Whether its history has as many events as it may. */
bool correlator_full(struct correlator *correlator, const struct event *event);
/* Whether there is now what the retraction takes back. */
bool correlator_finds(struct correlator *correlator, const struct event *retraction);
/* From now on no event before `fold` comes; it never goes back. A close that an event to come can still take back keeps its deal's events, so
 * that a reopening takes back exactly what it gave. Customers are folded as they are touched, and by correlator_sweep. */
void correlator_set_fold(struct correlator *correlator, int64_t fold);
int64_t correlator_fold(const struct correlator *correlator);
/* Folds the next `count` customers, as many products and as many events of neither, round and round. */
void correlator_sweep(struct correlator *correlator, uint32_t count);
uint32_t correlator_customers(const struct correlator *correlator);
/* Customers, products and events of neither: what correlator_sweep goes round. */
uint32_t correlator_histories(const struct correlator *correlator);
/* Visits the events that were not folded away, history by history, each in the order of events. Where none was folded, all that they add
 * is all that was ever handed out. */
void correlator_each(const struct correlator *correlator, correlate_visitor *visit, void *context);
/* Most of what is put is added to the sum at once. */
void correlator_save(const struct correlator *correlator, struct buf *out, struct hash_sum *sum);
/* Into a fresh correlator, from a checkpoint of that format. RESULT_CORRUPT on damage. */
MUST_CHECK enum result correlator_load(struct correlator *correlator, uint32_t format, struct reader *in);
void correlator_free(struct correlator *correlator);

#endif
