#include "tests/unit/shard_fixture.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char default_events[] =
	"fields:\n"
	"  rep: {type: text}\n"
	"  team: {type: text}\n"
	"  deal: {type: text}\n"
	"  sub: {type: text}\n"
	"  stage: {type: text}\n"
	"  outcome: {type: choice}\n"
	"  amount: {type: decimal, money: true, minimum: 0, maximum: 1000000000000}\n"
	"  score: {type: integer}\n"
	"  created_at: {type: time}\n"
	"  product: {type: text}\n"
	"  competitor: {type: text}\n"
	"  credits: {type: credits}\n"
	"  retracts: {type: text}\n"
	"retractions: {event: retracted, names: retracts}\n"
	"common: [rep, team, deal, amount, score]\n"
	"topics:\n"
	"  - topic: sales\n"
	"    key: customer\n"
	"    events:\n"
	"      lead.created: {fields: {stage: {default: new}}}\n"
	"      ask: {}\n"
	"      answer: {}\n"
	"      both: {}\n"
	"      deal.created: {fields: {deal: {required: true}}}\n"
	"      deal.closed:\n"
	"        in_force: {per: deal, undone_by: deal.reopened}\n"
	"        fields: {deal: {required: true}, outcome: {required: true, one_of: [won, lost]}, created_at: {}, "
	"credits: {}}\n"
	"      deal.reopened: {fields: {deal: {required: true}}}\n"
	"      moved: {fields: {stage: {}}}\n"
	"      lead.closed: {}\n"
	"      sub.started: {fields: {sub: {required: true}}}\n"
	"      sub.ended: {fields: {sub: {required: true}}}\n"
	"      unheard: {}\n"
	"  - topic: costs\n"
	"    key: id\n"
	"    events:\n"
	"      cost: {customer: optional}\n"
	"  - topic: prices\n"
	"    key: product\n"
	"    events:\n"
	"      price: {customer: optional, fields: {product: {required: true}, competitor: {}}}\n";

static void write_file(const char *directory, const char *name, const char *text)
{
	char path[256];
	snprintf(path, sizeof path, "%s/%s", directory, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fputs(text, file);
	fclose(file);
}

static void remove_files(const char *directory)
{
	static const char *const names[] = {"kpid.yaml", "events.yaml", "kpis.yaml", "roster.yaml"};
	char path[256];
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		snprintf(path, sizeof path, "%s/%s", directory, names[i]);
		unlink(path);
	}
	rmdir(directory);
}

struct config *fixture_config(const char *kpid_yaml, const char *events_yaml, const char *kpis_yaml)
{
	return fixture_config_of(kpid_yaml ? kpid_yaml : "roster: {file: \"\"}\n", events_yaml, kpis_yaml, NULL);
}

struct config *fixture_config_of(
	const char *kpid_yaml, const char *events_yaml, const char *kpis_yaml, const char *roster_yaml)
{
	char directory[] = "/tmp/kpid-unit-XXXXXX";
	struct config *config = NULL;
	struct config_problems problems;
	struct buf text;
	buf_init(&text);
	assert_non_null(mkdtemp(directory));
	write_file(directory, "kpid.yaml", kpid_yaml);
	write_file(directory, "events.yaml", events_yaml ? events_yaml : default_events);
	write_file(directory, "kpis.yaml", kpis_yaml);
	if (roster_yaml)
		write_file(directory, "roster.yaml", roster_yaml);
	enum result result = config_load(directory, NULL, 0, &config, &problems);
	config_problems_print(&problems, directory, &text);
	if (result != RESULT_OK)
		print_error("%s", text.data);
	config_problems_release(&problems);
	buf_release(&text);
	remove_files(directory);
	assert_int_equal(result, RESULT_OK);
	return config;
}

int64_t at(const char *time)
{
	int64_t ms;
	assert_int_equal(text_to_time(str_of(time), &ms), RESULT_OK);
	return ms;
}

void fixture_init(struct fixture *fixture, const char *kpid_yaml, const char *kpis_yaml, const char *end)
{
	fixture->config = fixture_config(kpid_yaml, NULL, kpis_yaml);
	fixture->decoder = decoder_new(&fixture->config->schema, (size_t)fixture->config->settings.message_bytes);
	fixture->shard = shard_new(fixture->config, 0, window_end(&fixture->config->model, at(end)));
	fixture->reason = REFUSAL_NONE;
}

struct event fixture_event(struct fixture *fixture, const char *json)
{
	struct message message = {.body = str_of(json), .topic = -1};
	struct event event;
	enum refusal reason;
	if (decode(fixture->decoder, &message, &event, &reason, NULL) != RESULT_OK)
		fail_msg("%s: %s", refusal_name(reason), json);
	return event;
}

enum shard_outcome fixture_feed_at(struct fixture *fixture, const char *type, const char *customer, const char *id,
	const char *time, const char *more, int64_t kafka_time)
{
	char json[512];
	snprintf(json, sizeof json, "{\"type\": \"%s\", \"customer\": \"%s\", \"id\": \"%s\", \"time\": \"%s\"%s%s}",
		type, customer, id, time, *more ? ", " : "", more);
	struct event event = fixture_event(fixture, json);
	return shard_event(fixture->shard, &event, kafka_time, &fixture->reason);
}

enum shard_outcome fixture_feed(struct fixture *fixture, const char *type, const char *customer, const char *id,
	const char *time, const char *more)
{
	return fixture_feed_at(fixture, type, customer, id, time, more, at(time));
}

static const struct measure *find_measure(const struct model *model, const char *name)
{
	for (unsigned m = 0; m < model->measure_count; m++)
		if (strcmp(model->measures[m].name, name) == 0)
			return &model->measures[m];
	fail_msg("no measure %s", name);
	return NULL;
}

static unsigned find_view(const struct model *model, const char *name)
{
	bool before = strncmp(name, "prev ", 5) == 0;
	for (unsigned w = 0; w < model->window_count; w++)
		if (strcmp(model->windows[w].name, name + (before ? 5 : 0)) == 0)
			return w + (before ? model->window_count : 0u);
	fail_msg("no window %s", name);
	return 0;
}

static uint8_t find_dimension(const struct model *model, const char *name)
{
	for (uint8_t d = 0; d < model->dimension_count; d++)
		if (strcmp(model->dimensions[d].name, name) == 0)
			return d;
	fail_msg("no dimension %s", name);
	return 0;
}

static int64_t entry_total(struct partial_reader *reader, uint32_t cell, unsigned view)
{
	struct partial_entry entry;
	while (partial_next_entry(reader, &entry))
		if (entry.cell == cell)
			return entry.views >> view & 1 ? entry.totals[view] : 0;
	return 0;
}

int64_t fixture_total(struct fixture *fixture, const char *dimension, const char *key, const char *measure,
	uint32_t component, const char *window)
{
	const struct model *model = &fixture->config->model;
	const struct measure *definition = find_measure(model, measure);
	unsigned view = find_view(model, window);
	uint8_t d = find_dimension(model, dimension);
	assert_true(definition->views >> view & 1);
	assert_true(definition->dimensions >> d & 1);
	struct buf records;
	struct partial_record record;
	int64_t total = 0;
	buf_init(&records);
	shard_touch_all(fixture->shard);
	shard_partial(fixture->shard, &records);
	struct partial_reader reader = partial_reader_of(buf_str(&records));
	while (partial_next_record(&reader, &record))
		if (record.dimension == d && str_equal(record.key, str_of(key)))
			total = entry_total(&reader, definition->component + component, view);
	assert_false(reader.bytes.failed);
	buf_release(&records);
	return total;
}

int64_t fixture_sum(struct fixture *fixture, const char *measure, uint32_t component, const char *window)
{
	return fixture_total(fixture, "company", "all", measure, component, window);
}

void fixture_reload(struct fixture *fixture)
{
	struct buf bytes;
	struct str input;
	buf_init(&bytes);
	shard_save(fixture->shard, STR("offsets"), &bytes);
	shard_free(fixture->shard);
	assert_int_equal(shard_load(fixture->config, 0, buf_str(&bytes), &fixture->shard, &input), RESULT_OK);
	assert_str(input, "offsets");
	buf_release(&bytes);
}

void fixture_release(struct fixture *fixture)
{
	shard_free(fixture->shard);
	decoder_free(fixture->decoder);
	config_free(fixture->config);
}

/* ---- all totals as text ---- */

struct line {
	char name[64]; /* dimension, key, cell, view */
	int64_t total;
};

struct lines {
	struct line *items;
	size_t count, capacity;
};

static void read_shard(struct shard *shard, struct lines *lines)
{
	struct buf records;
	struct partial_record record;
	struct partial_entry entry;
	buf_init(&records);
	shard_touch_all(shard);
	shard_partial(shard, &records);
	struct partial_reader reader = partial_reader_of(buf_str(&records));
	while (partial_next_record(&reader, &record))
		while (partial_next_entry(&reader, &entry))
			for (uint64_t left = entry.views; left; left &= left - 1) {
				GROW(lines->items, lines->count, lines->capacity);
				struct line *line = &lines->items[lines->count++];
				unsigned view = (unsigned)__builtin_ctzll(left);
				snprintf(line->name, sizeof line->name, "%u %.*s cell %u view %u", record.dimension,
					STR_ARG(record.key), entry.cell, view);
				line->total = entry.totals[view];
			}
	assert_false(reader.bytes.failed);
	buf_release(&records);
	shard_touch_all(shard);
}

static int by_name(const void *left, const void *right)
{
	return strcmp(((const struct line *)left)->name, ((const struct line *)right)->name);
}

void fixture_totals(struct shard *const *shards, size_t count, struct buf *out)
{
	struct lines lines = {0};
	for (size_t s = 0; s < count; s++)
		read_shard(shards[s], &lines);
	if (lines.count)
		qsort(lines.items, lines.count, sizeof *lines.items, by_name);
	for (size_t i = 0; i < lines.count;) {
		int64_t total = 0;
		size_t first = i;
		for (; i < lines.count && strcmp(lines.items[i].name, lines.items[first].name) == 0; i++)
			total += lines.items[i].total;
		if (total != 0)
			buf_printf(out, "%s: %lld\n", lines.items[first].name, (long long)total);
	}
	mem_free(lines.items);
}
