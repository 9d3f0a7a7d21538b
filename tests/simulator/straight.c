#include "tests/simulator/straight.h"

#include "base/check.h"
#include "daemon/kafka/placement.h"
#include "pipeline/decode/decode.h"
#include "pipeline/publish/publisher.h"
#include "pipeline/shard.h"
#include "tests/simulator/message.h"

/* 2000-01-01T00:00:00Z, before all events. */
#define FIRST_END INT64_C(946684800000)

/* ---- publications ---- */

static struct sim_key *key_for(struct keyspace *keys, const char *kind, const char *first, const char *second,
	struct str third, enum key_type type)
{
	struct buf name;
	buf_init(&name);
	buf_printf(&name, "kpi:%s:%s%s%s%.*s", kind, first, second, third.length ? ":" : "", STR_ARG(third));
	struct sim_key *key = keyspace_make(keys, buf_str(&name), type);
	buf_release(&name);
	return key;
}

static void take_snapshot(void *context, const struct snapshot_change *change)
{
	struct straight *straight = context;
	struct sim_key *key = key_for(&straight->keys, "snap", change->dimension, "", change->key, KEY_HASH);
	if (change->removed) {
		(void)keyspace_delete(&straight->keys, key->name);
		return;
	}
	key_set(key, STR("_name"), change->name);
	if (change->manager.length) {
		key_set(key, STR("_manager"), change->manager);
		key_set(key, STR("_manager_name"), change->manager_name);
	}
	for (size_t i = 0; i < change->field_count; i++)
		key_set(key, change->fields[i].name, change->fields[i].json);
}

static void take_board(void *context, const struct board_change *change)
{
	struct straight *straight = context;
	struct buf name;
	if (change->remove)
		return;
	buf_init(&name);
	buf_printf(&name, "%s@%s", change->kpi, change->window);
	struct sim_key *key = key_for(&straight->keys, "board", name.data, "", str_of(change->dimension), KEY_SET);
	key_set_score(key, change->member, change->score);
	buf_release(&name);
}

/* ---- the pass ---- */

struct pass {
	const struct plan *plan;
	const struct config *config;
	struct decoder *decoder;
	struct shard *shards[PLAN_SHARDS_MAX];
	struct straight *straight;
};

static enum shard_outcome apply(struct pass *pass, const struct plan_record *plan, const struct message *message)
{
	struct shard *shard = pass->shards[plan->event.partition];
	struct event event;
	enum refusal reason = REFUSAL_NONE;
	struct consumer_record record = {.topic = (int32_t)plan->event.topic,
		.partition = (int32_t)plan->event.partition,
		.key = message_key(plan)};
	shard_count_record(shard);
	if (decode(pass->decoder, message, &event, &reason, NULL) == RESULT_OK &&
		record_is_placed(pass->config, &record, &event, (int32_t)pass->plan->shard_count)) {
		enum shard_outcome outcome = shard_event(shard, &event, plan->event.kafka_time, &reason);
		pass->straight->conflicts += reason == REFUSAL_CONFLICT;
		pass->straight->retractions += plan->event.type == SIM_EVENT_RETRACTED && outcome == SHARD_WAITING;
		return outcome;
	}
	shard_count_refused(shard);
	return SHARD_REFUSED;
}

static void take_record(struct pass *pass, size_t index)
{
	const struct plan_record *plan = &pass->plan->records[index];
	struct buf body;
	buf_init(&body);
	message_put(&body, plan);
	struct message message = {.body = buf_str(&body), .topic = (int32_t)plan->event.topic};
	enum shard_outcome outcome = apply(pass, plan, &message);
	pass->straight->letter[index] = outcome == SHARD_REFUSED || outcome == SHARD_LATE;
	buf_release(&body);
}

static void hand_over(struct pass *pass, struct merge *merge, int64_t end)
{
	struct buf records;
	buf_init(&records);
	for (uint32_t s = 0; s < pass->plan->shard_count; s++) {
		struct shard_status status;
		buf_clear(&records);
		shard_roll(pass->shards[s], end);
		shard_set_as_of(pass->shards[s], end);
		shard_partial(pass->shards[s], &records);
		shard_status(pass->shards[s], &status);
		enum result result = merge_apply(merge, &status, buf_str(&records));
		CHECK(result == RESULT_OK);
	}
	buf_release(&records);
}

static void publish(struct pass *pass, struct merge *merge, int64_t end)
{
	const struct config *config = pass->config;
	struct calendar calendar = {
		&config->zone, (int)config->settings.week_start, (int)config->settings.fiscal_year_start};
	struct publication_sink sink = {pass->straight, take_snapshot, take_board, NULL};
	struct window_spans spans;
	struct publisher *publisher = publisher_new(&config->model, &config->roster, merge, &sink);
	window_spans_at(&config->model, &calendar, end, &spans);
	struct evaluation evaluation = {
		.model = &config->model, .roster = &config->roster, .spans = &spans, .merge = merge};
	evaluation.status = merge_status(merge);
	publisher_turn(publisher, &evaluation);
	publisher_free(publisher);
}

static void conclude(struct pass *pass, int64_t end, bool figures)
{
	struct merge *merge = merge_new(&pass->config->model, pass->plan->shard_count);
	hand_over(pass, merge, end);
	pass->straight->counts = merge_status(merge).counts;
	if (figures)
		publish(pass, merge, end);
	merge_free(merge);
}

void straight_run(const struct plan *plan, const struct config *config, const bool read[PLAN_RECORDS_MAX], int64_t end,
	bool figures, struct straight *ret_straight)
{
	struct pass pass = {.plan = plan, .config = config, .straight = ret_straight};
	*ret_straight = (struct straight){0};
	pass.decoder = decoder_new(&config->schema, (size_t)config->settings.message_bytes);
	for (uint32_t s = 0; s < plan->shard_count; s++)
		pass.shards[s] = shard_new(config, s, window_end(&config->model, FIRST_END));
	for (size_t i = 0; i < plan->record_count; i++)
		if (read[i])
			take_record(&pass, i);
	conclude(&pass, end, figures);
	for (uint32_t s = 0; s < plan->shard_count; s++)
		shard_free(pass.shards[s]);
	decoder_free(pass.decoder);
}

void straight_release(struct straight *straight)
{
	keyspace_clear(&straight->keys);
}
