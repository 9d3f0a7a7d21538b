#include "tools/kpictl/top_board.h"

#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

#define ALERTS_LOOKED_AT "200"
#define NO_FIGURE "–"

static const struct top_column standard[] = {
	{"close_rate", "Close rate", TOP_RATE, 10},
	{"deals_won", "Won", TOP_COUNT, 7},
	{"revenue", "Revenue", TOP_MONEY, 9},
	{"calls_made", "Calls", TOP_COUNT, 7},
	{"response_time_median", "Response", TOP_SECONDS, 9},
	{"sales_growth", "Growth", TOP_CHANGE, 8},
};
enum { STANDARD = sizeof standard / sizeof *standard };

static struct top_column sort_column(const char *kpi)
{
	for (int i = 0; i < STANDARD; i++)
		if (strcmp(standard[i].kpi, kpi) == 0)
			return standard[i];
	return (struct top_column){kpi, kpi, top_kind_of(str_of(kpi)), strlen(kpi) > 10 ? (int)strlen(kpi) : 10};
}

void top_board_init(struct top_board *board, const struct top_options *options)
{
	*board = (struct top_board){0};
	arena_init(&board->memory);
	board->columns[board->column_count++] = sort_column(options->sort);
	for (int i = 0; i < STANDARD; i++)
		if (strcmp(standard[i].kpi, options->sort) != 0)
			board->columns[board->column_count++] = standard[i];
}

void top_board_release(struct top_board *board)
{
	arena_release(&board->memory);
}

/* ---- questions ---- */

static void ask_snapshot(const struct top_board *board, const struct top_options *options, struct redis_reader *reader,
	const char *dimension, struct str key)
{
	struct str arguments[3 + TOP_COLUMNS_MAX];
	struct buf texts[1 + TOP_COLUMNS_MAX];
	for (int i = 0; i <= board->column_count; i++)
		buf_init(&texts[i]);
	buf_printf(&texts[0], "%ssnap:%s:%.*s", options->prefix, dimension, STR_ARG(key));
	arguments[0] = STR("HMGET");
	arguments[1] = buf_str(&texts[0]);
	arguments[2] = STR("_name");
	for (int i = 0; i < board->column_count; i++) {
		buf_printf(&texts[i + 1], "%s@%s", board->columns[i].kpi, options->window);
		arguments[3 + i] = buf_str(&texts[i + 1]);
	}
	redis_reader_ask_many(reader, arguments, 3 + (size_t)board->column_count);
	for (int i = 0; i <= board->column_count; i++)
		buf_release(&texts[i]);
}

static void ask_first(const struct top_board *board, const struct top_options *options, struct redis_reader *reader)
{
	char key[512], last[16];
	snprintf(key, sizeof key, "%smeta", options->prefix);
	redis_reader_ask(
		reader, "HMGET", key, "name", "as_of", "updated_at", "caught_up", "lag", "applied", "stalled", NULL);
	snprintf(key, sizeof key, "%sboard:%s@%s:%s", options->prefix, options->sort, options->window, options->by);
	snprintf(last, sizeof last, "%d", options->limit - 1);
	redis_reader_ask(reader, "ZCARD", key, NULL);
	redis_reader_ask(reader, "ZREVRANGE", key, "0", last, "WITHSCORES", NULL);
	snprintf(key, sizeof key, "%salerts", options->prefix);
	redis_reader_ask(reader, "XREVRANGE", key, "+", "-", "COUNT", ALERTS_LOOKED_AT, NULL);
	ask_snapshot(board, options, reader, "company", STR("all"));
}

/* ---- answers ---- */

static struct str copy(struct top_board *board, struct str text)
{
	struct buf clean;
	buf_init(&clean);
	top_put_clean(&clean, text);
	struct str kept = arena_str(&board->memory, buf_str(&clean));
	buf_release(&clean);
	return kept;
}

static int64_t time_of(struct str text)
{
	int64_t ms;
	return text_to_time(text, &ms) == RESULT_OK ? ms : 0;
}

static int64_t number_of(struct str text)
{
	int64_t number;
	return text_to_i64(text, &number) == RESULT_OK ? number : 0;
}

static void take_meta(struct top_board *board, const struct redisReply *answer)
{
	struct str fields[7];
	for (size_t i = 0; i < 7; i++)
		fields[i] = redis_answer_text(redis_answer_at(answer, i));
	board->published = fields[1].length > 0;
	board->name = copy(board, fields[0]);
	board->as_of = time_of(fields[1]);
	board->updated_at = time_of(fields[2]);
	board->caught_up = str_equal(fields[3], STR("1"));
	board->lag = fields[4].length ? copy(board, fields[4]) : STR("unknown");
	board->applied = number_of(fields[5]);
	board->stalled = copy(board, fields[6]);
}

static void take_cell(struct top_board *board, enum top_kind kind, struct str json, struct top_cell *ret_cell)
{
	struct buf text;
	buf_init(&text);
	ret_cell->known = top_number(top_member(json, "value"), &ret_cell->value);
	/* Growth over a time that is not all there says nothing. */
	if (kind == TOP_CHANGE && str_equal(top_member(json, "complete"), STR("false")))
		ret_cell->known = false;
	ret_cell->met = str_equal(top_member(json, "status"), STR("met"));
	if (ret_cell->known)
		top_put_figure(&text, kind, ret_cell->value);
	else
		buf_put_text(&text, NO_FIGURE);
	ret_cell->text = arena_str(&board->memory, buf_str(&text));
	buf_release(&text);
}

static void take_snapshot(struct top_board *board, const struct redisReply *answer, struct top_row *row)
{
	struct str name = redis_answer_text(redis_answer_at(answer, 0));
	if (name.length)
		row->name = copy(board, name);
	for (int i = 0; i < board->column_count; i++) {
		struct str json = redis_answer_text(redis_answer_at(answer, (size_t)i + 1));
		take_cell(board, board->columns[i].kind, json, &row->cells[i]);
	}
}

/* Members and scores in turn. */
static void take_members(struct top_board *board, const struct redisReply *answer)
{
	size_t count = redis_answer_count(answer) / 2;
	struct str before = {0};
	board->rows = ARENA_ARRAY(&board->memory, struct top_row, count);
	board->row_count = (int)count;
	for (int i = 0; i < board->row_count; i++) {
		struct top_row *row = &board->rows[i];
		struct str score = redis_answer_text(redis_answer_at(answer, 2 * (size_t)i + 1));
		struct buf name;
		buf_init(&name);
		row->member = arena_str(&board->memory, redis_answer_text(redis_answer_at(answer, 2 * (size_t)i)));
		top_put_decoded(&name, row->member);
		row->name = copy(board, buf_str(&name));
		row->rank = i > 0 && str_equal(score, before) ? row[-1].rank : i + 1;
		before = score;
		buf_release(&name);
	}
}

/* ---- alerts ---- */

static struct str field(const struct redisReply *fields, const char *name)
{
	for (size_t i = 0; i + 1 < redis_answer_count(fields); i += 2)
		if (str_equal(redis_answer_text(redis_answer_at(fields, i)), str_of(name)))
			return redis_answer_text(redis_answer_at(fields, i + 1));
	return (struct str){0};
}

/* Newest first: only the newest entry of an alert says how it is. */
static size_t firing_of(const struct redisReply *entries, const struct redisReply **ret_firing)
{
	size_t count = 0;
	for (size_t i = 0; i < redis_answer_count(entries) && count < TOP_ALERTS_MAX; i++) {
		const struct redisReply *fields = redis_answer_at(redis_answer_at(entries, i), 1);
		bool newest = true;
		for (size_t j = 0; newest && j < i; j++)
			newest = !str_equal(field(fields, "fingerprint"),
				field(redis_answer_at(redis_answer_at(entries, j), 1), "fingerprint"));
		if (newest && str_equal(field(fields, "to"), STR("firing")))
			ret_firing[count++] = fields;
	}
	return count;
}

static void ask_alerts(const struct top_options *options, struct redis_reader *reader,
	const struct redisReply *const *firing, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char key[512];
		snprintf(key, sizeof key, "%salert:%.*s", options->prefix, STR_ARG(field(firing[i], "fingerprint")));
		redis_reader_ask(reader, "HMGET", key, "rule", "kpi", "key", "value", "limit", "since", NULL);
	}
}

static struct str figure(struct top_board *board, enum top_kind kind, struct str text)
{
	struct top_cell cell;
	double value;
	struct buf json;
	buf_init(&json);
	buf_put_text(&json, "{\"value\":");
	buf_put_str(&json, top_number(text, &value) ? text : STR("null"));
	buf_put_byte(&json, '}');
	take_cell(board, kind, buf_str(&json), &cell);
	buf_release(&json);
	return cell.text;
}

static void take_alert(struct top_board *board, const struct redisReply *answer)
{
	struct str fields[6];
	for (size_t i = 0; i < 6; i++)
		fields[i] = redis_answer_text(redis_answer_at(answer, i));
	if (!fields[0].length)
		return;
	struct buf key;
	buf_init(&key);
	top_put_decoded(&key, fields[2]);
	enum top_kind kind = top_kind_of(fields[1]);
	board->alerts[board->alert_count++] = (struct top_alert){.rule = copy(board, fields[0]),
		.key = copy(board, buf_str(&key)),
		.kind = kind,
		.value = figure(board, kind, fields[3]),
		.limit = figure(board, kind, fields[4]),
		.since = time_of(fields[5])};
	buf_release(&key);
}

/* ---- all of it ---- */

static enum result read_details(struct top_board *board, const struct top_options *options, struct redis_reader *reader,
	const struct redisReply *alerts)
{
	const struct redisReply *firing[TOP_ALERTS_MAX], *answer;
	size_t count = firing_of(alerts, firing);
	for (int i = 0; i < board->row_count; i++)
		ask_snapshot(board, options, reader, options->by, board->rows[i].member);
	ask_alerts(options, reader, firing, count);
	for (int i = 0; i < board->row_count; i++) {
		if (redis_reader_take(reader, &answer) != RESULT_OK)
			return RESULT_UNREACHABLE;
		take_snapshot(board, answer, &board->rows[i]);
	}
	for (size_t i = 0; i < count; i++) {
		if (redis_reader_take(reader, &answer) != RESULT_OK)
			return RESULT_UNREACHABLE;
		take_alert(board, answer);
	}
	return RESULT_OK;
}

static enum result read_all(struct top_board *board, const struct top_options *options, struct redis_reader *reader)
{
	const struct redisReply *answers[5];
	ask_first(board, options, reader);
	for (int i = 0; i < 5; i++)
		if (redis_reader_take(reader, &answers[i]) != RESULT_OK)
			return RESULT_UNREACHABLE;
	take_meta(board, answers[0]);
	board->total = redis_answer_integer(answers[1]);
	take_members(board, answers[2]);
	board->company.name = STR("Company");
	take_snapshot(board, answers[4], &board->company);
	board->company.name = STR("Company");
	return read_details(board, options, reader, answers[3]);
}

enum result top_board_read(struct top_board *board, const struct top_options *options, struct redis_reader *reader)
{
	struct top_board fresh;
	top_board_init(&fresh, options);
	enum result result = read_all(&fresh, options, reader);
	redis_reader_free_answers(reader);
	if (result != RESULT_OK) {
		top_board_release(&fresh);
		return result;
	}
	top_board_release(board);
	*board = fresh;
	return RESULT_OK;
}

void top_put_boards(struct buf *out, const struct top_options *options, struct redis_reader *reader)
{
	const struct redisReply *answer;
	char pattern[512];
	snprintf(pattern, sizeof pattern, "%sboard:*@%s:*", options->prefix, options->window);
	redis_reader_ask(reader, "SCAN", "0", "MATCH", pattern, "COUNT", "100000", NULL);
	if (redis_reader_take(reader, &answer) != RESULT_OK)
		return;
	const struct redisReply *keys = redis_answer_at(answer, 1);
	for (size_t i = 0; i < redis_answer_count(keys); i++) {
		struct str key = redis_answer_text(redis_answer_at(keys, i));
		size_t skip = strlen(options->prefix) + strlen("board:");
		const char *at = memchr(key.data, '@', key.length), *colon = memrchr(key.data, ':', key.length);
		if (!at || !colon || key.length < skip)
			continue;
		buf_printf(out, "%s%.*s by %.*s", out->length ? ", " : "", (int)(at - key.data - (ptrdiff_t)skip),
			key.data + skip, (int)(key.data + key.length - colon - 1), colon + 1);
	}
	redis_reader_free_answers(reader);
}
