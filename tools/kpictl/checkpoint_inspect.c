/* kpictl checkpoint inspect and verify. */
#include "base/text.h"
#include "daemon/checkpoint/input.h"
#include "pipeline/publish/json.h"
#include "pipeline/shard.h"
#include "pipeline/shard_outline.h"
#include "tools/kpictl/checkpoint.h"
#include "tools/kpictl/verbs.h"

#include <inttypes.h>
#include <stdio.h>

/* What a generation says of itself, whatever the configuration. */
struct seen {
	uint32_t shard;
	uint64_t generation;
	enum result result; /* as the store has it, then as its outline */
	struct shard_outline outline;
	struct checkpoint_input input;
	struct feed_position positions[SCHEMA_TYPES_MAX];
	int position_count;
	int64_t end, as_of;
	uint64_t customers;
	size_t length;
};

static void read_status(struct seen *seen)
{
	struct reader status = reader_of(seen->outline.sections[SECTION_STATUS]);
	struct reader customers = reader_of(seen->outline.sections[SECTION_CUSTOMERS]);
	seen->end = reader_svarint(&status);
	seen->as_of = reader_svarint(&status);
	(void)reader_svarint(&customers); /* fold */
	if (seen->outline.format < 5)
		(void)reader_svarint(&customers); /* the horizon of that time */
	seen->customers = reader_varint(&customers);
}

static void look(struct seen *seen, uint32_t shard, uint64_t generation, enum result result, struct str bytes)
{
	*seen = (struct seen){.shard = shard, .generation = generation, .result = result, .length = bytes.length};
	if (result == RESULT_OK)
		seen->result = shard_outline_read(bytes, &seen->outline);
	if (seen->result == RESULT_OK && (!seen->outline.whole || seen->outline.index != shard))
		seen->result = RESULT_CORRUPT;
	if (seen->result != RESULT_OK)
		return;
	read_status(seen);
	if (input_read(seen->outline.sections[SECTION_INPUT], &seen->input) == RESULT_OK)
		seen->position_count = input_positions(seen->input.positions, seen->positions, SCHEMA_TYPES_MAX);
	if (seen->position_count < 0 || seen->position_count > SCHEMA_TYPES_MAX)
		seen->position_count = 0;
}

static void put_time(struct buf *out, int64_t time)
{
	if (time == INT64_MIN || time == INT64_MAX)
		buf_put_text(out, "none");
	else
		text_put_time(out, time);
}

/* ---- inspect ---- */

struct inspecting {
	const struct checkpoint *checkpoint;
	struct buf out;
	size_t count;
};

static const char *meaning(const struct inspecting *inspecting, const struct seen *seen)
{
	const struct config *config = inspecting->checkpoint->config;
	if (!config)
		return NULL;
	return seen->outline.meaning == shard_meaning(config) ? "that of the configuration"
							      : "not that of the configuration";
}

static void put_text(struct inspecting *inspecting, const struct seen *seen)
{
	struct buf *out = &inspecting->out;
	const char *means = meaning(inspecting, seen);
	buf_printf(out, "  format %u, %zu bytes, meaning %016" PRIx64 "%s%s\n", seen->outline.format, seen->length,
		seen->outline.meaning, means ? ": " : "", means ? means : "");
	buf_printf(out, "  written with token %" PRIu64 ", for %u partitions\n", seen->input.token,
		seen->input.partitions);
	buf_put_text(out, "  end ");
	put_time(out, seen->end);
	buf_put_text(out, ", read through ");
	put_time(out, seen->as_of);
	buf_printf(out, "\n  %" PRIu64 " customers\n  next offsets:", seen->customers);
	for (int i = 0; i < seen->position_count; i++)
		buf_printf(out, " %.*s %" PRId64, STR_ARG(seen->positions[i].topic), seen->positions[i].next);
	buf_printf(out, "%s\n  bytes:", seen->position_count ? "" : " from the beginning");
	for (int s = 0; s < SECTION_COUNT; s++)
		buf_printf(out, " %s %zu", shard_section_tag((enum shard_section)s), seen->outline.sections[s].length);
	buf_put_byte(out, '\n');
}

static void put_json_time(struct buf *out, const char *name, int64_t time)
{
	bool none = time == INT64_MIN || time == INT64_MAX;
	buf_printf(out, ",\"%s\":%s", name, none ? "null" : "\"");
	if (!none) {
		text_put_time(out, time);
		buf_put_byte(out, '"');
	}
}

static void put_json_details(struct inspecting *inspecting, const struct seen *seen)
{
	struct buf *out = &inspecting->out;
	const struct config *config = inspecting->checkpoint->config;
	buf_printf(out, ",\"meaning\":\"%016" PRIx64 "\"", seen->outline.meaning);
	if (config)
		buf_printf(out, ",\"of_this_configuration\":%s",
			seen->outline.meaning == shard_meaning(config) ? "true" : "false");
	buf_printf(out, ",\"token\":%" PRIu64 ",\"partitions\":%u", seen->input.token, seen->input.partitions);
	put_json_time(out, "end", seen->end);
	put_json_time(out, "as_of", seen->as_of);
	buf_printf(out, ",\"customers\":%" PRIu64 ",\"offsets\":{", seen->customers);
	for (int i = 0; i < seen->position_count; i++) {
		buf_put_text(out, i ? "," : "");
		json_put_string(out, seen->positions[i].topic);
		buf_printf(out, ":%" PRId64, seen->positions[i].next);
	}
	buf_put_text(out, "},\"sections\":{");
	for (int s = 0; s < SECTION_COUNT; s++)
		buf_printf(out, "%s\"%s\":%zu", s ? "," : "", shard_section_tag((enum shard_section)s),
			seen->outline.sections[s].length);
	buf_put_byte(out, '}');
}

static void put_json(struct inspecting *inspecting, const struct seen *seen)
{
	struct buf *out = &inspecting->out;
	buf_printf(out, "{\"shard\":%u,\"generation\":%" PRIu64 ",\"whole\":%s,\"bytes\":%zu", seen->shard,
		seen->generation, seen->result == RESULT_OK ? "true" : "false", seen->length);
	if (seen->outline.format)
		buf_printf(out, ",\"format\":%u", seen->outline.format);
	if (seen->result == RESULT_OK)
		put_json_details(inspecting, seen);
	buf_put_text(out, "}\n");
}

static void inspect_one(void *context, uint32_t shard, uint64_t generation, enum result result, struct str bytes)
{
	struct inspecting *inspecting = context;
	struct seen seen;
	if (inspecting->checkpoint->shard >= 0 && inspecting->checkpoint->shard != shard)
		return;
	look(&seen, shard, generation, result, bytes);
	inspecting->count++;
	if (inspecting->checkpoint->json) {
		put_json(inspecting, &seen);
		return;
	}
	buf_printf(&inspecting->out, "shard %u, generation %" PRIu64 "%s%s\n", shard, generation,
		seen.result == RESULT_OK ? "" : ": ", seen.result == RESULT_OK ? "" : result_text(seen.result));
	if (seen.result == RESULT_OK)
		put_text(inspecting, &seen);
	else if (seen.result == RESULT_VERSION && seen.outline.format)
		buf_printf(&inspecting->out, "  format %u; read here are %d to %d\n", seen.outline.format,
			SHARD_FORMAT_OLDEST, SHARD_FORMAT);
}

int checkpoint_inspect(const struct checkpoint *checkpoint)
{
	struct inspecting inspecting = {.checkpoint = checkpoint};
	struct store *store = checkpoint_open(checkpoint, checkpoint->arguments[0], true);
	if (!store)
		return EXIT_FOUND;
	buf_init(&inspecting.out);
	enum result result = store_each(store, inspect_one, &inspecting);
	bool good = result == RESULT_OK || checkpoint_say(checkpoint, "%s", store_error(store));
	if (good && inspecting.count == 0)
		good = checkpoint_say(checkpoint, "there is no checkpoint in %s", store_place(store));
	fwrite(inspecting.out.data, 1, inspecting.out.length, stdout);
	buf_release(&inspecting.out);
	store_close(store);
	return good && fflush(stdout) == 0 ? 0 : EXIT_FOUND;
}

/* ---- verify ---- */

enum { SHARDS_MAX = 4096 };

struct verifying {
	const struct checkpoint *checkpoint;
	struct store *store;
	size_t generations, damaged;
	uint32_t partitions;       /* as the newest say */
	uint8_t whole[SHARDS_MAX]; /* generations of the shard that can be used */
	uint8_t damaged_of[SHARDS_MAX];
};

static void name_sections(struct buf *out, const struct seen *seen)
{
	for (int s = 0; s < SECTION_COUNT; s++)
		if (!seen->outline.good[s])
			buf_printf(out, " %s", shard_section_tag((enum shard_section)s));
}

/* Why kpid could not use it; empty where it could. */
static void find_fault(const struct verifying *verifying, const struct seen *seen, struct str bytes, struct buf *out)
{
	const struct config *config = verifying->checkpoint->config;
	struct shard *shard = NULL;
	struct str input;
	if (seen->result == RESULT_VERSION && seen->outline.format)
		buf_printf(out, "format %u; read here are %d to %d", seen->outline.format, SHARD_FORMAT_OLDEST,
			SHARD_FORMAT);
	else if (seen->result == RESULT_CORRUPT && seen->length) {
		buf_put_text(out, "sections do not add up:");
		name_sections(out, seen);
	} else if (seen->result != RESULT_OK)
		buf_put_text(out, store_error(verifying->store));
	else if (config) {
		enum result result = shard_load(config, seen->shard, bytes, &shard, &input);
		if (result == RESULT_CONFLICT &&
			shard_compare_past(config, seen->shard, bytes, out) == RESULT_CONFLICT && !out->length)
			buf_put_text(out, "other measures, windows or events than the configuration has");
		else if (result != RESULT_OK)
			buf_put_text(out, result_text(result));
		shard_free(shard);
	}
}

static void verify_one(void *context, uint32_t shard, uint64_t generation, enum result result, struct str bytes)
{
	struct verifying *verifying = context;
	struct buf fault;
	struct seen seen;
	buf_init(&fault);
	look(&seen, shard, generation, result, bytes);
	find_fault(verifying, &seen, bytes, &fault);
	verifying->generations++;
	if (seen.result == RESULT_OK && seen.input.partitions > verifying->partitions)
		verifying->partitions = seen.input.partitions;
	if (fault.length) {
		printf("shard %u, generation %" PRIu64 ": %s\n", shard, generation, fault.data);
		verifying->damaged++;
	}
	if (shard < SHARDS_MAX) {
		verifying->whole[shard] += !fault.length;
		verifying->damaged_of[shard] += fault.length > 0;
	}
	buf_release(&fault);
}

/* What it means for a start; false where a shard cannot be had at all. */
static void say_meaning(const struct verifying *verifying)
{
	for (uint32_t s = 0; s < SHARDS_MAX; s++) {
		if (verifying->damaged_of[s] && verifying->whole[s])
			printf("shard %u: kpid takes the generation that is whole, reads on from its offsets, and "
			       "loses "
			       "nothing while Kafka holds the records since\n",
				s);
		else if (verifying->damaged_of[s])
			printf("shard %u: no generation can be used: kpid will not start on this; restore a backup, or "
			       "count again\n",
				s);
		else if (!verifying->whole[s] && s < verifying->partitions)
			printf("shard %u: there is no checkpoint: its topics are read from the beginning\n", s);
	}
}

int checkpoint_verify(const struct checkpoint *checkpoint)
{
	struct verifying verifying = {.checkpoint = checkpoint};
	verifying.store = checkpoint_open(checkpoint, checkpoint->arguments[0], true);
	if (!verifying.store)
		return EXIT_FOUND;
	enum result result = store_each(verifying.store, verify_one, &verifying);
	bool good = result == RESULT_OK || checkpoint_say(checkpoint, "%s", store_error(verifying.store));
	if (good && verifying.generations == 0)
		good = checkpoint_say(checkpoint, "there is no checkpoint in %s", store_place(verifying.store));
	say_meaning(&verifying);
	printf("%zu generations, %zu damaged%s\n", verifying.generations, verifying.damaged,
		checkpoint->config ? "" : "; not loaded, for want of --config");
	store_close(verifying.store);
	return good && !verifying.damaged && fflush(stdout) == 0 ? 0 : EXIT_FOUND;
}
