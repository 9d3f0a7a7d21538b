/* Members of stocks against a plain recomputation: where they are, who stayed, and how often they were touched. Events come in any order,
 * with folds between them; a failure names its seed. */
#include "tests/unit/members_fixture.h"
#include "tests/unit/random_events.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const windows[] = {
	"1h", "24h", "30d", "90d", "week", "month", "year", "quarter-1", "prev 30d", "prev month"};
static const char *const windows_of_stayed[] = {"24h", "30d", "90d", "week", "month", "quarter", "year", "quarter-1",
	"prev week", "prev month", "prev quarter", "prev quarter-1"};
static const char *const stages[] = {"unassigned", "p1", "p2", "new"};
static const char *const reps[] = {"unassigned", "r1", "r2"};
#define COUNT_OF(array) ((int)(sizeof(array) / sizeof *(array)))

/* As they stand in the fixture's events.yaml: the order within a millisecond. */
enum type { LEAD_CREATED, ASK, DEAL_CREATED, DEAL_CLOSED, DEAL_REOPENED, MOVED, LEAD_CLOSED, TYPES };
static const char *const types[] = {
	"lead.created", "ask", "deal.created", "deal.closed", "deal.reopened", "moved", "lead.closed"};

struct happening {
	int64_t time;
	enum type type;
	int id, deal, stage, rep, score; /* deal -1: none */
	bool won;
};

enum { HAPPENINGS = 40, DEALS = 3, MOVES_MAX = HAPPENINGS + 1 };
enum stock_name { LEAD, DEAL };

struct move {
	int64_t time;
	int stage;
};

/* A member from its opening to its close. */
struct stay {
	enum stock_name stock;
	int deal, rep;
	int64_t opened, closed; /* INT64_MAX: open */
	struct move moves[MOVES_MAX];
	int move_count;
	int touches, asks;
};

struct end {
	int64_t time;
	int rep, touches, asks;
	bool touched, closed; /* the measures that it counts for */
};

struct history {
	struct fixture fixture;
	struct random random;
	uint64_t seed;
	struct happening happenings[HAPPENINGS]; /* in order */
	struct stay stays[HAPPENINGS];
	int stay_count;
	struct end ends[HAPPENINGS];
	int end_count;
};

static int by_order(const void *left, const void *right)
{
	const struct happening *a = left, *b = right;
	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	return a->type != b->type ? (int)a->type - (int)b->type : a->id - b->id;
}

static void make_happenings(struct history *history)
{
	int64_t first = at("2026-01-01T00:00:00Z");
	for (int i = 0; i < HAPPENINGS; i++) {
		struct random *random = &history->random;
		struct happening *happening = &history->happenings[i];
		*happening = (struct happening){.id = i,
			.time = first + random_below(random, 150) * DAY / (random_percent(random, 50) ? 3 : 1),
			.type = (enum type)random_below(random, TYPES),
			.deal = (int)random_below(random, DEALS),
			.stage = (int)random_below(random, 3),
			.rep = (int)random_below(random, COUNT_OF(reps)),
			.score = (int)random_below(random, 5),
			.won = random_percent(random, 60)};
		if (happening->type == MOVED && random_percent(random, 30))
			happening->deal = -1;
		if (happening->type == LEAD_CREATED && happening->stage == 0)
			happening->stage = 3; /* the default */
		if (happening->type != LEAD_CREATED && happening->type != MOVED)
			happening->stage = 0; /* others carry none */
	}
	qsort(history->happenings, HAPPENINGS, sizeof history->happenings[0], by_order);
}

/* ---- the plain recomputation ---- */

static struct stay *open_stay(struct history *history, enum stock_name stock, int deal)
{
	for (int i = 0; i < history->stay_count; i++) {
		struct stay *stay = &history->stays[i];
		if (stay->stock == stock && stay->closed == INT64_MAX && (stock == LEAD || stay->deal == deal))
			return stay;
	}
	return NULL;
}

static void open_member(struct history *history, enum stock_name stock, const struct happening *now)
{
	if (open_stay(history, stock, now->deal))
		return;
	history->stays[history->stay_count++] = (struct stay){.stock = stock,
		.deal = now->deal,
		.rep = now->rep,
		.opened = now->time,
		.closed = INT64_MAX,
		.moves = {{now->time, now->stage}},
		.move_count = 1};
}

static void close_member(struct stay *stay, int64_t time)
{
	if (stay)
		stay->closed = time;
}

static void move_member(struct stay *stay, const struct happening *now)
{
	if (stay)
		stay->moves[stay->move_count++] = (struct move){now->time, now->stage};
}

static bool in_force(const struct history *history, int at)
{
	const struct happening *close = &history->happenings[at];
	for (int i = at + 1; i < HAPPENINGS && close->type == DEAL_CLOSED; i++) {
		const struct happening *later = &history->happenings[i];
		if ((later->type == DEAL_CLOSED || later->type == DEAL_REOPENED) && later->deal == close->deal)
			return false;
	}
	return true;
}

static void note_end(struct history *history, const struct happening *now)
{
	const struct stay *lead = open_stay(history, LEAD, 0), *deal = open_stay(history, DEAL, now->deal);
	const struct stay *beginning = lead ? lead : deal;
	if (now->type == DEAL_CLOSED)
		history->ends[history->end_count++] = (struct end){.time = now->time,
			.rep = now->rep,
			.touched = beginning && now->won,
			.touches = beginning ? beginning->touches : 0,
			.closed = deal != NULL,
			.asks = deal ? deal->asks : 0};
}

static void note_touch(struct history *history, const struct happening *now)
{
	bool touch = now->type == ASK || now->type == LEAD_CREATED || now->type == MOVED || now->type == DEAL_CLOSED;
	for (int i = 0; i < history->stay_count; i++) {
		struct stay *stay = &history->stays[i];
		stay->touches += touch && stay->closed == INT64_MAX;
		stay->asks += now->type == ASK && stay->closed == INT64_MAX;
	}
}

static void recompute(struct history *history)
{
	bool done[DEALS] = {0};
	history->stay_count = history->end_count = 0;
	for (int i = 0; i < HAPPENINGS; i++) {
		const struct happening *now = &history->happenings[i];
		if (!in_force(history, i))
			continue;
		note_end(history, now);
		note_touch(history, now);
		if (now->type == LEAD_CLOSED || (now->type == DEAL_CLOSED && now->won))
			close_member(open_stay(history, LEAD, 0), now->time);
		if (now->type == DEAL_CLOSED) {
			close_member(open_stay(history, DEAL, now->deal), now->time);
			done[now->deal] = true;
		}
		if (now->type == MOVED && now->score != 3)
			move_member(open_stay(history, LEAD, 0), now);
		if (now->type == MOVED)
			move_member(open_stay(history, DEAL, now->deal), now);
		if (now->type == LEAD_CREATED)
			open_member(history, LEAD, now);
		if (now->type == DEAL_CREATED && !done[now->deal])
			open_member(history, DEAL, now);
	}
}

/* ---- what the shard says ---- */

static void put_json(const struct happening *happening, struct buf *out)
{
	buf_clear(out);
	buf_printf(out,
		"{\"customer\": \"c\", \"id\": \"%03d\", \"time\": %lld, \"type\": \"%s\", \"score\": %d, \"outcome\": "
		"\"%s\"",
		happening->id, (long long)happening->time, types[happening->type], happening->score,
		happening->won ? "won" : "lost");
	if (happening->deal >= 0)
		buf_printf(out, ", \"deal\": \"d%d\"", happening->deal);
	if (happening->rep > 0)
		buf_printf(out, ", \"rep\": \"%s\"", reps[happening->rep]);
	if (happening->stage > 0 && happening->stage < 3)
		buf_printf(out, ", \"stage\": \"%s\"", stages[happening->stage]);
	buf_put_byte(out, '}');
}

static void feed(struct history *history, const struct happening *happening)
{
	struct buf json;
	buf_init(&json);
	put_json(happening, &json);
	struct event event = fixture_event(&history->fixture, json.data);
	enum refusal reason;
	assert_int_equal(shard_event(history->fixture.shard, &event, event.time, &reason), SHARD_APPLIED);
	buf_release(&json);
}

/* The earlier half in any order, a fold behind what is still to come, then the rest; saved and loaded somewhere. */
static void feed_all(struct history *history)
{
	int order[HAPPENINGS], half = HAPPENINGS / 2;
	for (int i = 0; i < HAPPENINGS; i++)
		order[i] = i;
	for (int from = 0; from < HAPPENINGS; from += half)
		for (int i = from + half - 1; i > from; i--) {
			int j = from + (int)random_below(&history->random, i - from + 1), kept = order[i];
			order[i] = order[j];
			order[j] = kept;
		}
	int saved = (int)random_below(&history->random, HAPPENINGS);
	for (int i = 0; i < HAPPENINGS; i++) {
		if (i == half)
			shard_reached(history->fixture.shard, history->happenings[half].time + 7 * DAY);
		if (i == saved)
			fixture_reload(&history->fixture);
		feed(history, &history->happenings[order[i]]);
	}
}

static unsigned view_of(const struct model *model, const char *window)
{
	bool before = strncmp(window, "prev ", 5) == 0;
	unsigned w = 0;
	while (strcmp(model->windows[w].name, window + (before ? 5 : 0)) != 0)
		w++;
	return w + (before ? model->window_count : 0u);
}

static struct span span_of(const struct history *history, const char *window)
{
	const struct config *config = history->fixture.config;
	struct calendar calendar = {
		&config->zone, (int)config->settings.week_start, (int)config->settings.fiscal_year_start};
	struct shard_status status;
	struct window_spans spans;
	shard_status(history->fixture.shard, &status);
	window_spans_at(&config->model, &calendar, status.end, &spans);
	return spans.views[view_of(&config->model, window)];
}

static bool is_member(const struct stay *stay, int64_t just_before)
{
	return stay->opened < just_before && stay->closed >= just_before;
}

static int stage_at(const struct stay *stay, int64_t just_before)
{
	int stage = stay->moves[0].stage;
	for (int i = 1; i < stay->move_count; i++)
		if (stay->moves[i].time < just_before)
			stage = stay->moves[i].stage;
	return stage;
}

static void expect(const struct history *history, const char *dimension, const char *key, const char *measure,
	uint32_t component, const char *window, int64_t expected)
{
	struct fixture *fixture = (struct fixture *)&history->fixture;
	int64_t said = fixture_total(fixture, dimension, key, measure, component, window);
	if (said != expected)
		fail_msg("seed %llu: %s of %s %s, component %u, in %s is %lld and should be %lld",
			(unsigned long long)history->seed, measure, dimension, key, component, window, (long long)said,
			(long long)expected);
}

/* stage or rep -1: any */
static void check_level(const struct history *history, enum stock_name stock, const char *window, int stage, int rep)
{
	const char *measure = stock == LEAD ? "leads" : "deals";
	const char *dimension = stage >= 0 ? "stage" : rep >= 0 ? "rep" : "company";
	const char *key = stage >= 0 ? stages[stage] : rep >= 0 ? reps[rep] : "all";
	struct span span = span_of(history, window);
	int64_t to = span.to, members = 0, opened = 0, opening = 0;
	for (int i = 0; i < history->stay_count; i++) {
		const struct stay *stay = &history->stays[i];
		opening += stay->stock == stock && is_member(stay, span.from) &&
			(stage < 0 || stage_at(stay, span.from) == stage) && (rep < 0 || stay->rep == rep);
		if (stay->stock != stock || !is_member(stay, to) || (stage >= 0 && stage_at(stay, to) != stage) ||
			(rep >= 0 && stay->rep != rep))
			continue;
		members++;
		opened += stay->opened - MODEL_EPOCH;
	}
	expect(history, dimension, key, measure, 0, window, members);
	expect(history, dimension, key, measure, 1, window, opened);
	if (stock == LEAD)
		expect(history, dimension, key, measure, LEVEL_CHANGE, window, members - opening);
}

static void check_levels(const struct history *history)
{
	for (int w = 0; w < COUNT_OF(windows); w++)
		for (enum stock_name stock = LEAD; stock <= DEAL; stock++) {
			if (stock == DEAL && strncmp(windows[w], "prev", 4) == 0)
				continue;
			check_level(history, stock, windows[w], -1, -1);
			for (int s = 0; s < COUNT_OF(stages); s++)
				check_level(history, stock, windows[w], s, -1);
			for (int r = 0; r < COUNT_OF(reps); r++)
				check_level(history, stock, windows[w], -1, r);
		}
}

static int64_t stayed_says(
	const struct history *history, const char *measure, const char *dimension, const char *key, const char *window)
{
	struct fixture *fixture = (struct fixture *)&history->fixture;
	const struct model *model = &fixture->config->model;
	uint32_t part = window_part(model, (uint8_t)(view_of(model, window) % model->window_count));
	return fixture_total(fixture, dimension, key, measure, 0, window) -
		fixture_total(fixture, dimension, key, measure, 1 + part, window);
}

/* rep -1: all */
static void check_stayed_in(const struct history *history, enum stock_name stock, const char *window, int rep)
{
	struct span span = span_of(history, window);
	int64_t expected = 0;
	for (int i = 0; i < history->stay_count; i++) {
		const struct stay *stay = &history->stays[i];
		expected += stay->stock == stock && stay->opened < span.from && stay->closed >= span.to &&
			(rep < 0 || stay->rep == rep);
	}
	int64_t said = stayed_says(history, stock == LEAD ? "leads_kept" : "deals_kept", rep < 0 ? "company" : "rep",
		rep < 0 ? "all" : reps[rep], window);
	if (said != expected)
		fail_msg("seed %llu: of stock %d and rep %d %lld stayed in %s, and should be %lld",
			(unsigned long long)history->seed, (int)stock, rep, (long long)said, window,
			(long long)expected);
}

static void check_stayed(const struct history *history)
{
	for (int w = 0; w < COUNT_OF(windows_of_stayed); w++)
		for (enum stock_name stock = LEAD; stock <= DEAL; stock++)
			for (int rep = -1; rep < COUNT_OF(reps); rep++)
				if (stock == LEAD || strncmp(windows_of_stayed[w], "prev", 4) != 0)
					check_stayed_in(history, stock, windows_of_stayed[w], rep);
}

/* rep -1: all */
static void check_touches_in(const struct history *history, const char *window, int rep)
{
	struct span span = span_of(history, window);
	int64_t ends = 0, touches = 0, closed = 0, asks = 0;
	for (int i = 0; i < history->end_count; i++) {
		const struct end *end = &history->ends[i];
		if (end->time < span.from || end->time >= span.to || (rep >= 0 && end->rep != rep))
			continue;
		ends += end->touched;
		touches += end->touched ? end->touches : 0;
		closed += end->closed;
		asks += end->asks;
	}
	const char *dimension = rep < 0 ? "company" : "rep", *key = rep < 0 ? "all" : reps[rep];
	expect(history, dimension, key, "touched", 0, window, ends);
	expect(history, dimension, key, "touched", 1, window, touches);
	expect(history, dimension, key, "closed", 0, window, closed);
	expect(history, dimension, key, "closed", 1, window, asks);
}

static void check_touches(const struct history *history)
{
	for (int w = 0; w < COUNT_OF(windows); w++)
		for (int rep = -1; rep < COUNT_OF(reps) && strncmp(windows[w], "prev", 4) != 0; rep++)
			check_touches_in(history, windows[w], rep);
}

static void run(uint64_t seed, void (*check)(const struct history *history))
{
	static struct history history;
	history = (struct history){.seed = seed, .random = {seed}};
	int64_t end = at("2026-06-01T00:00:00Z");
	fixture_init(&history.fixture, members_kpid, members_kpis, "2026-06-01T00:00:00Z");
	make_happenings(&history);
	recompute(&history);
	feed_all(&history);
	for (int roll = 0; roll < 3; roll++) {
		check(&history);
		end += random_below(&history.random, 40) * DAY + random_below(&history.random, 24) * HOUR;
		shard_roll(history.fixture.shard, end);
	}
	check(&history);
	fixture_release(&history.fixture);
}

static void run_all(void (*check)(const struct history *history))
{
	int runs = random_runs(20);
	for (int i = 0; i < runs; i++)
		run(random_seed() + (uint64_t)i, check);
}

static void test_levels(void **state)
{
	(void)state;
	run_all(check_levels);
}

static void test_stayed(void **state)
{
	(void)state;
	run_all(check_stayed);
}

static void test_touches(void **state)
{
	(void)state;
	run_all(check_touches);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels),
		cmocka_unit_test(test_stayed),
		cmocka_unit_test(test_touches),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
