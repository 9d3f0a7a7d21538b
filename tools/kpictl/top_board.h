/* What `kpictl top` shows, as read from Redis in two round trips. */
#ifndef KPICTL_TOP_BOARD_H
#define KPICTL_TOP_BOARD_H

#include "base/arena.h"
#include "daemon/redis/reader.h"
#include "tools/kpictl/top_text.h"

#define TOP_COLUMNS_MAX 8
#define TOP_ALERTS_MAX 5

struct top_options {
	const char *url, *prefix, *by, *window, *sort;
	int limit;
	int interval_ms;
	bool once;
	bool color;
};

struct top_column {
	const char *kpi;
	const char *title;
	enum top_kind kind;
	int width;
};

struct top_cell {
	bool known;
	double value;
	struct str text; /* "–" where there is no figure */
	bool met;        /* its target */
};

struct top_row {
	int rank; /* equal scores share one */
	struct str member, name;
	struct top_cell cells[TOP_COLUMNS_MAX];
};

struct top_alert {
	struct str rule, key, value, limit;
	int64_t since;
	enum top_kind kind;
};

struct top_board {
	struct arena memory; /* of all texts and rows */
	struct top_column columns[TOP_COLUMNS_MAX];
	int column_count;
	struct top_row company;
	struct top_row *rows; /* best first */
	int row_count;
	int64_t total;             /* on the board, shown or not */
	int64_t as_of, updated_at; /* ms; 0: unknown */
	bool caught_up;
	struct str name, stalled;
	struct str lag; /* a number, or "unknown" */
	int64_t applied;
	struct top_alert alerts[TOP_ALERTS_MAX];
	int alert_count;
	bool published; /* kpi:meta is there */
};

/* With the columns that the options ask for. */
void top_board_init(struct top_board *board, const struct top_options *options);
/* Replaces what was read before. RESULT_UNREACHABLE: the board is as it was. */
MUST_CHECK enum result top_board_read(
	struct top_board *board, const struct top_options *options, struct redis_reader *reader);
/* The boards that there are, for somebody who asked for another: "close_rate by rep, ...". */
void top_put_boards(struct buf *out, const struct top_options *options, struct redis_reader *reader);
void top_board_release(struct top_board *board);

#endif
