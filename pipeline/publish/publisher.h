/* Figures to publications: evaluates the keys that changed and hands out what is new to readers.
 *
 * Invariant: for each key and figure the publisher remembers (as a hash) what it handed out last, so a figure that stayed as it is
 * costs readers nothing. It keeps its memory of a key in the key's slot (merge.h). One publisher serves one thread and one merge, and is
 * freed before it. */
#ifndef PIPELINE_PUBLISH_PUBLISHER_H
#define PIPELINE_PUBLISH_PUBLISHER_H

#include "pipeline/evaluate/goals.h"
#include "pipeline/publish/publication.h"

struct publisher;

/* Everything is borrowed and outlives the publisher. */
struct publisher *publisher_new(const struct model *model, const struct roster *roster, struct merge *merge,
	const struct publication_sink *sink);

/* Alerts as they were before a restart, before the first turn. One that no key claims is handed out as normal by the first
 * publisher_alerts. */
void publisher_restore_alert(struct publisher *publisher, struct str fingerprint, struct alert alert);

/* One turn, to be called only when merge_end is evaluation->spans->end: makes the roster's keys, and hands out what changed since the
 * turn before. With a new end, or when completeness, the types seen or goals that are handed down have changed, all keys are evaluated
 * again. */
void publisher_turn(struct publisher *publisher, const struct evaluation *evaluation);

/* Steps every alert rule for every key, and hands out the transitions. Once for each end, after its first turn, only when caught up. */
void publisher_alerts(struct publisher *publisher, const struct evaluation *evaluation);

/* Hands out the next `keys` keys whole, changed or not, round and round, as of the last turn's evaluation; returns how many it did. */
size_t publisher_refresh(struct publisher *publisher, const struct evaluation *evaluation, size_t keys);
/* Hands out all that the last turn has not handed out whole, as after Redis came back empty. */
void publisher_refresh_all(struct publisher *publisher, const struct evaluation *evaluation);
/* Hands out one key whole, named as publications name it (encoded). False where there is no such key: then a removal was handed out,
 * or its first turn is still to come. */
bool publisher_again(
	struct publisher *publisher, const struct evaluation *evaluation, const char *dimension, struct str key);
/* Hands out the alerts that are pending or firing, as `repeated`. */
void publisher_refresh_alerts(struct publisher *publisher, const struct evaluation *evaluation);
size_t publisher_key_count(const struct publisher *publisher);
/* Evaluates every figure of every key there is after a turn, for those who want them all as they are. */
typedef void publisher_visit(
	void *context, uint8_t dimension, struct str key, const struct figure *figure, const struct aim *aim);
void publisher_each(
	const struct publisher *publisher, const struct evaluation *evaluation, publisher_visit *visit, void *context);

/* What is wanted of a key's figure, as of the last turn's evaluation. */
void publisher_aim(const struct publisher *publisher, const struct evaluation *evaluation, const struct merged_key *key,
	const struct figure *figure, struct aim *ret_aim);

void publisher_free(struct publisher *publisher);

#endif
