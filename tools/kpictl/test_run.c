/* Running a test: time goes from step to step, and at each smallest step of the windows the alerts are looked at, as in the daemon. */
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "pipeline/publish/json.h"
#include "tools/kpictl/engine.h"
#include "tools/kpictl/test_case.h"
#include "tools/kpictl/top_text.h"

#include <stdlib.h>

struct test_run {
	const struct test_case *test;
	struct engine engine;
	struct map alerts; /* fingerprint -> index of `states` */
	struct alert *states;
	uint32_t state_count, state_capacity;
	size_t next_event;
	uint64_t counts[TEST_REASONS];
	bool stale;   /* events came since the figures were published */
	bool waiting; /* an event waits for its time */
	struct buf *report;
	bool passed;
	const struct expectation *expectation; /* the one at hand, told once in the report */
	bool told;
	int64_t at;
};

/* ---- the report ---- */

static void tell(struct test_run *run, struct mark mark, const char *what)
{
	run->passed = false;
	buf_printf(
		run->report, "%s:%d:%d: %.*s: %s\n", mark.file, mark.line, mark.column, STR_ARG(run->test->name), what);
}

static void put_subject(struct buf *out, const struct model *model, const struct expectation *expectation)
{
	const char *dimension = model->dimensions[expectation->dimension].name;
	if (expectation->kind == EXPECT_REFUSED) {
		buf_printf(out, "events that were %s", test_reason_name(expectation->reason));
		return;
	}
	if (expectation->kind == EXPECT_BOARD) {
		buf_printf(out, "board of %s by %s, %s", model->kpis[expectation->kpi].name, dimension,
			model->windows[expectation->window].name);
		return;
	}
	bool alert = expectation->kind == EXPECT_ALERT;
	buf_printf(out, "%s%s", alert ? "alert " : "",
		alert ? model->alerts[expectation->rule].name : model->kpis[expectation->kpi].name);
	if (expectation->dimension == DIMENSION_COMPANY)
		buf_printf(out, ", company");
	else
		buf_printf(out, ", %s %.*s", dimension, STR_ARG(expectation->key));
	if (!alert)
		buf_printf(out, ", %s", model->windows[expectation->window].name);
}

/* The heading of an expectation's differences. */
static void tell_expectation(struct test_run *run)
{
	struct buf text;
	if (run->told)
		return;
	buf_init(&text);
	put_subject(&text, &run->test->config->model, run->expectation);
	buf_put_text(&text, ", as of ");
	text_put_time(&text, run->at);
	tell(run, run->expectation->mark, text.data);
	buf_release(&text);
	run->told = true;
}

static void tell_difference(struct test_run *run, const char *name, struct str expected, struct str actual)
{
	static const struct str null = {"null", 4};
	tell_expectation(run);
	expected = expected.length ? expected : null;
	actual = actual.length ? actual : null;
	buf_printf(run->report, "    %-11s expected %-14.*s got %.*s\n", name, STR_ARG(expected), STR_ARG(actual));
}

static void compare(struct test_run *run, const struct test_check *check, struct str actual)
{
	if (!test_equal(check->text, actual))
		tell_difference(run, check->name, check->text, actual);
}

static void tell_no_key(struct test_run *run)
{
	const struct expectation *expectation = run->expectation;
	struct arena arena;
	arena_init(&arena);
	const char *nearest = engine_nearest_key(&run->engine, expectation->dimension, expectation->key, &arena);
	tell_expectation(run);
	buf_printf(run->report, "    there is no %s '%.*s' now",
		run->test->config->model.dimensions[expectation->dimension].name, STR_ARG(expectation->key));
	buf_printf(run->report, nearest ? "; did you mean '%s'?\n" : "\n", nearest);
	arena_release(&arena);
}

/* ---- expectations ---- */

static void check_figure(struct test_run *run, const struct merged_key *key)
{
	const struct expectation *expectation = run->expectation;
	struct figure figure;
	struct aim aim;
	struct buf json, plain;
	buf_init(&json);
	buf_init(&plain);
	evaluate_figure(&run->engine.evaluation, key, expectation->kpi, expectation->window, &figure);
	publisher_aim(run->engine.publisher, &run->engine.evaluation, key, &figure, &aim);
	json_put_figure(&json, &figure, &aim);
	json_put_figure(&plain, &figure, NULL); /* a target has members of its own, of the same names */
	for (size_t i = 0; i < expectation->check_count; i++) {
		const char *name = expectation->checks[i].name;
		bool of_target = strcmp(name, "status") == 0;
		compare(run, &expectation->checks[i], top_member(buf_str(of_target ? &json : &plain), name));
	}
	if (run->told)
		buf_printf(run->report, "    figure      %s\n", json.data);
	buf_release(&json);
	buf_release(&plain);
}

static struct alert alert_now(const struct test_run *run)
{
	const struct model *model = &run->test->config->model;
	const struct expectation *expectation = run->expectation;
	char fingerprint[ALERT_FINGERPRINT];
	alert_fingerprint(model->alerts[expectation->rule].name, model->dimensions[expectation->dimension].name,
		expectation->key, fingerprint);
	const uint64_t *index = map_get(&run->alerts, str_of(fingerprint));
	return index ? run->states[*index] : (struct alert){.state = ALERT_NORMAL, .since = INT64_MIN};
}

static void check_alert(struct test_run *run)
{
	struct alert alert = alert_now(run);
	struct buf since;
	buf_init(&since);
	if (alert.since != INT64_MIN)
		text_put_time(&since, alert.since);
	for (size_t i = 0; i < run->expectation->check_count; i++) {
		const struct test_check *check = &run->expectation->checks[i];
		compare(run, check,
			strcmp(check->name, "state") == 0 ? str_of(alert_state_name(alert.state)) : buf_str(&since));
	}
	buf_release(&since);
}

static void check_count(struct test_run *run)
{
	struct buf count;
	buf_init(&count);
	buf_printf(&count, "%llu", (unsigned long long)run->counts[run->expectation->reason]);
	compare(run, &run->expectation->checks[0], buf_str(&count));
	buf_release(&count);
}

/* ---- boards ---- */

struct member {
	struct str name;
	double score;
};

struct board_members {
	const struct test_run *run;
	struct member *items;
	size_t count, capacity;
};

static void note_member(
	void *context, uint8_t dimension, struct str key, const struct figure *figure, const struct aim *aim)
{
	struct board_members *board = context;
	const struct expectation *expectation = board->run->expectation;
	double score;
	(void)aim;
	if (dimension != expectation->dimension || figure->kpi != expectation->kpi ||
		figure->window != expectation->window ||
		!evaluate_score(&board->run->test->config->model, figure, &score))
		return;
	GROW(board->items, board->count, board->capacity);
	board->items[board->count++] = (struct member){key, score};
}

static int best_first(const void *left, const void *right)
{
	const struct member *a = left, *b = right;
	if (a->score != b->score)
		return a->score > b->score ? -1 : 1;
	return str_compare(a->name, b->name);
}

static void put_names(struct buf *out, const struct board_members *board)
{
	for (size_t i = 0; i < board->count; i++)
		buf_printf(out, "%s%.*s", i ? ", " : "", STR_ARG(board->items[i].name));
}

/* Who has the score of a place may stand in it. */
static bool holds_place(const struct board_members *board, size_t place, struct str name)
{
	for (size_t i = 0; i < board->count; i++)
		if (str_equal(board->items[i].name, name))
			return board->items[i].score == board->items[place].score;
	return false;
}

static void check_board(struct test_run *run)
{
	const struct expectation *expectation = run->expectation;
	struct board_members board = {.run = run};
	struct buf expected, actual;
	buf_init(&expected);
	buf_init(&actual);
	publisher_each(run->engine.publisher, &run->engine.evaluation, note_member, &board);
	if (board.count)
		qsort(board.items, board.count, sizeof *board.items, best_first);
	bool equal = expectation->order_count <= board.count;
	for (size_t i = 0; i < expectation->order_count; i++) {
		equal = equal && holds_place(&board, i, expectation->order[i]);
		buf_printf(&expected, "%s%.*s", i ? ", " : "", STR_ARG(expectation->order[i]));
	}
	put_names(&actual, &board);
	if (!equal)
		tell_difference(run, "order", buf_str(&expected), buf_str(&actual));
	mem_free(board.items);
	buf_release(&expected);
	buf_release(&actual);
}

static void check_expectation(struct test_run *run, const struct expectation *expectation)
{
	run->expectation = expectation;
	run->told = false;
	if (expectation->kind == EXPECT_REFUSED) {
		check_count(run);
		return;
	}
	if (expectation->kind == EXPECT_BOARD) {
		check_board(run);
		return;
	}
	const struct merged_key *key = engine_key(&run->engine, expectation->dimension, expectation->key);
	if (!key)
		tell_no_key(run);
	else if (expectation->kind == EXPECT_FIGURE)
		check_figure(run, key);
	else
		check_alert(run);
}

/* ---- time and events ---- */

static void keep_alert(void *context, const struct alert_change *change)
{
	struct test_run *run = context;
	bool is_new;
	uint64_t *index = map_put(&run->alerts, str_of(change->fingerprint), &is_new);
	if (is_new) {
		GROW(run->states, run->state_count, run->state_capacity);
		*index = run->state_count++;
	}
	run->states[*index] = (struct alert){.state = (uint8_t)change->to, .since = change->since};
}

static void publish(struct test_run *run, int64_t as_of)
{
	if (engine_publish(&run->engine, as_of) != RESULT_OK)
		tell(run, run->test->mark, "the figures of a shard are damaged");
	run->stale = false;
}

/* Whether a rule's figures may be others at the new end though no event came: its windows have moved. */
static bool windows_moved(const struct model *model, const struct window_spans *before, const struct window_spans *now)
{
	for (unsigned view = 0; view < 2u * model->window_count; view++) {
		unsigned window = view % model->window_count;
		bool looked_at = window == model->longest_window;
		for (uint16_t i = 0; i < model->alert_count; i++)
			looked_at |= model->alerts[i].window == window;
		if (looked_at && memcmp(&before->views[view], &now->views[view], sizeof now->views[view]) != 0)
			return true;
	}
	return false;
}

/* The alerts at one end, with what was read when it began. */
static void step_alerts(struct test_run *run, int64_t end)
{
	struct engine *engine = &run->engine;
	const struct model *model = &run->test->config->model;
	struct window_spans spans;
	window_spans_at(model, &engine->calendar, end, &spans);
	if (run->stale || run->waiting || windows_moved(model, &engine->spans, &spans)) {
		engine_roll(engine, end);
		publish(run, end - model->smallest_step);
	}
	engine->spans = spans;
	publisher_alerts(engine->publisher, &engine->evaluation);
}

/* The end becomes that of a clock which shows `time`. */
static void move_on(struct test_run *run, int64_t time)
{
	const struct model *model = &run->test->config->model;
	int64_t end = window_end(model, time);
	if (run->test->watches_alerts)
		for (int64_t next = run->engine.spans.end + model->smallest_step; next <= end;
			next += model->smallest_step)
			step_alerts(run, next);
	engine_roll(&run->engine, end);
}

/* What no expectation of the test speaks of must not happen to its events. */
static void note_outcome(struct test_run *run, const struct test_event *event, unsigned reason, struct str detail)
{
	struct buf text;
	run->counts[reason]++;
	if (run->test->expects[reason])
		return;
	buf_init(&text);
	buf_printf(&text, "this event %s%s",
		reason == TEST_LATE || reason == TEST_DUPLICATE ? "is " : "is refused: ", test_reason_name(reason));
	if (detail.length)
		buf_printf(&text, " (%.*s)", STR_ARG(detail));
	buf_printf(&text, "; where that is meant, expect {refused: %s, count: 1}", test_reason_name(reason));
	tell(run, event->mark, text.data);
	buf_release(&text);
}

static void feed(struct test_run *run, const struct test_event *given)
{
	struct message message = {.body = given->text, .topic = given->topic};
	struct event event;
	enum refusal reason = REFUSAL_NONE;
	struct str detail = {0};
	if (decode(run->test->decoder, &message, &event, &reason, &detail) != RESULT_OK) {
		note_outcome(run, given, reason, detail);
		return;
	}
	enum shard_outcome outcome = engine_event(&run->engine, &event, given->received, &reason);
	run->stale = true;
	run->waiting |= outcome == SHARD_WAITING;
	if (outcome == SHARD_LATE)
		note_outcome(run, given, TEST_LATE, STR(""));
	else if (outcome == SHARD_DUPLICATE)
		note_outcome(run, given, TEST_DUPLICATE, STR(""));
	else if (outcome == SHARD_REFUSED)
		note_outcome(run, given, reason, STR(""));
}

/* A record is read when the clock has passed its timestamp. */
static void feed_before(struct test_run *run, int64_t at)
{
	const struct test_case *test = run->test;
	for (; run->next_event < test->event_count && test->events[run->next_event].received < at; run->next_event++) {
		move_on(run, test->events[run->next_event].received + 1);
		feed(run, &test->events[run->next_event]);
	}
}

/* Lines that are no events at all stand in no order. */
static void count_broken_lines(struct test_run *run)
{
	for (size_t f = 0; f < run->test->file_count; f++)
		for (unsigned reason = 1; reason < REFUSAL_COUNT; reason++)
			run->counts[reason] += run->test->files[f].refused[reason];
}

static void begin(struct test_run *run)
{
	const struct test_case *test = run->test;
	int64_t first = test->steps[0].at;
	if (test->event_count && test->events[0].received < first)
		first = test->events[0].received;
	struct publication_sink sink = {.context = run, .alert = keep_alert};
	engine_init(&run->engine, test->config, 1, window_end(&test->config->model, first), &sink);
	map_init(&run->alerts);
	run->stale = true;
	count_broken_lines(run);
}

bool test_case_run(const struct test_case *test, struct buf *report, size_t *count_expectations)
{
	struct test_run run = {.test = test, .report = report, .passed = true};
	begin(&run);
	for (size_t s = 0; s < test->step_count; s++) {
		const struct test_step *step = &test->steps[s];
		feed_before(&run, step->at);
		move_on(&run, step->at);
		publish(&run, step->at);
		run.at = step->at;
		for (size_t i = 0; i < step->count; i++)
			check_expectation(&run, &step->expectations[i]);
		*count_expectations += step->count;
	}
	engine_release(&run.engine);
	map_release(&run.alerts);
	mem_free(run.states);
	return run.passed;
}
