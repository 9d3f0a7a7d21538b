/* kpi:meta: docs/redis.md lists the fields. */
#include "base/check.h"
#include "base/clock.h"
#include "base/text.h"
#include "daemon/publishing.h"
#include "pipeline/refusal.h"

#include <stdio.h>
#include <stdlib.h>

#define STALLED_MS 30000

struct meta {
	struct publishing *publishing;
	struct writer_meta_field fields[PUBLISHING_META_MAX];
	size_t count;
};

/* An empty buffer that is the value of a new field; the view is taken by close_field. */
static struct buf *open_field(struct meta *meta, const char *name)
{
	CHECK(meta->count < PUBLISHING_META_MAX);
	struct buf *value = &meta->publishing->meta[meta->count];
	buf_clear(value);
	meta->fields[meta->count].name = name;
	return value;
}

static void close_field(struct meta *meta)
{
	meta->fields[meta->count].value = buf_str(&meta->publishing->meta[meta->count]);
	meta->count++;
}

static void add_number(struct meta *meta, const char *name, uint64_t number)
{
	text_put_number(open_field(meta, name), number);
	close_field(meta);
}

static void add_time(struct meta *meta, const char *name, int64_t time)
{
	struct buf *value = open_field(meta, name);
	if (time != INT64_MIN && time != INT64_MAX)
		text_put_time(value, time);
	close_field(meta);
}

static void put_offsets(const struct publishing *publishing, struct buf *out)
{
	const struct schema *schema = &publishing->control->config->schema;
	bool first = true;
	buf_put_byte(out, '{');
	for (uint32_t s = 0; s < publishing->shard_count; s++)
		for (size_t i = 0; i < publishing->inputs[s].position_count; i++) {
			const struct input_position *position = &publishing->inputs[s].positions[i];
			if (position->next < 0)
				continue;
			buf_put_text(out, first ? "\"" : ",\"");
			buf_put_text(out, schema->topics[position->topic].name);
			buf_put_byte(out, '-');
			text_put_number(out, s);
			buf_put_text(out, "\":");
			text_put_number(out, (uint64_t)position->next);
			first = false;
		}
	buf_put_byte(out, '}');
}

bool publishing_lag(const struct publishing *publishing, uint64_t *ret_records)
{
	uint64_t sum = 0;
	for (uint32_t s = 0; s < publishing->shard_count; s++) {
		const struct shard_input *input = &publishing->inputs[s];
		if (!input->positions)
			return false;
		for (size_t i = 0; i < input->position_count; i++) {
			const struct input_position *position = &input->positions[i];
			if (position->end < 0)
				return false;
			if (position->end > position->next && position->next >= 0)
				sum += (uint64_t)(position->end - position->next);
		}
	}
	*ret_records = sum;
	return true;
}

static void put_stalled(const struct publishing *publishing, int64_t wall_ms, struct buf *out)
{
	for (uint32_t s = 0; publishing->announce_live && s < publishing->shard_count; s++)
		if (publishing->inputs[s].as_of < wall_ms - STALLED_MS)
			buf_printf(out, "%s%u", out->length ? "," : "", s);
}

static void add_lag(struct meta *meta)
{
	uint64_t records;
	struct buf *value = open_field(meta, "lag");
	if (publishing_lag(meta->publishing, &records))
		text_put_number(value, records);
	close_field(meta);
}

static void add_counts(struct meta *meta, const struct merge_status *status)
{
	add_number(meta, "records", status->counts.records);
	add_number(meta, "applied", status->counts.applied);
	add_number(meta, "duplicates", status->counts.duplicates);
	add_number(meta, "late", status->counts.late);
	add_number(meta, "refused", status->counts.refused);
	add_number(meta, "seeded", status->counts.seeded);
	add_number(meta, "waiting", status->counts.waiting);
	add_number(meta, "retractions_missed", status->counts.missed);
}

static void put_refusals(const struct publishing *publishing, struct buf *out)
{
	buf_put_byte(out, '{');
	for (int reason = 1; reason < REFUSAL_COUNT; reason++) {
		uint64_t sum = 0;
		for (uint32_t s = 0; s < publishing->shard_count; s++)
			sum += publishing->inputs[s].refused[reason];
		if (sum > 0)
			buf_printf(out, "%s\"%s\":%llu", out->length > 1 ? "," : "", refusal_name((enum refusal)reason),
				(unsigned long long)sum);
	}
	buf_put_byte(out, '}');
}

static void add_fleet(struct meta *meta)
{
	const struct control *control = meta->publishing->control;
	struct buf instances;
	if (!control->put_fleet)
		return;
	buf_init(&instances);
	control->put_fleet(control->outbox->context, &instances, open_field(meta, "fleet"));
	close_field(meta);
	buf_put_str(open_field(meta, "instances"), buf_str(&instances));
	close_field(meta);
	buf_release(&instances);
}

/* The rare paths of the writer, over all runs of this process. */
static void put_writer(const struct publishing *publishing, struct buf *out)
{
	struct writer_stats sum = {0};
	if (publishing->control->earlier)
		writer_stats_add(&sum, publishing->control->earlier);
	writer_stats_add(&sum, writer_stats(publishing->writer));
	buf_put_byte(out, '{');
#define PUT(name)                                                                  \
	buf_put_text(out, out->length > 1 ? ",\"" #name "\":" : "\"" #name "\":"); \
	text_put_number(out, sum.name);
	WRITER_COUNTS(PUT)
#undef PUT
	buf_put_byte(out, '}');
}

void publishing_flush(struct publishing *publishing, int64_t wall_ms)
{
	const struct config *config = publishing->control->config;
	struct merge_status status = merge_status(publishing->merge);
	struct meta meta = {.publishing = publishing};
	int64_t clock_at = atomic_load(&publishing->control->clock_offset), now_us = clock_steady_us();
	buf_put_text(open_field(&meta, "name"), config->settings.name);
	close_field(&meta);
	buf_printf(open_field(&meta, "config_hash"), "%016llx", (unsigned long long)config->hash);
	close_field(&meta);
	add_time(&meta, "end", publishing->end);
	add_time(&meta, "published_end", publishing->published_end);
	add_number(&meta, "caught_up", publishing->live && writer_is_whole(publishing->writer));
	add_time(&meta, "since", status.since);
	add_time(&meta, "gap", status.gap);
	add_time(&meta, "started_at", publishing->started_ms);
	add_lag(&meta);
	add_number(&meta, "shards", publishing->shard_count);
	add_counts(&meta, &status);
	put_offsets(publishing, open_field(&meta, "offsets"));
	close_field(&meta);
	put_refusals(publishing, open_field(&meta, "refusals"));
	close_field(&meta);
	put_stalled(publishing, clock_brokers(clock_at, wall_ms, now_us), open_field(&meta, "stalled"));
	close_field(&meta);
	if (clock_at != CLOCK_OFFSET_UNKNOWN)
		buf_printf(open_field(&meta, "clock_skew"), "%lld", (long long)clock_skew(clock_at, wall_ms, now_us));
	else
		open_field(&meta, "clock_skew");
	close_field(&meta);
	add_number(&meta, "checkpoints_failing", atomic_load(&publishing->control->checkpoints_failing));
	add_time(&meta, "checkpoint_at", atomic_load(&publishing->control->checkpoint_ms));
	add_fleet(&meta);
	put_writer(publishing, open_field(&meta, "writer"));
	close_field(&meta);
	writer_flush(publishing->writer, status.as_of, meta.fields, meta.count);
}

/* The offset that `offsets` names for a partition, or -1. The text is our own: {"topic-partition":offset,...}. */
static int64_t offset_in(struct str offsets, const char *topic, uint32_t partition)
{
	char wanted[300];
	snprintf(wanted, sizeof wanted, "\"%s-%u\":", topic, partition);
	const char *found = offsets.length ? strstr(offsets.data, wanted) : NULL;
	return found ? strtoll(found + strlen(wanted), NULL, 10) : -1;
}

static bool position_reached(
	const struct publishing *publishing, uint32_t shard, const struct input_position *position, struct str offsets)
{
	const char *topic = publishing->control->config->schema.topics[position->topic].name;
	int64_t wanted = offset_in(offsets, topic, shard);
	/* A log that ends before is another log: there is nothing to wait for. */
	return position->next >= wanted || (position->end >= 0 && position->next >= position->end);
}

bool publishing_reached(const struct publishing *publishing, struct str offsets)
{
	for (uint32_t s = 0; s < publishing->shard_count; s++) {
		const struct shard_input *input = &publishing->inputs[s];
		if (!input->positions) /* it has not spoken yet */
			return false;
		for (size_t i = 0; i < input->position_count; i++)
			if (!position_reached(publishing, s, &input->positions[i], offsets))
				return false;
	}
	return true;
}
