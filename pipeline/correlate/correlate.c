#include "pipeline/correlate/correlator.h"

#include "base/check.h"
#include "base/mem.h"
#include "pipeline/correlate/subject.h"

/* Offsets into a tail have 32 bits. */
#define TAIL_BYTES_MAX (1u << 31)

struct correlator *correlator_new(
	const struct model *model, const struct schema *schema, const struct calendar *calendar, struct groups *groups)
{
	struct correlator *correlator = NEW(struct correlator);
	machine_init(&correlator->machine, model, schema, calendar, groups);
	correlator->schema = schema;
	correlator->groups = groups;
	correlator->fields = record_fields(model, schema);
	correlator->fold = INT64_MIN;
	histories_init(&correlator->customers);
	histories_init(&correlator->products);
	histories_init(&correlator->anonymous);
	buf_init(&correlator->name);
	return correlator;
}

/* An event of neither a product nor a customer is a customer of its own, so that costs do not pile up in one history. */
static struct histories *histories_of(struct correlator *correlator, const struct event *event, struct str *ret_name)
{
	struct subject subject = subject_of(correlator->schema, event);
	*ret_name = subject.name;
	if (subject.kind == SUBJECT_CUSTOMER)
		return &correlator->customers;
	if (subject.kind == SUBJECT_PRODUCT)
		return &correlator->products;
	buf_clear(&correlator->name);
	buf_put_str(&correlator->name, event->source);
	buf_put_byte(&correlator->name, 0);
	buf_put_str(&correlator->name, subject.name);
	*ret_name = buf_str(&correlator->name);
	return &correlator->anonymous;
}

static struct customer *customer_of(struct correlator *correlator, const struct event *event)
{
	struct str name;
	struct histories *histories = histories_of(correlator, event, &name);
	return histories_make(histories, name);
}

/* Of the history that the event belongs to; NULL where there is none yet. */
static struct tail *tail_of(struct correlator *correlator, const struct event *event)
{
	struct str name;
	struct histories *histories = histories_of(correlator, event, &name);
	struct customer *customer = histories_find(histories, name);
	return customer ? &customer->tail : NULL;
}

void correlator_set_lateness(struct correlator *correlator, int64_t lateness)
{
	correlator->lateness = lateness;
}

/* Whether the entry, which comes before the record, has its id. */
static bool takes_id(
	const struct correlator *correlator, const struct tail *tail, uint32_t before, const struct record *record)
{
	return before != TAIL_NONE &&
		correlate_conflicts(tail_time(tail, before), record->kafka_time, correlator->lateness);
}

/* Whether the entry, which comes after the record, has lost its id to it. */
static bool loses_id(
	const struct correlator *correlator, const struct tail *tail, uint32_t after, const struct record *record)
{
	struct record other;
	if (after == TAIL_NONE)
		return false;
	tail_read(tail, after, &other);
	return correlate_conflicts(record->time, other.kafka_time, correlator->lateness);
}

bool correlator_takes_id(struct correlator *correlator, const struct event *event)
{
	struct record record;
	struct tail *tail = tail_of(correlator, event);
	record_of_event(&record, event, 0, correlator->schema);
	return tail && takes_id(correlator, tail, tail_find(tail, &record).before, &record);
}

static bool full(const struct correlator *correlator, const struct tail *tail)
{
	return (correlator->limit > 0 && tail->count >= correlator->limit) || tail->bytes.length >= TAIL_BYTES_MAX;
}

bool correlator_full(struct correlator *correlator, const struct event *event)
{
	const struct tail *tail = tail_of(correlator, event);
	return tail && full(correlator, tail);
}

void correlator_set_worked_on(struct correlator *correlator, uint32_t histories)
{
	histories_set_most(&correlator->customers, histories);
	histories_set_most(&correlator->products, histories);
	histories_set_most(&correlator->anonymous, histories);
}

void correlator_set_limit(struct correlator *correlator, uint32_t events)
{
	correlator->limit = events;
}

bool correlator_finds(struct correlator *correlator, const struct event *retraction)
{
	struct record record;
	const struct tail *tail = tail_of(correlator, retraction);
	record_of_event(&record, retraction, correlator->fields, correlator->schema);
	return tail && tail_target(tail, correlator->schema, tail_place(tail, &record), &record) != TAIL_NONE;
}

/* A duplicate says nothing new, but for a retraction that came before: it reaches further back; and it is known for its latest record. */
static void take_duplicate(struct correlator *correlator, struct customer *customer, uint32_t at, struct record *record,
	struct contributions *out)
{
	const struct retractions *retractions = &correlator->schema->retractions;
	struct record other;
	tail_read(&customer->tail, at, &other);
	int64_t latest = record->kafka_time > other.kafka_time ? record->kafka_time : other.kafka_time;
	if (record->type == retractions->type &&
		record->values[retractions->reach] < other.values[retractions->reach]) {
		record->kafka_time = latest;
		customer_remove(customer, &correlator->machine, correlator->schema, at, out);
		customer_insert(customer, &correlator->machine, correlator->schema, record, out);
	} else if (latest > other.kafka_time)
		tail_stamp(&customer->tail, at, latest);
}

enum correlate_outcome correlate_event(
	struct correlator *correlator, const struct event *event, struct contributions *out, uint16_t *ret_replaced)
{
	struct customer *customer = customer_of(correlator, event);
	const struct machine *machine = &correlator->machine;
	struct record record;
	tail_prefetch(&customer->tail);
	__builtin_prefetch(customer->head.items, 1);
	record_of_event(&record, event, correlator->fields, correlator->schema);
	record.group = groups_of_event(correlator->groups, event);
	record.moved_group = groups_of_moves(correlator->groups, event, record.group);
	if (customer_fold_due(customer, correlator->fold))
		customer_fold(customer, machine, correlator->schema, correlator->fold);
	enum correlate_outcome outcome = CORRELATE_APPLIED;
	struct tail_found found = tail_find(&customer->tail, &record);
	if (found.same != TAIL_NONE) {
		take_duplicate(correlator, customer, found.same, &record, out);
		return CORRELATE_DUPLICATE;
	}
	if (takes_id(correlator, &customer->tail, found.before, &record))
		return CORRELATE_CONFLICT;
	if (loses_id(correlator, &customer->tail, found.after, &record)) {
		struct record other;
		tail_read(&customer->tail, found.after, &other);
		*ret_replaced = other.type;
		customer_remove(customer, machine, correlator->schema, found.after, out);
		outcome = CORRELATE_REPLACED;
	}
	if (outcome == CORRELATE_APPLIED && full(correlator, &customer->tail))
		return CORRELATE_FULL;
	bool effective = customer_insert(customer, machine, correlator->schema, &record, out);
	return effective || outcome != CORRELATE_APPLIED ? outcome : CORRELATE_MISSED;
}

void correlator_set_fold(struct correlator *correlator, int64_t fold)
{
	if (fold > correlator->fold)
		correlator->fold = fold;
}

/* Folds one customer and forgets it when nothing is left. False at the end: the next one is the first again. */
static bool sweep_one(struct correlator *correlator, struct histories *histories, uint32_t *position)
{
	struct str name;
	if (!histories_next(histories, position, &name)) {
		*position = 0;
		return false;
	}
	if (histories_rests(histories, *position, correlator->fold))
		return true;
	struct customer *customer = histories_open(histories, *position);
	customer_fold(customer, &correlator->machine, correlator->schema, correlator->fold);
	if (customer_empty(customer))
		histories_remove(histories, *position);
	else
		histories_close(histories, *position);
	return true;
}

static void sweep(struct correlator *correlator, struct histories *histories, uint32_t *position, uint32_t count)
{
	while (count-- > 0 && sweep_one(correlator, histories, position))
		;
}

void correlator_sweep(struct correlator *correlator, uint32_t count)
{
	sweep(correlator, &correlator->customers, &correlator->customers_sweep_at, count);
	sweep(correlator, &correlator->products, &correlator->products_sweep_at, count);
	sweep(correlator, &correlator->anonymous, &correlator->anonymous_sweep_at, count);
}

int64_t correlator_fold(const struct correlator *correlator)
{
	return correlator->fold;
}

uint32_t correlator_customers(const struct correlator *correlator)
{
	return correlator->customers.count;
}

uint32_t correlator_histories(const struct correlator *correlator)
{
	return correlator->customers.count + correlator->products.count + correlator->anonymous.count;
}

struct visiting {
	struct correlate_visit visit;
	correlate_visitor *visitor;
	void *context;
};

static void visit_event(void *context, const struct record *record, bool in_force, const struct contributions *added)
{
	struct visiting *visiting = context;
	visiting->visit.record = record;
	visiting->visit.in_force = in_force;
	visiting->visit.added = added;
	visiting->visitor(visiting->context, &visiting->visit);
}

static void visit_all(const struct correlator *correlator, const struct histories *histories, struct visiting *visiting)
{
	uint32_t position = 0;
	struct customer work;
	customer_init(&work);
	while (histories_next(histories, &position, &visiting->visit.name))
		customer_each(histories_read(histories, position, &work), &correlator->machine, visit_event, visiting);
	customer_release(&work);
}

void correlator_each(const struct correlator *correlator, correlate_visitor *visit, void *context)
{
	struct visiting visiting = {.visitor = visit, .context = context};
	visiting.visit.owner = OWNER_CUSTOMER;
	visit_all(correlator, &correlator->customers, &visiting);
	visiting.visit.owner = OWNER_PRODUCT;
	visit_all(correlator, &correlator->products, &visiting);
	visiting.visit.owner = OWNER_EVENT;
	visit_all(correlator, &correlator->anonymous, &visiting);
}

void correlator_save(const struct correlator *correlator, struct buf *out, struct hash_sum *sum)
{
	buf_put_svarint(out, correlator->fold);
	histories_save(&correlator->customers, out, sum);
	histories_save(&correlator->products, out, sum);
	histories_save(&correlator->anonymous, out, sum);
}

/* A name, no cells and no events: a history takes no less. */
#define HISTORY_BYTES_LEAST 3

static bool load_all(struct correlator *correlator, struct histories *histories, uint32_t format, struct reader *in)
{
	struct customer customer;
	uint64_t count = reader_varint(in);
	if (count > reader_left(in) / HISTORY_BYTES_LEAST)
		return false;
	histories_reserve(histories, (uint32_t)count);
	customer_init(&customer);
	uint64_t i = 0;
	for (; i < count; i++) {
		struct str name = reader_counted(in);
		if (!customer_load(&customer, &correlator->machine, correlator->schema, correlator->fold, format, in) ||
			!histories_put(histories, name, &customer))
			break;
	}
	customer_release(&customer);
	return i == count && !in->failed;
}

enum result correlator_load(struct correlator *correlator, uint32_t format, struct reader *in)
{
	correlator->fold = reader_svarint(in);
	if (format <= 4)
		reader_svarint(in); /* the horizon of that time */
	if (!load_all(correlator, &correlator->customers, format, in) ||
		!load_all(correlator, &correlator->products, format, in) ||
		!load_all(correlator, &correlator->anonymous, format, in))
		return RESULT_CORRUPT;
	return RESULT_OK;
}

void correlator_free(struct correlator *correlator)
{
	if (!correlator)
		return;
	histories_release(&correlator->customers);
	histories_release(&correlator->products);
	histories_release(&correlator->anonymous);
	machine_release(&correlator->machine);
	buf_release(&correlator->name);
	mem_free(correlator);
}
