#include "daemon/restore.h"

#include "base/log.h"
#include "base/mem.h"
#include "daemon/checkpoint/store_settings.h"
#include "daemon/notify.h"
#include "daemon/parallel.h"
#include "pipeline/shard_outline.h"

#define PROBE_TIMEOUT_MS 10000
/* An end before all events: the first stride starts from the first record. 2000-01-01T00:00:00Z */
#define FIRST_END INT64_C(946684800000)

#define WAYS_ON                                                                                                    \
	"'kpictl checkpoint reshard' moves the state over to added partitions; or start with another %s to count " \
	"again from "                                                                                              \
	"the beginning"

static enum result say_count(uint32_t stored, uint32_t shard_count, const char *setting)
{
	log_error("the checkpoint is of topics with %u partitions, but they have %u now; " WAYS_ON, stored, shard_count,
		setting);
	return RESULT_CONFLICT;
}

/* The store knows of shards that are there no more; the others' own counts say the rest. */
static enum result prepare(struct store *store, uint32_t shard_count, const char *setting)
{
	enum result result = store_prepare(store, shard_count);
	if (result == RESULT_CONFLICT)
		log_error("%s; " WAYS_ON, store_error(store), setting);
	else if (result != RESULT_OK)
		log_error("%s", store_error(store));
	return result;
}

static enum result claim(struct store *store, uint32_t index)
{
	enum result result = store_claim(store, index);
	if (result != RESULT_OK)
		log_error("cannot claim the checkpoints of shard %u: %s", index, store_error(store));
	return result;
}

static void say_why(
	enum result result, const struct config *config, uint32_t index, struct str bytes, struct store *store)
{
	const char *setting = store_setting(&config->settings);
	struct buf difference;
	struct shard_outline outline;
	buf_init(&difference);
	if (result == RESULT_CONFLICT && shard_compare_past(config, index, bytes, &difference) == RESULT_CONFLICT &&
		difference.length)
		log_error("the past has changed since the checkpoint of shard %u was written: %s; take the change "
			  "back (only entries from now on can change), or start with another %s to "
			  "count again from the beginning",
			index, difference.data, setting);
	else if (result == RESULT_CONFLICT)
		log_error("the checkpoint of shard %u was written with other measures, windows or events; start with "
			  "another %s to count again from the beginning",
			index, setting);
	else if (result == RESULT_VERSION && shard_outline_read(bytes, &outline) == RESULT_VERSION)
		log_error("the checkpoint of shard %u has format %u; this kpid reads formats %d to %d: start the kpid "
			  "that wrote it, or start with another %s to count again from the beginning",
			index, outline.format, SHARD_FORMAT_OLDEST, SHARD_FORMAT, setting);
	else
		log_error("the checkpoint of shard %u cannot be used: %s %s", index, result_text(result),
			store_error(store));
	buf_release(&difference);
}

/* Claims the shard and reads the bytes of its checkpoint: none where there is none. Each shard is a sign of life: taking over, or after a reload, nothing
 * else gives one until all are there. */
static enum result fetch(struct restored *restored, struct store *store, const struct config *config, uint32_t index)
{
	struct restored_shard *one = &restored->shards[index];
	restored_shard_clear(one);
	notify_watchdog();
	enum result result = claim(store, index);
	if (result != RESULT_OK)
		return result;
	result = store_load(store, index, &one->bytes);
	if (result == RESULT_NOT_FOUND)
		return RESULT_OK;
	if (result != RESULT_OK)
		say_why(result, config, index, buf_str(&one->bytes), store);
	return result;
}

/* The bytes become a shard. From any thread. */
static enum result unpack(struct restored_shard *one, const struct config *config, uint32_t index)
{
	return one->bytes.length ? shard_load(config, index, buf_str(&one->bytes), &one->shard, &one->input)
				 : RESULT_OK;
}

static enum result take_unpacked(struct restored *restored, struct store *store, const struct config *config,
	uint32_t index, enum result unpacked)
{
	struct restored_shard *one = &restored->shards[index];
	struct shard_status status;
	struct checkpoint_input input;
	if (unpacked != RESULT_OK)
		say_why(unpacked, config, index, buf_str(&one->bytes), store);
	if (unpacked != RESULT_OK || !one->shard)
		return unpacked;
	if (input_read(one->input, &input) != RESULT_OK)
		return RESULT_CORRUPT;
	if (input.partitions != restored->count)
		return say_count(input.partitions, restored->count, store_setting(&config->settings));
	one->input = input.positions;
	shard_status(one->shard, &status);
	restored->token = input.token > restored->token ? input.token : restored->token;
	restored->end = status.end > restored->end ? status.end : restored->end;
	return RESULT_OK;
}

static enum result load_one(struct restored *restored, struct store *store, const struct config *config, uint32_t index)
{
	enum result result = fetch(restored, store, config, index);
	if (result != RESULT_OK)
		return result;
	return take_unpacked(restored, store, config, index, unpack(&restored->shards[index], config, index));
}

enum result restore_one(
	struct restored *restored, struct store *store, const struct config *config, uint32_t index, bool make_new)
{
	enum result result = load_one(restored, store, config, index);
	struct restored_shard *one = &restored->shards[index];
	if (result == RESULT_OK && !one->shard && make_new)
		one->shard = shard_new(config, index, restored->end);
	one->wanted = result == RESULT_OK;
	return result;
}

void restored_shard_clear(struct restored_shard *one)
{
	shard_free(one->shard);
	one->shard = NULL;
	buf_release(&one->bytes);
	one->input = (struct str){0};
}

enum result restore_prepare(
	struct restored *restored, struct store *store, const struct config *config, uint32_t shard_count)
{
	*restored = (struct restored){.shards = NEW_ARRAY(struct restored_shard, shard_count), .count = shard_count};
	restored->end = window_end(&config->model, FIRST_END);
	for (uint32_t i = 0; i < shard_count; i++)
		buf_init(&restored->shards[i].bytes);
	return prepare(store, shard_count, store_setting(&config->settings));
}

/* ---- all shards, on all processors ---- */

struct unpacking {
	struct restored *restored;
	const struct config *config;
	enum result *results;
};

static void unpack_one(void *context, uint32_t index)
{
	struct unpacking *unpacking = context;
	notify_watchdog();
	unpacking->results[index] = unpack(&unpacking->restored->shards[index], unpacking->config, index);
}

static enum result load_all(struct restored *restored, struct store *store, const struct config *config)
{
	struct unpacking unpacking = {.restored = restored, .config = config};
	enum result result = RESULT_OK;
	for (uint32_t i = 0; i < restored->count && result == RESULT_OK; i++)
		result = fetch(restored, store, config, i);
	if (result != RESULT_OK)
		return result;
	unpacking.results = NEW_ARRAY(enum result, restored->count);
	parallel_run(restored->count, unpack_one, &unpacking);
	for (uint32_t i = 0; i < restored->count && result == RESULT_OK; i++)
		result = take_unpacked(restored, store, config, i, unpacking.results[i]);
	mem_free(unpacking.results);
	return result;
}

enum result restore_load(
	struct restored *restored, struct store *store, const struct config *config, uint32_t shard_count)
{
	enum result result = restore_prepare(restored, store, config, shard_count);
	if (result == RESULT_OK)
		result = load_all(restored, store, config);
	for (uint32_t i = 0; i < shard_count && result == RESULT_OK; i++) {
		if (!restored->shards[i].shard)
			restored->shards[i].shard = shard_new(config, i, restored->end);
		restored->shards[i].wanted = true;
	}
	return result;
}

static const struct feed_position *find_position(const struct feed_position *positions, int count, const char *topic)
{
	for (int i = 0; i < count; i++)
		if (str_equal(positions[i].topic, str_of(topic)))
			return &positions[i];
	return NULL;
}

static void keep_one(struct feed *feed, const struct feed_position *stored, const char *topic)
{
	struct feed_position *kept = &feed->absent[feed->absent_count++];
	*kept = *stored;
	kept->topic = str_of(topic); /* the checkpoint's bytes go */
}

/* A topic may be missing for a moment only: what was read of it is not forgotten. */
static void keep_absent(struct feed *feed, const struct feed_position *stored, int count,
	const struct topology *topology, const struct config *config)
{
	feed->absent = NEW_ARRAY(struct feed_position, topology->topic_count);
	feed->absent_count = 0;
	for (size_t t = 0; t < topology->topic_count; t++) {
		const char *name = config->schema.topics[t].name;
		const struct feed_position *known = find_position(stored, count, name);
		if (known && topology->partitions[t] == 0)
			keep_one(feed, known, name);
	}
}

void restore_feed(const struct restored_shard *from, const struct topology *topology, const struct config *config,
	size_t first_slot, int32_t partition, struct feed *feed, struct consumer_position *positions)
{
	struct feed_position stored[SCHEMA_TYPES_MAX];
	int stored_count = from->input.length ? input_positions(from->input, stored, SCHEMA_TYPES_MAX) : 0;
	keep_absent(feed, stored, stored_count, topology, config);
	feed->slots = NEW_ARRAY(struct feed_slot, topology->topic_count);
	feed->slot_count = 0;
	for (size_t t = 0; t < topology->topic_count; t++) {
		if (topology->partitions[t] == 0)
			continue;
		const struct feed_position *known = find_position(stored, stored_count, config->schema.topics[t].name);
		struct feed_slot *slot = &feed->slots[feed->slot_count];
		*slot = (struct feed_slot){.slot = first_slot + feed->slot_count,
			.topic = (uint16_t)t,
			.time = INT64_MIN,
			.stamped = INT64_MIN,
			.ended = INT64_MAX,
			.awaited = INT64_MAX,
			.last_offset = -1};
		if (known) {
			slot->last_offset = known->last_offset;
			slot->fingerprint = known->fingerprint;
			slot->has_fingerprint = known->has_fingerprint;
		}
		positions[feed->slot_count++] =
			(struct consumer_position){(int32_t)t, partition, known ? known->next : CONSUMER_EARLIEST};
	}
}

struct probes {
	struct consumer_probe *items;
	uint32_t *expected;
	size_t count;
};

static void collect_probes(struct probes *probes, const struct worker *workers, size_t worker_count, size_t max)
{
	probes->items = NEW_ARRAY(struct consumer_probe, max);
	probes->expected = NEW_ARRAY(uint32_t, max);
	for (size_t w = 0; w < worker_count; w++)
		for (size_t s = 0; s < workers[w].shard_count; s++) {
			const struct worker_shard *shard = &workers[w].shards[s];
			for (size_t i = 0; i < shard->feed.slot_count; i++) {
				const struct feed_slot *slot = &shard->feed.slots[i];
				if (!slot->has_fingerprint)
					continue;
				probes->items[probes->count].position = (struct consumer_position){
					slot->topic, (int32_t)shard->index, slot->last_offset};
				probes->expected[probes->count++] = slot->fingerprint;
			}
		}
}

static enum result judge(const struct consumer_probe *probe, uint32_t expected, const char *topic, const char *setting)
{
	static const char way_on[] = "to count again from what is there";
	int partition = probe->position.partition;
	long long offset = probe->position.offset;
	if (probe->result == RESULT_OK && probe->fingerprint != expected) {
		log_error("topic %s partition %d: the record at offset %lld is not the one that was read; the topic "
			  "was created anew; start with another %s %s",
			topic, partition, offset, setting, way_on);
		return RESULT_CONFLICT;
	}
	if (probe->result == RESULT_CONFLICT) {
		log_error("topic %s partition %d: the log ends before offset %lld that was read; it was truncated; "
			  "start with another %s %s",
			topic, partition, offset, setting, way_on);
		return RESULT_CONFLICT;
	}
	if (probe->result == RESULT_NOT_FOUND)
		log_warning(
			"topic %s partition %d: the last record read, at offset %lld, is gone and cannot be compared",
			topic, partition, offset);
	if (probe->result == RESULT_OK || probe->result == RESULT_NOT_FOUND)
		return RESULT_OK;
	log_error("topic %s partition %d: no answer about the last record read, at offset %lld", topic, partition,
		offset);
	return RESULT_UNREACHABLE;
}

enum result restore_probe(struct consumer *metadata, const char *setting, const struct topology *topology,
	const struct worker *workers, size_t worker_count)
{
	char error[256] = "";
	struct probes probes = {0};
	enum result result = RESULT_OK;
	collect_probes(&probes, workers, worker_count, topology->topic_count * (size_t)topology->shard_count);
	if (probes.count > 0)
		result = consumer_probe(metadata, (const char *const *)topology->names, topology->topic_count,
			probes.items, probes.count, PROBE_TIMEOUT_MS, error, sizeof error);
	if (result != RESULT_OK)
		log_error("cannot compare the topics with the checkpoint: %s", error);
	for (size_t i = 0; i < probes.count && result == RESULT_OK; i++)
		result = judge(
			&probes.items[i], probes.expected[i], topology->names[probes.items[i].position.topic], setting);
	mem_free(probes.items);
	mem_free(probes.expected);
	return result;
}

void restore_release(struct restored *restored)
{
	for (uint32_t i = 0; i < restored->count; i++)
		restored_shard_clear(&restored->shards[i]);
	mem_free(restored->shards);
	*restored = (struct restored){0};
}
