#include "tests/unit/publish_fixture.h"

struct little_model published;
struct publisher *publisher;
struct buf said;
struct alert_rule rules[2];
static struct merge *merge;
static uint64_t revision;

static void put_value(struct str json)
{
	const char *start = json.data + strlen("{\"value\":");
	buf_put(&said, start, strcspn(start, ","));
}

static void take_snapshot(void *context, const struct snapshot_change *change)
{
	assert_ptr_equal(context, &published);
	assert_true(change->revision > revision);
	revision = change->revision;
	assert_int_equal(change->as_of, published.evaluation.status.as_of);
	buf_printf(&said, "snap %s %.*s (%.*s)%s%s", change->dimension, STR_ARG(change->key), STR_ARG(change->name),
		change->whole ? " +" : "", change->removed ? " -" : "");
	if (change->manager.length)
		buf_printf(&said, " of %.*s (%.*s)", STR_ARG(change->manager), STR_ARG(change->manager_name));
	for (size_t i = 0; i < change->field_count; i++) {
		buf_printf(&said, " %.*s=", STR_ARG(change->fields[i].name));
		put_value(change->fields[i].json);
	}
	buf_put_byte(&said, '\n');
}

static void take_board(void *context, const struct board_change *change)
{
	assert_ptr_equal(context, &published);
	assert_int_equal(change->revision, revision);
	buf_printf(
		&said, "board %s@%s %s %.*s ", change->kpi, change->window, change->dimension, STR_ARG(change->member));
	if (change->remove)
		buf_put_text(&said, "out\n");
	else
		buf_printf(&said, "%.6g\n", change->score);
}

static void take_alert(void *context, const struct alert_change *change)
{
	assert_ptr_equal(context, &published);
	buf_printf(&said, "alert %s %s %.*s %s>%s %.*s < %.*s n=%lld%s%s\n", change->rule, change->dimension,
		STR_ARG(change->key), alert_state_name(change->from), alert_state_name(change->to),
		STR_ARG(change->value), STR_ARG(change->limit), (long long)change->n,
		change->announce ? " announce" : "", change->repeated ? " repeated" : "");
}

struct publisher *new_publisher(void)
{
	const struct publication_sink sink = {&published, take_snapshot, take_board, take_alert};
	revision = 0;
	return publisher_new(&published.model, &published.roster, merge, &sink);
}

int publish_set_up(void **state)
{
	(void)state;
	static struct board board = {.kpi = CLOSE_RATE, .dimension = DIMENSION_REP, .windows = 1 << WINDOW_30D};
	little_model_init(&published);
	published.model.kpi_count = 1;
	published.kpis[CLOSE_RATE].dimensions = 1 << DIMENSION_REP;
	published.kpis[CLOSE_RATE].windows = 1 << WINDOW_30D | 1 << WINDOW_1H;
	published.model.boards = &board;
	published.model.board_count = 1;
	published.model.alerts = rules;
	rules[0] = (struct alert_rule){.name = "low",
		.kpi = CLOSE_RATE,
		.window = WINDOW_30D,
		.dimension = DIMENSION_REP,
		.direction = ALERT_BELOW,
		.limit = 2500,
		.clear = 2800};
	rules[1] = rules[0];
	rules[1].name = "lowest";
	rules[1].key = STR("a:b");
	merge = merge_new(&published.model, 1);
	published.evaluation.merge = merge;
	buf_init(&said);
	published.roster.rep_count = published.roster.team_count = 0;
	publisher = new_publisher();
	return 0;
}

int publish_tear_down(void **state)
{
	(void)state;
	publisher_free(publisher);
	merge_free(merge);
	buf_release(&said);
	little_model_release(&published);
	return 0;
}

void say_record(const struct buf *record)
{
	struct shard_status status = {.end = END, .gap = INT64_MIN};
	assert_int_equal(merge_apply(merge, &status, buf_str(record)), RESULT_OK);
}

void say(const char *key, int64_t won, int64_t lost)
{
	const struct little_total totals[] = {{CELL_WON, WINDOW_30D, won}, {CELL_LOST, WINDOW_30D, lost}};
	struct buf record;
	buf_init(&record);
	little_record(&record, DIMENSION_REP, key, totals, won || lost ? 2 : 0);
	say_record(&record);
	buf_release(&record);
}

void turn(void)
{
	publisher_turn(publisher, &published.evaluation);
}
