/* A shard's checkpoint: a header, then sections (shard_outline.h). docs/checkpoint.md describes the format. */
#include "base/hash.h"
#include "base/mem.h"
#include "config/past.h"
#include "pipeline/shard_outline.h"
#include "pipeline/shard_state.h"

static void save_status(const struct shard *shard, struct buf *out)
{
	buf_put_svarint(out, windows_end(shard->windows));
	buf_put_svarint(out, shard->as_of);
	buf_put_svarint(out, shard->since);
	buf_put_svarint(out, shard->gap);
	buf_put_svarint(out, shard->fold);
	for (unsigned type = 0; type < shard->config->schema.type_count; type++)
		buf_put_varint(out, shard->seen[type]);
	buf_put_varint(out, shard->counts.applied);
	buf_put_varint(out, shard->counts.duplicates);
	buf_put_varint(out, shard->counts.late);
	buf_put_varint(out, shard->counts.refused);
	buf_put_varint(out, shard->counts.records);
	buf_put_varint(out, shard->counts.missed);
	buf_put_svarint(out, shard->seed_end);
	buf_put_varint(out, shard->counts.seeded);
}

/* Formats 1 to 4 know no seed. */
static void load_seed(struct shard *shard, struct reader *in, uint32_t format)
{
	if (format < 5)
		return;
	shard->seed_end = reader_svarint(in);
	shard->counts.seeded = reader_varint(in);
}

static bool load_status(struct shard *shard, struct reader *in, uint32_t format)
{
	shard->as_of = reader_svarint(in);
	shard->since = reader_svarint(in);
	shard->gap = reader_svarint(in);
	shard->fold = reader_svarint(in);
	for (unsigned type = 0; type < shard->config->schema.type_count; type++)
		shard->seen[type] = reader_varint(in);
	shard->counts.applied = reader_varint(in);
	shard->counts.duplicates = reader_varint(in);
	shard->counts.late = reader_varint(in);
	shard->counts.refused = reader_varint(in);
	shard->counts.records = reader_varint(in);
	shard->counts.missed = reader_varint(in);
	load_seed(shard, in, format);
	return reader_done(in);
}

static void save_section(
	const struct shard *shard, enum shard_section section, struct str input, struct buf *out, struct hash_sum *sum)
{
	switch (section) {
	case SECTION_INPUT:
		buf_put_str(out, input);
		break;
	case SECTION_STATUS:
		save_status(shard, out);
		break;
	case SECTION_GROUPS:
		groups_save(&shard->groups, out);
		break;
	case SECTION_CUSTOMERS:
		correlator_save(shard->correlator, out, sum);
		break;
	case SECTION_WINDOWS:
		windows_save(shard->windows, out);
		break;
	case SECTION_WAITING:
		waiting_save(&shard->waiting, out);
		break;
	case SECTION_PAST:
		past_put(shard->config, out);
		break;
	case SECTION_COUNT:
		break;
	}
}

void shard_save(const struct shard *shard, struct str input, struct buf *out)
{
	shard_outline_begin(out, shard->index, shard_meaning(shard->config));
	for (int s = 0; s < SECTION_COUNT; s++) {
		struct hash_sum sum;
		size_t start = shard_section_begin(out, (enum shard_section)s, &sum);
		save_section(shard, (enum shard_section)s, input, out, &sum);
		shard_section_end(out, start, &sum);
	}
}

/* No event can come that lies before what was folded away. */
static bool folds_agree(const struct shard *shard)
{
	int64_t end = windows_end(shard->windows);
	return shard->fold == correlator_fold(shard->correlator) && shard->fold <= end &&
		!waiting_first(&shard->waiting, end);
}

static bool load_sections(struct shard *shard, const struct shard_outline *outline, struct reader status)
{
	struct reader groups = reader_of(outline->sections[SECTION_GROUPS]);
	struct reader customers = reader_of(outline->sections[SECTION_CUSTOMERS]);
	struct reader windows = reader_of(outline->sections[SECTION_WINDOWS]);
	struct reader waiting = reader_of(outline->sections[SECTION_WAITING]);
	return load_status(shard, &status, outline->format) && groups_load(&shard->groups, &groups) == RESULT_OK &&
		correlator_load(shard->correlator, outline->format, &customers) == RESULT_OK &&
		windows_load(shard->windows, &windows) == RESULT_OK &&
		waiting_load(&shard->waiting, outline->format, &waiting) && folds_agree(shard);
}

/* The sections, when they are of this shard, whole, and mean under the configuration what they meant; the status' reader behind the end. */
static enum result open_sections(const struct config *config, uint32_t index, struct str bytes,
	struct shard_outline *ret_outline, struct reader *ret_status, int64_t *ret_end)
{
	enum result result = shard_outline_read(bytes, ret_outline);
	if (result)
		return result;
	if (!ret_outline->whole || ret_outline->index != index)
		return RESULT_CORRUPT;
	if (ret_outline->meaning != shard_meaning(config))
		return RESULT_CONFLICT;
	*ret_status = reader_of(ret_outline->sections[SECTION_STATUS]);
	*ret_end = reader_svarint(ret_status);
	if (ret_status->failed || !record_time_valid(*ret_end) || *ret_end % config->model.smallest_step != 0)
		return RESULT_CORRUPT;
	return RESULT_OK;
}

enum result shard_compare_past(
	const struct config *config, uint32_t index, struct str bytes, struct buf *ret_difference)
{
	struct shard_outline outline;
	struct reader status;
	int64_t end;
	enum result result = open_sections(config, index, bytes, &outline, &status, &end);
	return result ? result : past_compare(outline.sections[SECTION_PAST], config, end, ret_difference);
}

enum result shard_load(
	const struct config *config, uint32_t index, struct str bytes, struct shard **ret_shard, struct str *ret_input)
{
	struct shard_outline outline;
	struct reader status;
	struct buf difference;
	int64_t end;
	enum result result = open_sections(config, index, bytes, &outline, &status, &end);
	if (result)
		return result;
	buf_init(&difference);
	result = past_compare(outline.sections[SECTION_PAST], config, end, &difference);
	buf_release(&difference);
	if (result)
		return result;
	struct shard *shard = shard_new(config, index, end);
	if (!load_sections(shard, &outline, status)) {
		shard_free(shard);
		return RESULT_CORRUPT;
	}
	*ret_shard = shard;
	*ret_input = outline.sections[SECTION_INPUT];
	return RESULT_OK;
}
