/* kpictl checkpoint reshard: the state of N partitions becomes that of M. */
#include "base/mem.h"
#include "pipeline/reshard.h"
#include "pipeline/shard_outline.h"
#include "tools/kpictl/checkpoint.h"
#include "tools/kpictl/old_layout.h"
#include "tools/kpictl/reading_consumer.h"
#include "tools/kpictl/verbs.h"

#include <inttypes.h>
#include <stdio.h>

enum { SHARDS_MAX = 4096 };

/* ---- the old checkpoints ---- */

static size_t topic_named(const struct schema *schema, struct str name)
{
	size_t t = 0;
	while (t < schema->topic_count && !str_equal(str_of(schema->topics[t].name), name))
		t++;
	return t;
}

static bool take_positions(struct old_layout *layout, uint32_t shard, struct str positions)
{
	struct feed_position stored[SCHEMA_TYPES_MAX];
	int count = input_positions(positions, stored, SCHEMA_TYPES_MAX);
	for (int i = 0; i < count && i < SCHEMA_TYPES_MAX; i++) {
		size_t topic = topic_named(&layout->config->schema, stored[i].topic);
		if (topic < layout->topology.topic_count)
			*old_layout_place(layout, shard, topic) = (struct old_place){stored[i].next,
				stored[i].last_offset, stored[i].fingerprint, stored[i].has_fingerprint};
	}
	return count >= 0 && count <= SCHEMA_TYPES_MAX;
}

static enum result take_shard(struct old_layout *layout, uint32_t index, struct str bytes)
{
	struct str stored;
	struct checkpoint_input input;
	enum result result = shard_load(layout->config, index, bytes, &layout->shards[index], &stored);
	if (result != RESULT_OK)
		return result;
	if (input_read(stored, &input) != RESULT_OK || input.partitions != layout->before ||
		!take_positions(layout, index, input.positions))
		return RESULT_CORRUPT;
	layout->token = input.token > layout->token ? input.token : layout->token;
	return RESULT_OK;
}

static bool load_shard(
	const struct checkpoint *checkpoint, struct old_layout *layout, struct store *store, uint32_t index)
{
	struct buf bytes;
	buf_init(&bytes);
	enum result result = checkpoint_load(store, index, &bytes);
	if (result == RESULT_OK)
		result = take_shard(layout, index, buf_str(&bytes));
	buf_release(&bytes);
	if (result == RESULT_OK || result == RESULT_NOT_FOUND)
		return true;
	return checkpoint_say(checkpoint,
		"the checkpoint of shard %u cannot be used: %s ('kpictl checkpoint verify' says more)", index,
		result_text(result));
}

/* A shard without a checkpoint has read nothing yet. */
static bool load_shards(const struct checkpoint *checkpoint, struct old_layout *layout, struct store *store)
{
	struct shard_status status;
	const struct shard *any = NULL;
	for (uint32_t s = 0; s < layout->before; s++) {
		if (!load_shard(checkpoint, layout, store, s))
			return false;
		any = layout->shards[s] ? layout->shards[s] : any;
	}
	shard_status(any, &status);
	for (uint32_t s = 0; s < layout->before; s++)
		if (!layout->shards[s])
			layout->shards[s] = shard_new(layout->config, s, status.end);
	return true;
}

/* ---- the layouts ---- */

/* For how many partitions the checkpoints were written; 0: said why that is not known. */
static uint32_t partitions_of(const struct checkpoint *checkpoint, struct store *store)
{
	uint32_t shards[SHARDS_MAX], partitions = 0;
	size_t count = 0;
	struct buf bytes;
	struct shard_outline outline;
	struct checkpoint_input input;
	buf_init(&bytes);
	if (store_shards(store, shards, SHARDS_MAX, &count) != RESULT_OK || count == 0)
		checkpoint_say(checkpoint, "there is no checkpoint in %s", store_place(store));
	else if (checkpoint_load(store, shards[0], &bytes) != RESULT_OK ||
		shard_outline_read(buf_str(&bytes), &outline) != RESULT_OK ||
		input_read(outline.sections[SECTION_INPUT], &input) != RESULT_OK)
		checkpoint_say(checkpoint, "the checkpoint of shard %u cannot be used", shards[0]);
	else
		partitions = input.partitions;
	buf_release(&bytes);
	return partitions;
}

static bool find_topics(const struct checkpoint *checkpoint, struct old_layout *layout)
{
	const struct settings *settings = &layout->config->settings;
	struct consumer *metadata = reading_consumer_new(settings, 0, layout->error, sizeof layout->error);
	topology_init(&layout->topology, layout->config);
	bool good =
		metadata && topology_ask(&layout->topology, metadata, layout->error, sizeof layout->error) == RESULT_OK;
	consumer_free(metadata);
	return good || checkpoint_say(checkpoint, "Kafka at %s: %s", settings->kafka_brokers, layout->error);
}

static bool fits(const struct checkpoint *checkpoint, const struct old_layout *layout)
{
	if (layout->topology.shard_count != checkpoint->to)
		return checkpoint_say(checkpoint, "the topics have %d partitions, not %" PRId64,
			(int)layout->topology.shard_count, checkpoint->to);
	if (layout->before > checkpoint->to)
		return checkpoint_say(checkpoint, "the checkpoints are of %u partitions, which is more than there are",
			layout->before);
	return layout->before < checkpoint->to ||
		checkpoint_say(checkpoint, "the checkpoints are of %u partitions already", layout->before);
}

static void make_room(struct old_layout *layout)
{
	size_t places = layout->before * layout->topology.topic_count;
	layout->shards = NEW_ARRAY(struct shard *, (size_t)layout->topology.shard_count);
	layout->places = NEW_ARRAY(struct old_place, places);
	for (size_t i = 0; i < places; i++)
		layout->places[i] = (struct old_place){.next = CONSUMER_EARLIEST, .last_offset = -1};
}

/* ---- the new checkpoints ---- */

/* New partitions are read from their beginning: what stands there as well as in an old one is found to be a duplicate. */
static void put_input(const struct old_layout *layout, uint32_t shard, struct buf *out)
{
	size_t topics = shard < layout->before ? layout->topology.topic_count : 0, count = 0;
	for (size_t t = 0; t < topics; t++)
		count += old_layout_place(layout, shard, t)->next >= 0;
	input_put_head(out, layout->token, (uint32_t)layout->topology.shard_count);
	input_put_count(out, count);
	for (size_t t = 0; t < topics; t++) {
		const struct old_place *place = old_layout_place(layout, shard, t);
		struct feed_position position = {str_of(layout->config->schema.topics[t].name), place->next,
			place->last_offset, place->fingerprint, place->has_fingerprint};
		if (place->next >= 0)
			input_put_position(out, &position);
	}
}

static bool save(const struct checkpoint *checkpoint, const struct old_layout *layout)
{
	uint32_t count = (uint32_t)layout->topology.shard_count;
	struct buf *shards = NEW_ARRAY(struct buf, count);
	struct store *store = checkpoint_open(checkpoint, checkpoint->into, false);
	for (uint32_t s = 0; s < count; s++) {
		struct buf input;
		buf_init(&input);
		buf_init(&shards[s]);
		put_input(layout, s, &input);
		shard_save(layout->shards[s], buf_str(&input), &shards[s]);
		buf_release(&input);
	}
	bool good =
		store && checkpoint_may_fill(checkpoint, store) && checkpoint_fill(checkpoint, store, shards, count);
	for (uint32_t s = 0; s < count; s++)
		buf_release(&shards[s]);
	mem_free(shards);
	store_close(store);
	return good;
}

static bool reshard(const struct checkpoint *checkpoint, struct old_layout *layout, struct store *store)
{
	layout->before = partitions_of(checkpoint, store);
	if (!layout->before || !find_topics(checkpoint, layout) || !fits(checkpoint, layout))
		return false;
	make_room(layout);
	if (!load_shards(checkpoint, layout, store))
		return false;
	if (!old_layout_read(layout))
		return checkpoint_say(checkpoint, "%s", layout->error);
	shards_spread(layout->config, layout->shards, layout->before, (uint32_t)layout->topology.shard_count);
	return save(checkpoint, layout);
}

static void release(struct old_layout *layout)
{
	for (int32_t s = 0; layout->shards && s < layout->topology.shard_count; s++)
		shard_free(layout->shards[s]);
	mem_free(layout->shards);
	mem_free(layout->places);
	topology_release(&layout->topology);
}

static bool called_rightly(const struct checkpoint *checkpoint)
{
	if (!checkpoint->config || !checkpoint->into || !checkpoint->to)
		return checkpoint_say(checkpoint, "it takes --config DIR, --to PARTITIONS and --into DIR");
	return checkpoint->config->settings.kafka_partitioner != PARTITIONER_ANY ||
		checkpoint_say(checkpoint,
			"with 'kafka.partitioner: any' nobody knows where a customer's events lie; count again "
			"instead");
}

int checkpoint_reshard(const struct checkpoint *checkpoint)
{
	struct old_layout layout = {.config = checkpoint->config};
	if (!called_rightly(checkpoint))
		return EXIT_USAGE;
	/* Opened to be written, so that no kpid may run on it. */
	struct store *store = checkpoint_open(checkpoint, checkpoint->arguments[0], false);
	if (!store)
		return EXIT_FOUND;
	bool good = reshard(checkpoint, &layout, store);
	if (good)
		printf("%u shards became %d in %s; %" PRIu64 " records read, %" PRIu64 " dead letters\n", layout.before,
			(int)layout.topology.shard_count, checkpoint->into, layout.records, layout.letters);
	release(&layout);
	store_close(store);
	return good ? 0 : EXIT_FOUND;
}
