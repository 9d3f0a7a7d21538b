/* One customer: base, tail and head. Invariant: head is the machine's cells after base and tail; with an empty tail base is not kept (it
 * equals head). Private to correlate. */
#ifndef PIPELINE_CORRELATE_CUSTOMER_H
#define PIPELINE_CORRELATE_CUSTOMER_H

#include "pipeline/correlate/machine.h"
#include "pipeline/correlate/tail.h"

struct customer {
	struct cells base;
	struct cells head;
	struct tail tail;
};

void customer_init(struct customer *customer);
/* Puts the record where it belongs and adds what changes to `out`. False: a retraction that takes nothing back here. */
bool customer_insert(struct customer *customer, const struct machine *machine, const struct schema *schema,
	const struct record *record, struct contributions *out);
/* Takes the tail's record at `at` out, and back what it gave. */
void customer_remove(struct customer *customer, const struct machine *machine, const struct schema *schema, uint32_t at,
	struct contributions *out);
/* Whether it is worth folding: an eighth of the tail is due. Each fold moves what stays. */
bool customer_fold_due(const struct customer *customer, int64_t fold);
void customer_fold(struct customer *customer, const struct machine *machine, const struct schema *schema, int64_t fold);
/* It comes from another shard: the numbers of its groups and keys, which are those of `from`, become the machine's. */
void customer_adopt(struct customer *customer, const struct machine *machine, const struct schema *schema,
	const struct groups *from);
/* Nothing is remembered of it. */
bool customer_empty(const struct customer *customer);
/* Runs the tail again from the base: each event, whether it counts, and what it adds. */
typedef void customer_visitor(
	void *context, const struct record *record, bool in_force, const struct contributions *added);
void customer_each(
	const struct customer *customer, const struct machine *machine, customer_visitor *visit, void *context);
void customer_save(const struct customer *customer, struct buf *out);
/* What was folded away lies before `fold`; `format` is the checkpoint's. False on damage. */
bool customer_load(struct customer *customer, const struct machine *machine, const struct schema *schema, int64_t fold,
	uint32_t format, struct reader *in);
void customer_clear(struct customer *customer); /* as new; its memory is kept */
void customer_release(struct customer *customer);

#endif
