#include "pipeline/correlate/customer.h"

#include "base/mem.h"
#include "pipeline/correlate/step.h"

void customer_init(struct customer *customer)
{
	*customer = (struct customer){0};
	tail_init(&customer->tail);
}

static bool in_force(const struct tail_entry *entry)
{
	return !entry->superseded && !entry->retracted;
}

/* Runs the tail's entries [from, to) over the cells. */
static void run(const struct tail *tail, const struct machine *machine, struct cells *cells, uint32_t from, uint32_t to,
	struct machine_output output)
{
	for (uint32_t i = from; i < to; i++) {
		struct record record;
		tail_read(tail, i, &record);
		machine_step(machine, cells, &record, in_force(&tail->entries[i]), output);
	}
}

static const struct machine_output silent = {NULL, 1};

/* The cells just before entry `at`. The caller releases them. */
static struct cells cells_before(const struct customer *customer, const struct machine *machine, uint32_t at)
{
	struct cells cells = {0};
	cells_copy(&cells, customer->tail.count ? &customer->base : &customer->head);
	run(&customer->tail, machine, &cells, 0, at, silent);
	return cells;
}

/* Adds the negative of what the entries from `at` on gave. */
static void take_back(const struct customer *customer, const struct machine *machine, uint32_t at,
	const struct cells *before, struct contributions *out)
{
	struct cells cells = {0};
	cells_copy(&cells, before);
	run(&customer->tail, machine, &cells, at, customer->tail.count, (struct machine_output){out, -1});
	cells_release(&cells);
}

/* Runs the entries from `at` on again; `before` becomes the head. */
static void run_again(struct customer *customer, const struct machine *machine, uint32_t at, struct cells *before,
	struct contributions *out)
{
	run(&customer->tail, machine, before, at, customer->tail.count, (struct machine_output){out, 1});
	cells_release(&customer->head);
	customer->head = *before;
}

bool customer_insert(struct customer *customer, const struct machine *machine, const struct schema *schema,
	const struct record *record, struct contributions *out)
{
	struct tail *tail = &customer->tail;
	uint32_t at = tail_place(tail, record);
	uint32_t first = tail_first_changed(tail, schema, at, record);
	bool effective = record->type != schema->retractions.type || tail_target(tail, schema, at, record) != TAIL_NONE;
	if (tail->count == 0)
		cells_copy(&customer->base, &customer->head);
	if (first == tail->count) {
		tail_insert(tail, schema, at, record);
		machine_step(machine, &customer->head, record, true, (struct machine_output){out, 1});
		return effective;
	}
	struct cells before = cells_before(customer, machine, first);
	take_back(customer, machine, first, &before, out);
	tail_insert(tail, schema, at, record);
	run_again(customer, machine, first, &before, out);
	return effective;
}

void customer_remove(struct customer *customer, const struct machine *machine, const struct schema *schema, uint32_t at,
	struct contributions *out)
{
	/* What the removed event had taken back may stand anywhere before it: run all of the tail again. */
	struct cells before = cells_before(customer, machine, 0);
	take_back(customer, machine, 0, &before, out);
	tail_remove(&customer->tail, schema, at);
	run_again(customer, machine, 0, &before, out);
}

/* No fold through this one takes the entry out of the tail: until then something may still come that concerns it. */
static int64_t stays(const struct tail *tail, const struct schema *schema, uint32_t at)
{
	const struct tail_entry *entry = &tail->entries[at];
	if (entry->gate == 0 && !entry->retracted)
		return tail_time(tail, at);
	if (entry->superseded)
		return tail_time(tail, tail_superseder(tail, schema, at));
	struct record record;
	tail_read(tail, at, &record);
	if (entry->retracted)
		return tail_time(tail, tail_retraction(tail, schema, at + 1, &record));
	return schema->types[record.type].in_force_key < 0 ? record.time : record.time + schema->in_force_reach;
}

static bool foldable(const struct tail *tail, const struct schema *schema, uint32_t at, int64_t fold)
{
	return tail_time(tail, at) < fold && stays(tail, schema, at) < fold;
}

bool customer_fold_due(const struct customer *customer, int64_t fold)
{
	const struct tail *tail = &customer->tail;
	return tail->count > 0 && tail->stays < fold && tail_time(tail, tail->count / 8) < fold;
}

static void note_stay(struct tail *tail, const struct schema *schema)
{
	if (tail->count)
		tail->stays = stays(tail, schema, 0);
}

void customer_fold(struct customer *customer, const struct machine *machine, const struct schema *schema, int64_t fold)
{
	struct tail *tail = &customer->tail;
	uint32_t count = 0;
	if (tail->stays >= fold)
		return;
	while (count < tail->count && foldable(tail, schema, count, fold))
		count++;
	if (count == 0) {
		note_stay(tail, schema);
		return;
	}
	if (count < tail->count)
		run(tail, machine, &customer->base, 0, count, silent);
	else
		cells_release(&customer->base); /* the head says it all */
	tail_drop(tail, count);
	note_stay(tail, schema);
	/* An event that stays behind (a close that may be reopened) is run again from the base, however old it is. */
	int64_t earliest = tail->count && tail_time(tail, 0) < fold ? tail_time(tail, 0) : fold;
	machine_forget(machine, &customer->base, earliest);
	machine_forget(machine, &customer->head, fold);
}

void customer_adopt(struct customer *customer, const struct machine *machine, const struct schema *schema,
	const struct groups *from)
{
	struct tail tail;
	tail_init(&tail);
	for (uint32_t i = 0; i < customer->tail.count; i++) {
		struct record record;
		tail_read(&customer->tail, i, &record);
		record.group = groups_adopt(machine->groups, from, record.group);
		record.moved_group = groups_adopt(machine->groups, from, record.moved_group);
		tail_insert(&tail, schema, i, &record);
	}
	tail_release(&customer->tail);
	customer->tail = tail;
	machine_cells_adopt(machine, &customer->base, from);
	machine_cells_adopt(machine, &customer->head, from);
}

bool customer_empty(const struct customer *customer)
{
	return customer->tail.count == 0 && customer->head.count == 0;
}

void customer_each(
	const struct customer *customer, const struct machine *machine, customer_visitor *visit, void *context)
{
	struct cells cells = {0};
	struct contributions added = {0};
	cells_copy(&cells, customer->tail.count ? &customer->base : &customer->head);
	for (uint32_t i = 0; i < customer->tail.count; i++) {
		struct record record;
		tail_read(&customer->tail, i, &record);
		added.count = 0;
		run(&customer->tail, machine, &cells, i, i + 1, (struct machine_output){&added, 1});
		visit(context, &record, !customer->tail.entries[i].superseded, &added);
	}
	cells_release(&cells);
	mem_free(added.items);
}

void customer_save(const struct customer *customer, struct buf *out)
{
	cells_save(customer->tail.count ? &customer->base : &customer->head, out);
	buf_put_varint(out, customer->tail.count);
	tail_save(&customer->tail, out);
}

/* Whether the record may stand behind all that was loaded of the customer. */
static bool in_order(const struct customer *customer, const struct machine *machine, const struct record *record)
{
	struct record last;
	if (customer->tail.count == 0)
		return machine_cells_valid(machine, &customer->base, record->time + 1);
	tail_read(&customer->tail, customer->tail.count - 1, &last);
	return record_compare(&last, record) < 0;
}

bool customer_load(struct customer *customer, const struct machine *machine, const struct schema *schema, int64_t fold,
	uint32_t format, struct reader *in)
{
	if (!cells_load(&customer->base, in) || !machine_cells_valid(machine, &customer->base, fold))
		return false;
	uint64_t count = reader_varint(in);
	for (uint64_t i = 0; i < count && !in->failed; i++) {
		struct record record;
		bool whole = format > 4 ? record_get(in, &record) : record_get_format_4(in, &record);
		if (!whole || !record_valid(&record, schema) || record.group >= machine->groups->tuples.count ||
			record.moved_group >= machine->groups->tuples.count || !in_order(customer, machine, &record))
			return false;
		tail_insert(&customer->tail, schema, customer->tail.count, &record);
	}
	cells_copy(&customer->head, &customer->base);
	run(&customer->tail, machine, &customer->head, 0, customer->tail.count, silent);
	if (customer->tail.count == 0)
		cells_release(&customer->base);
	return !in->failed;
}

void customer_clear(struct customer *customer)
{
	customer->base.count = customer->head.count = 0;
	tail_clear(&customer->tail);
}

void customer_release(struct customer *customer)
{
	cells_release(&customer->base);
	cells_release(&customer->head);
	tail_release(&customer->tail);
}
