/* A shard's checkpoint: a header, then sections. Each section is a tag (4 bytes), a length (u64), the bytes, and their CRC32C (u32).
 * docs/checkpoint.md describes the format. */
#include "base/hash.h"
#include "base/mem.h"
#include "config/past.h"
#include "pipeline/shard_state.h"

#define FORMAT_VERSION 4

static const char magic[8] = "kpidshrd";

enum section {
	SECTION_INPUT,
	SECTION_STATUS,
	SECTION_GROUPS,
	SECTION_CUSTOMERS,
	SECTION_WINDOWS,
	SECTION_WAITING,
	SECTION_PAST,
	SECTION_COUNT
};

static const char *const tags[SECTION_COUNT] = {"INPT", "STAT", "GRPS", "CUST", "WIND", "WAIT", "PAST"};

static void put_trigger_stocks(struct buf *out, const struct trigger_list *list)
{
	for (unsigned i = 0; i < list->count; i++)
		if (list->items[i].kind != TRIGGER_EVENT)
			buf_put_varint(out, list->items[i].index);
}

/* The identity says what a measure is; the rest, where its numbers stand. */
static void put_measure(struct buf *out, const struct measure *measure)
{
	buf_put_u64(out, measure->identity);
	buf_put_u32(out, measure->component);
	buf_put_byte(out, measure->dimensions);
	buf_put_byte(out, measure->extreme_dimensions);
	buf_put_svarint(out, measure->stock);
	buf_put_varint(out, measure->since_slot);
	for (unsigned i = 0; i < measure->since_count; i++)
		buf_put_varint(out, measure->since[i]);
	put_trigger_stocks(out, &measure->on);
	put_trigger_stocks(out, &measure->ends);
}

static void put_field(struct buf *out, const struct field *field)
{
	buf_put_counted(out, str_of(field->name));
	buf_put_byte(out, (uint8_t)field->kind);
	buf_put_varint(out, field->choice_count);
	for (unsigned i = 0; i < field->choice_count; i++)
		buf_put_counted(out, str_of(field->choices[i]));
}

static void put_dimension(struct buf *out, const struct config *config, const struct dimension *dimension)
{
	buf_put_counted(out, str_of(dimension->name));
	buf_put_counted(out, str_of(dimension->field < 0 ? "" : config->schema.fields[dimension->field].name));
	buf_put_counted(out, (struct str){(const char *)dimension->parts, dimension->part_count});
}

/* Slices are kept only for as long as a window reaches back. */
static void put_window(struct buf *out, const struct window *window)
{
	buf_put_byte(out, window->kind);
	buf_put_byte(out, window->unit);
	buf_put_svarint(out, window->length);
	buf_put_svarint(out, window->days);
	buf_put_svarint(out, window->back);
}

static void put_calendar(struct buf *out, const struct config *config)
{
	buf_put_counted(out, str_of(config->zone.name));
	buf_put_svarint(out, config->settings.week_start);
	buf_put_svarint(out, config->settings.fiscal_year_start);
	buf_put_u64(out, (uint64_t)config->model.smallest_step);
}

/* What the stored numbers mean: another list of measures, stocks, choices or types makes them mean something else. */
uint64_t shard_meaning(const struct config *config)
{
	const struct model *model = &config->model;
	struct buf bytes;
	buf_init(&bytes);
	buf_put_varint(&bytes, model->stock_count);
	for (unsigned m = 0; m < model->measure_count; m++)
		put_measure(&bytes, &model->measures[m]);
	for (unsigned d = 0; d < model->dimension_count; d++)
		put_dimension(&bytes, config, &model->dimensions[d]);
	for (unsigned t = 0; t < config->schema.type_count; t++)
		buf_put_counted(&bytes, str_of(config->schema.types[t].name));
	for (unsigned f = 0; f < config->schema.field_count; f++)
		put_field(&bytes, &config->schema.fields[f]);
	for (unsigned w = 0; w < model->window_count; w++)
		put_window(&bytes, &model->windows[w]);
	put_calendar(&bytes, config);
	buf_put_svarint(&bytes, config->schema.retractions.names);
	static const struct hash_key key = {0x6b706964, 0x6d65616e};
	uint64_t hash = hash_sip(key, buf_str(&bytes));
	buf_release(&bytes);
	return hash;
}

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
}

static bool load_status(struct shard *shard, struct reader *in)
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
	return !in->failed;
}

static void save_section(const struct shard *shard, enum section section, struct str input, struct buf *out)
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
		correlator_save(shard->correlator, out);
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

static void patch_u64(struct buf *out, size_t at, uint64_t value)
{
	buf_patch_u32(out, at, (uint32_t)value);
	buf_patch_u32(out, at + 4, (uint32_t)(value >> 32));
}

void shard_save(const struct shard *shard, struct str input, struct buf *out)
{
	buf_put(out, magic, sizeof magic);
	buf_put_u32(out, FORMAT_VERSION);
	buf_put_u32(out, shard->index);
	buf_put_u64(out, shard_meaning(shard->config));
	for (int s = 0; s < SECTION_COUNT; s++) {
		buf_put(out, tags[s], 4);
		buf_put_u64(out, 0);
		size_t start = out->length;
		save_section(shard, (enum section)s, input, out);
		size_t length = out->length - start;
		patch_u64(out, start - 8, length);
		buf_put_u32(out, hash_crc32c(0, (struct str){out->data + start, length}));
	}
}

static bool read_sections(struct reader *in, struct str *sections)
{
	for (int s = 0; s < SECTION_COUNT; s++) {
		struct str tag = reader_bytes(in, 4);
		uint64_t length = reader_u64(in);
		if (in->failed || memcmp(tag.data, tags[s], 4) != 0 || length > reader_left(in))
			return false;
		sections[s] = reader_bytes(in, length);
		uint32_t crc = reader_u32(in);
		if (in->failed || crc != hash_crc32c(0, sections[s]))
			return false;
	}
	return reader_done(in);
}

/* No event can come that lies before what was folded away. */
static bool folds_agree(const struct shard *shard)
{
	int64_t end = windows_end(shard->windows);
	return shard->fold == correlator_fold(shard->correlator) && shard->fold <= end &&
		!waiting_first(&shard->waiting, end);
}

static bool load_sections(struct shard *shard, const struct str *sections, struct reader status)
{
	struct reader groups = reader_of(sections[SECTION_GROUPS]);
	struct reader customers = reader_of(sections[SECTION_CUSTOMERS]);
	struct reader windows = reader_of(sections[SECTION_WINDOWS]);
	struct reader waiting = reader_of(sections[SECTION_WAITING]);
	return load_status(shard, &status) && groups_load(&shard->groups, &groups) == RESULT_OK &&
		correlator_load(shard->correlator, &customers) == RESULT_OK &&
		windows_load(shard->windows, &windows) == RESULT_OK && waiting_load(&shard->waiting, &waiting) &&
		folds_agree(shard);
}

/* The sections, when they are of this shard, whole, and mean under the configuration what they meant; the status' reader behind the end. */
static enum result open_sections(const struct config *config, uint32_t index, struct str bytes,
	struct str *ret_sections, struct reader *ret_status, int64_t *ret_end)
{
	struct reader in = reader_of(bytes);
	struct str start = reader_bytes(&in, sizeof magic);
	uint32_t version = reader_u32(&in), stored_index = reader_u32(&in);
	uint64_t stored_meaning = reader_u64(&in);
	if (in.failed || memcmp(start.data, magic, sizeof magic) != 0)
		return RESULT_CORRUPT;
	if (version != FORMAT_VERSION)
		return RESULT_VERSION;
	if (!read_sections(&in, ret_sections) || stored_index != index)
		return RESULT_CORRUPT;
	if (stored_meaning != shard_meaning(config))
		return RESULT_CONFLICT;
	*ret_status = reader_of(ret_sections[SECTION_STATUS]);
	*ret_end = reader_svarint(ret_status);
	if (ret_status->failed || !record_time_valid(*ret_end) || *ret_end % config->model.smallest_step != 0)
		return RESULT_CORRUPT;
	return RESULT_OK;
}

enum result shard_compare_past(
	const struct config *config, uint32_t index, struct str bytes, struct buf *ret_difference)
{
	struct str sections[SECTION_COUNT];
	struct reader status;
	int64_t end;
	enum result result = open_sections(config, index, bytes, sections, &status, &end);
	return result ? result : past_compare(sections[SECTION_PAST], config, end, ret_difference);
}

enum result shard_load(
	const struct config *config, uint32_t index, struct str bytes, struct shard **ret_shard, struct str *ret_input)
{
	struct str sections[SECTION_COUNT];
	struct reader status;
	struct buf difference;
	int64_t end;
	enum result result = open_sections(config, index, bytes, sections, &status, &end);
	if (result)
		return result;
	buf_init(&difference);
	result = past_compare(sections[SECTION_PAST], config, end, &difference);
	buf_release(&difference);
	if (result)
		return result;
	struct shard *shard = shard_new(config, index, end);
	if (!load_sections(shard, sections, status)) {
		shard_free(shard);
		return RESULT_CORRUPT;
	}
	*ret_shard = shard;
	*ret_input = sections[SECTION_INPUT];
	return RESULT_OK;
}
