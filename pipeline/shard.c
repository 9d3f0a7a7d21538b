#include "pipeline/shard.h"

#include "base/check.h"
#include "base/mem.h"
#include "pipeline/shard_state.h"

/* How far behind the slowest partition the fold stays, beyond the allowed lateness: records of one partition may be out of order by
 * that much. */
#define FOLD_SLACK INT64_C(300000)
/* Untouched customers are folded once for each so much of Kafka time. */
#define SWEEP_ROUND INT64_C(86400000)

struct shard *shard_new(const struct config *config, uint32_t index, int64_t end)
{
	struct shard *shard = NEW(struct shard);
	shard->config = config;
	shard->index = index;
	shard->calendar = (struct calendar){
		.zone = &config->zone,
		.week_start = (int)config->settings.week_start,
		.fiscal_year_start = (int)config->settings.fiscal_year_start,
	};
	groups_init(&shard->groups, &config->model, &config->schema, &config->roster,
		(uint32_t)config->settings.limit_keys);
	shard->correlator = correlator_new(&config->model, &config->schema, &shard->calendar, &shard->groups);
	correlator_set_limit(shard->correlator, (uint32_t)config->settings.limit_customer_events);
	shard->windows = windows_new(&config->model, &shard->calendar, &shard->groups, end);
	correlator_set_lateness(shard->correlator, config->settings.allowed_lateness);
	waiting_init(&shard->waiting, &config->schema, config->settings.allowed_lateness);
	shard->as_of = shard->gap = shard->fold = shard->seed_end = INT64_MIN;
	shard->since = INT64_MAX;
	return shard;
}

static void note_seen(struct shard *shard, const struct event *event)
{
	shard->seen[event->type]++;
	if (event->time < shard->since)
		shard->since = event->time;
}

static enum shard_outcome refuse(struct shard *shard, enum refusal reason, enum refusal *ret_reason)
{
	shard->counts.refused++;
	*ret_reason = reason;
	return SHARD_REFUSED;
}

static enum shard_outcome apply(struct shard *shard, const struct event *event, enum refusal *ret_reason)
{
	shard->contributions.count = 0;
	uint16_t replaced;
	enum correlate_outcome outcome = correlate_event(shard->correlator, event, &shard->contributions, &replaced);
	windows_add(shard->windows, &shard->contributions);
	switch (outcome) {
	case CORRELATE_DUPLICATE:
		shard->counts.duplicates++;
		return SHARD_DUPLICATE;
	case CORRELATE_REPLACED: /* one of the two is refused: this record stands for it */
		shard->seen[replaced]--;
		note_seen(shard, event);
		return refuse(shard, REFUSAL_CONFLICT, ret_reason);
	case CORRELATE_FULL:
		return refuse(shard, REFUSAL_TOO_MANY, ret_reason);
	case CORRELATE_CONFLICT:
		return refuse(shard, REFUSAL_CONFLICT, ret_reason);
	case CORRELATE_APPLIED:
	case CORRELATE_MISSED:
		break;
	}
	note_seen(shard, event);
	shard->counts.applied++;
	return outcome == CORRELATE_MISSED ? SHARD_MISSED : SHARD_APPLIED;
}

/* Times are not negative anywhere. */
static void set_reach(const struct shard *shard, struct event *event, int64_t kafka_time)
{
	const struct retractions *retractions = &shard->config->schema.retractions;
	int64_t reach = kafka_time - shard->config->settings.allowed_lateness;
	if (event->type != retractions->type)
		return;
	event->present |= UINT64_C(1) << retractions->reach;
	event->values[retractions->reach] = (struct event_value){.number = reach > 0 ? reach : 0};
}

/* Who has its id and counts already comes first in order. */
static enum shard_outcome wait_for_end(struct shard *shard, const struct event *event, enum refusal *ret_reason)
{
	const struct retractions *retractions = &shard->config->schema.retractions;
	if (correlator_takes_id(shard->correlator, event))
		return refuse(shard, REFUSAL_CONFLICT, ret_reason);
	if (correlator_full(shard->correlator, event) ||
		shard->waiting.count >= shard->config->settings.limit_customer_events)
		return refuse(shard, REFUSAL_TOO_MANY, ret_reason);
	bool missed = event->type == retractions->type && !correlator_finds(shard->correlator, event) &&
		!waiting_finds(&shard->waiting, event);
	switch (waiting_put(&shard->waiting, event)) {
	case WAITING_DUPLICATE:
		shard->counts.duplicates++;
		return SHARD_DUPLICATE;
	case WAITING_CONFLICT:
		return refuse(shard, REFUSAL_CONFLICT, ret_reason);
	case WAITING_PUT:
		break;
	}
	return missed ? SHARD_MISSED : SHARD_WAITING;
}

/* The event comes before all that wait: of those that have its id it is the one that stays, and this record stands for the other one. */
static enum shard_outcome apply_before_waiting(struct shard *shard, const struct event *event, enum refusal *ret_reason)
{
	enum shard_outcome outcome = apply(shard, event, ret_reason);
	bool applied = outcome == SHARD_APPLIED || outcome == SHARD_MISSED;
	if (applied && waiting_drop_same(&shard->waiting, event))
		return refuse(shard, REFUSAL_CONFLICT, ret_reason);
	return outcome;
}

enum shard_outcome shard_event(struct shard *shard, struct event *event, int64_t kafka_time, enum refusal *ret_reason)
{
	const struct settings *settings = &shard->config->settings;
	if (event->time < shard->seed_end) {
		shard->counts.seeded++;
		return SHARD_SEEDED;
	}
	if (kafka_time - event->time > settings->allowed_lateness) {
		shard->counts.late++;
		return SHARD_LATE;
	}
	if (event->time - kafka_time > settings->max_future)
		return refuse(shard, REFUSAL_FUTURE, ret_reason);
	if (event->time < shard->fold)
		return refuse(shard, REFUSAL_LATE_ORDER, ret_reason);
	event->kafka_time = kafka_time;
	set_reach(shard, event, kafka_time);
	bool waits = event->time >= windows_end(shard->windows);
	enum shard_outcome outcome =
		waits ? wait_for_end(shard, event, ret_reason) : apply_before_waiting(shard, event, ret_reason);
	shard->counts.missed += outcome == SHARD_MISSED;
	return outcome;
}

void shard_settle(struct shard *shard)
{
	windows_settle(shard->windows);
}

void shard_count_record(struct shard *shard)
{
	shard->counts.records++;
}

void shard_count_refused(struct shard *shard)
{
	shard->counts.refused++;
}

/* As many customers as the fold's way is of a round. */
static void sweep(struct shard *shard, int64_t way)
{
	int64_t histories = correlator_histories(shard->correlator) + 1;
	if (way >= SWEEP_ROUND)
		shard->sweep_due = histories * SWEEP_ROUND;
	else
		shard->sweep_due += histories * way;
	int64_t count = shard->sweep_due / SWEEP_ROUND;
	shard->sweep_due -= count * SWEEP_ROUND;
	correlator_sweep(shard->correlator, (uint32_t)count);
}

void shard_reached(struct shard *shard, int64_t kafka_time)
{
	int64_t reached = kafka_time - shard->config->settings.allowed_lateness;
	/* Events that wait for the end to pass them have their place behind the fold, too, and so has what they take back. */
	int64_t end = windows_end(shard->windows), waiting = shard->waiting.reach;
	int64_t limit = end < waiting ? end : waiting;
	int64_t fold = (reached < limit ? reached : limit) - FOLD_SLACK;
	if (fold <= shard->fold)
		return;
	int64_t way = shard->fold == INT64_MIN ? 0 : fold - shard->fold;
	shard->fold = fold;
	correlator_set_fold(shard->correlator, shard->fold);
	sweep(shard, way);
}

void shard_roll(struct shard *shard, int64_t end)
{
	const struct event *event;
	windows_roll(shard->windows, end);
	while ((event = waiting_first(&shard->waiting, end))) {
		enum refusal reason;
		apply(shard, event, &reason);
		waiting_drop(&shard->waiting);
	}
}

void shard_set_as_of(struct shard *shard, int64_t as_of)
{
	if (as_of > shard->as_of)
		shard->as_of = as_of;
}

void shard_set_gap(struct shard *shard, int64_t kafka_time)
{
	if (kafka_time > shard->gap)
		shard->gap = kafka_time;
}

void shard_set_seed(struct shard *shard, int64_t end)
{
	if (end > shard->seed_end)
		shard->seed_end = end;
}

void shard_status(const struct shard *shard, struct shard_status *ret_status)
{
	*ret_status = (struct shard_status){
		.shard = shard->index,
		.end = windows_end(shard->windows),
		.as_of = shard->as_of,
		.since = shard->since,
		.gap = shard->gap,
		.seed_end = shard->seed_end,
		.counts = shard->counts,
	};
	ret_status->counts.waiting = shard->waiting.count;
	for (unsigned type = 0; type < SCHEMA_TYPES_MAX; type++)
		if (shard->seen[type])
			ret_status->seen_types[type / 64] |= UINT64_C(1) << type % 64;
}

void shard_partial(struct shard *shard, struct buf *out)
{
	windows_partial(shard->windows, out);
}

void shard_touch_all(struct shard *shard)
{
	windows_touch_all(shard->windows);
}

void shard_each(const struct shard *shard, correlate_visitor *visit, void *context)
{
	correlator_each(shard->correlator, visit, context);
}

const struct groups *shard_groups(const struct shard *shard)
{
	return &shard->groups;
}

uint32_t shard_customers(const struct shard *shard)
{
	return correlator_customers(shard->correlator);
}

void shard_free(struct shard *shard)
{
	if (!shard)
		return;
	correlator_free(shard->correlator);
	windows_free(shard->windows);
	groups_release(&shard->groups);
	waiting_release(&shard->waiting);
	mem_free(shard->contributions.items);
	mem_free(shard);
}
