#include "base/mem.h"
#include "base/text.h"
#include "config/grammar.h"
#include "config/roster_load.h"
#include "tools/kpictl/test_case.h"

#include <stdlib.h>

#define AFTER_MAX (INT64_C(4000) * 86400000)

/* ---- time ---- */

static bool read_instant(struct config_problems *problems, const struct node *node, int64_t *ret_time)
{
	struct str text;
	if (!expect_text(problems, node, "a time", &text))
		return false;
	if (text_to_time(text, ret_time) == RESULT_OK)
		return true;
	problem_at(problems, node->mark, "'%.*s' is not a time such as 2026-03-02T09:00:00Z", STR_ARG(text));
	return false;
}

bool test_read_time(struct test_reading *reading, const struct node *node, int64_t *ret_time)
{
	struct config_problems *problems = reading->file->problems;
	const struct node *at = node_get(node, "at"), *after = node_get(node, "after");
	int64_t length;
	if (!at && !after)
		at = node_get(node, "time");
	if (!after)
		return at ? read_instant(problems, at, ret_time) : node_need(problems, node, "at") != NULL;
	if (at) {
		problem_at(problems, after->mark, "either 'at' or 'after'");
		return false;
	}
	if (reading->now == INT64_MIN) {
		problem_at(problems, after->mark, "'after' what? The first one says 'at'");
		return false;
	}
	if (!expect_duration(problems, after, 0, AFTER_MAX, &length))
		return false;
	*ret_time = reading->now + length;
	return true;
}

/* ---- a configuration of its own ---- */

struct overrides {
	struct arena *arena;
	const char **items;
	size_t count;
};

static void add_text(struct overrides *overrides, const char *text)
{
	overrides->items = mem_resize(overrides->items, overrides->count + 1, sizeof *overrides->items);
	overrides->items[overrides->count++] = text;
}

static void add_override(struct overrides *overrides, struct str key, struct str value)
{
	struct buf text;
	buf_init(&text);
	buf_printf(&text, "%.*s=%.*s", STR_ARG(key), STR_ARG(value));
	add_text(overrides, arena_text(overrides->arena, buf_str(&text)));
	buf_release(&text);
}

static void add_settings(struct overrides *overrides, struct config_problems *problems, const struct node *holder)
{
	const struct node *settings = node_get(holder, "settings"), *zone = node_get(holder, "zone");
	struct str text;
	if (zone && expect_text(problems, zone, "'zone'", &text))
		add_override(overrides, STR("time_zone"), text);
	if (!settings || !expect_mapping(problems, settings, "'settings'"))
		return;
	for (size_t i = 0; i < settings->count; i++)
		if (expect_text(problems, settings->entries[i].value, "a setting", &text))
			add_override(overrides, settings->entries[i].key, text);
}

static void load_own(struct test_file *file, struct test_case *test, const struct overrides *overrides)
{
	struct config_problems found;
	if (config_load(file->directory, overrides->items, overrides->count, &test->own_config, &found) != RESULT_OK)
		problem_at(file->problems, test->mark, "with the settings of the test: %s", found.items[0].text);
	config_problems_release(&found);
}

static void replace_roster(struct test_file *file, struct config *config, const struct node *roster)
{
	if (!expect_mapping(file->problems, roster, "'roster'"))
		return;
	map_release(&config->roster.reps_by_id);
	roster_load(file->problems, &config->arena, &config->zone, roster, &config->roster);
}

/* What the file says holds for all its tests, and the test's own word goes before. */
static bool choose_config(struct test_file *file, const struct node *node, struct test_case *test)
{
	struct overrides overrides = {.arena = file->arena};
	size_t errors = file->problems->error_count;
	const struct node *roster = node_get(node, "roster");
	if (!roster)
		roster = node_get(file->root, "roster");
	for (size_t i = 0; i < file->override_count; i++)
		add_text(&overrides, file->overrides[i]);
	add_settings(&overrides, file->problems, file->root);
	add_settings(&overrides, file->problems, node);
	if (roster || overrides.count > file->override_count)
		load_own(file, test, &overrides);
	if (roster && test->own_config)
		replace_roster(file, test->own_config, roster);
	mem_free(overrides.items);
	test->config = test->own_config ? test->own_config : file->config;
	return file->problems->error_count == errors;
}

/* ---- steps ---- */

static void note_kind(struct test_case *test, const struct expectation *expectation)
{
	test->watches_alerts |= expectation->kind == EXPECT_ALERT;
	if (expectation->kind == EXPECT_REFUSED)
		test->expects[expectation->reason] = true;
}

static void read_expectations(struct test_reading *reading, const struct node *node, struct test_step *step)
{
	const struct node *list = node_need(reading->file->problems, node, "expect");
	if (!list || !expect_sequence(reading->file->problems, list, "'expect'"))
		return;
	step->expectations = ARENA_ARRAY(reading->file->arena, struct expectation, list->count + 1);
	for (size_t i = 0; i < list->count; i++)
		if (test_read_expectation(reading, list->items[i], &step->expectations[step->count]))
			note_kind(reading->test, &step->expectations[step->count++]);
}

static void read_step(struct test_reading *reading, const struct node *node)
{
	struct config_problems *problems = reading->file->problems;
	int64_t at;
	if (!expect_mapping(problems, node, "a step"))
		return;
	expect_mapping_keys(problems, node, "step");
	if (reading->step != INT64_MIN)
		reading->now = reading->step;
	if (!test_read_time(reading, node, &at))
		return;
	if (at < reading->step)
		problem_at(problems, node->mark, "a step cannot come before the one that stands before it");
	test_read_given(reading, node_get(node, "given"));
	struct test_step *step = &reading->test->steps[reading->test->step_count++];
	*step = (struct test_step){.at = at};
	read_expectations(reading, node, step);
	reading->step = at;
}

static void read_steps(struct test_reading *reading, const struct node *node)
{
	const struct node *steps = node_need(reading->file->problems, node, "then");
	if (!steps || !expect_sequence(reading->file->problems, steps, "'then'"))
		return;
	reading->test->steps = ARENA_ARRAY(reading->file->arena, struct test_step, steps->count + 1);
	for (size_t i = 0; i < steps->count; i++)
		read_step(reading, steps->items[i]);
	if (!steps->count)
		problem_at(reading->file->problems, steps->mark, "a test without a step expects nothing");
}

/* ---- the whole ---- */

static int by_arrival(const void *left, const void *right)
{
	const struct test_event *a = left, *b = right;
	if (a->received != b->received)
		return a->received < b->received ? -1 : 1;
	return (a->position > b->position) - (a->position < b->position);
}

/* Nobody writes an event down so that it does not count. */
static void check_all_arrive(const struct test_file *file, const struct test_case *test)
{
	int64_t last = test->step_count ? test->steps[test->step_count - 1].at : INT64_MAX;
	for (size_t i = 0; i < test->event_count; i++)
		if (test->events[i].topic >= 0 && test->events[i].received >= last)
			problem_at(file->problems, test->events[i].mark,
				"this event does not come before the last step, so nothing sees it");
}

bool test_case_load(struct test_file *file, const struct node_entry *entry, struct test_case *ret_test)
{
	const struct node *node = entry->value;
	size_t errors = file->problems->error_count;
	*ret_test = (struct test_case){.name = entry->key, .mark = entry->mark};
	struct test_reading reading = {.file = file, .test = ret_test, .now = INT64_MIN, .step = INT64_MIN};
	if (!expect_mapping(file->problems, node, "a test"))
		return false;
	expect_mapping_keys(file->problems, node, "test");
	if (!choose_config(file, node, ret_test))
		return false;
	ret_test->decoder = decoder_new(&ret_test->config->schema, (size_t)ret_test->config->settings.message_bytes);
	test_read_given(&reading, node_get(node, "given"));
	read_steps(&reading, node);
	if (ret_test->event_count)
		qsort(ret_test->events, ret_test->event_count, sizeof *ret_test->events, by_arrival);
	check_all_arrive(file, ret_test);
	return file->problems->error_count == errors;
}

void test_case_release(struct test_case *test)
{
	for (size_t i = 0; i < test->file_count; i++)
		replay_input_release(&test->files[i]);
	mem_free(test->files);
	mem_free(test->events);
	decoder_free(test->decoder);
	config_free(test->own_config);
	*test = (struct test_case){0};
}
