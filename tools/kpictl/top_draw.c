#include "tools/kpictl/top_draw.h"

#include <math.h>

#define NAME_MIN 14
#define NAME_MAX 28
#define BAR_WIDTH 16
#define RANK_WIDTH 4
#define STALE_MS 10000

enum look { PLAIN, BOLD, DIM, GREEN, YELLOW, RED, CYAN, GOLD };

static const char *const looks[] = {
	[BOLD] = "\x1b[1m",
	[DIM] = "\x1b[2m",
	[GREEN] = "\x1b[32m",
	[YELLOW] = "\x1b[33m",
	[RED] = "\x1b[1;31m",
	[CYAN] = "\x1b[1;36m",
	[GOLD] = "\x1b[1;33m",
};

struct drawing {
	struct buf *out;
	const struct top_board *board, *before;
	const struct top_options *options;
	const struct top_frame *frame;
	int name_width, columns; /* how many columns of figures fit */
	bool bar;
};

static void look(const struct drawing *drawing, enum look look)
{
	if (drawing->frame->color && look != PLAIN)
		buf_put_text(drawing->out, looks[look]);
}

static void end_look(const struct drawing *drawing)
{
	if (drawing->frame->color)
		buf_put_text(drawing->out, "\x1b[0m");
}

static void put(const struct drawing *drawing, enum look as, struct str text, int width, bool right)
{
	look(drawing, as);
	top_put_cell(drawing->out, text, width, right);
	end_look(drawing);
}

/* ---- what fits ---- */

static void lay_out(struct drawing *drawing)
{
	const struct top_board *board = drawing->board;
	int left = drawing->frame->columns - RANK_WIDTH - 2 - NAME_MIN, used = 0;
	while (drawing->columns < board->column_count && left >= board->columns[drawing->columns].width + 2) {
		used += board->columns[drawing->columns].width + 2;
		left -= board->columns[drawing->columns++].width + 2;
	}
	drawing->bar = left >= BAR_WIDTH + 4;
	left -= drawing->bar ? BAR_WIDTH + 2 : 0;
	drawing->name_width = NAME_MIN + (left > 0 ? left : 0);
	if (drawing->name_width > NAME_MAX)
		drawing->name_width = NAME_MAX;
}

static int line_width(const struct drawing *drawing)
{
	int width = RANK_WIDTH + 2 + drawing->name_width + (drawing->bar ? BAR_WIDTH + 2 : 0);
	for (int i = 0; i < drawing->columns; i++)
		width += drawing->board->columns[i].width + 2;
	return width;
}

/* ---- head ---- */

static void put_state(const struct drawing *drawing)
{
	const struct top_board *board = drawing->board;
	int64_t age = drawing->frame->now_ms - board->updated_at;
	bool stale = age > STALE_MS;
	look(drawing, stale ? RED : board->caught_up ? GREEN : YELLOW);
	buf_put_text(drawing->out, stale ? "● silent" : board->caught_up ? "● live" : "● catching up");
	end_look(drawing);
	buf_put_text(drawing->out, "  as of ");
	top_put_clock(drawing->out, board->as_of);
	if (stale) {
		buf_put_text(drawing->out, ", nothing written for ");
		top_put_span(drawing->out, (double)age / 1000);
	} else if (!board->caught_up) {
		buf_put_text(drawing->out, ", behind by ");
		top_put_span(drawing->out, (double)(drawing->frame->now_ms - board->as_of) / 1000);
	}
	buf_printf(drawing->out, "  ·  lag %.*s  ·  ", STR_ARG(board->lag));
	top_put_figure(drawing->out, TOP_COUNT, (double)board->applied);
	buf_put_text(drawing->out, " events");
	if (board->stalled.length)
		buf_printf(drawing->out, "  ·  stalled: %.*s", STR_ARG(board->stalled));
	buf_put_byte(drawing->out, '\n');
}

static void put_head(const struct drawing *drawing)
{
	look(drawing, BOLD);
	buf_printf(drawing->out, " %.*s", STR_ARG(drawing->board->name));
	end_look(drawing);
	buf_printf(drawing->out, "  %ss by %s, %s  ·  %d of %lld\n ", drawing->options->by,
		drawing->board->columns[0].title, drawing->options->window, drawing->board->row_count,
		(long long)drawing->board->total);
	put_state(drawing);
	if (*drawing->frame->problem) {
		look(drawing, RED);
		buf_printf(drawing->out, " ● Redis is away: %s", drawing->frame->problem);
		end_look(drawing);
		buf_put_byte(drawing->out, '\n');
	}
	buf_put_byte(drawing->out, '\n');
}

static void put_titles(const struct drawing *drawing)
{
	look(drawing, DIM);
	top_put_cell(drawing->out, STR("#"), RANK_WIDTH, true);
	buf_put_text(drawing->out, "  ");
	top_put_cell(drawing->out, STR("Name"), drawing->name_width, false);
	for (int i = 0; i < drawing->columns; i++) {
		const struct top_column *column = &drawing->board->columns[i];
		buf_put_text(drawing->out, "  ");
		top_put_cell(drawing->out, str_of(column->title), column->width, true);
		if (i == 0 && drawing->bar)
			top_put_repeated(drawing->out, " ", BAR_WIDTH + 2);
	}
	end_look(drawing);
	buf_put_byte(drawing->out, '\n');
}

/* ---- rows ---- */

/* In eighths of a column. */
static void put_bar(const struct drawing *drawing, const struct top_cell *cell, bool company)
{
	static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	double most = 0;
	for (int i = 0; i < drawing->board->row_count; i++) {
		const struct top_cell *other = &drawing->board->rows[i].cells[0];
		most = other->known && other->value > most ? other->value : most;
	}
	double share = cell->known && most > 0 ? cell->value / most : 0;
	share = share < 0 ? 0 : share > 1 ? 1 : share;
	int eighths = (int)lround(share * BAR_WIDTH * 8);
	buf_put_text(drawing->out, "  ");
	look(drawing, company ? DIM : cell->met ? GREEN : CYAN);
	top_put_repeated(drawing->out, "█", eighths / 8);
	buf_put_text(drawing->out, parts[eighths % 8]);
	end_look(drawing);
	top_put_repeated(drawing->out, " ", BAR_WIDTH - (eighths + 7) / 8);
}

static const struct top_row *row_before(const struct drawing *drawing, struct str member)
{
	for (int i = 0; drawing->before && i < drawing->before->row_count; i++)
		if (str_equal(drawing->before->rows[i].member, member))
			return &drawing->before->rows[i];
	return NULL;
}

static enum look cell_look(
	const struct drawing *drawing, const struct top_row *row, const struct top_row *before, int i)
{
	const struct top_cell *cell = &row->cells[i];
	if (!cell->known)
		return DIM;
	if (before && !str_equal(before->cells[i].text, cell->text))
		return CYAN;
	if (drawing->board->columns[i].kind == TOP_CHANGE)
		return cell->value < 0 ? YELLOW : GREEN;
	return i == 0 ? BOLD : PLAIN;
}

static void put_cells(const struct drawing *drawing, const struct top_row *row, const struct top_row *before)
{
	for (int i = 0; i < drawing->columns; i++) {
		buf_put_text(drawing->out, "  ");
		put(drawing, cell_look(drawing, row, before, i), row->cells[i].text, drawing->board->columns[i].width,
			true);
		if (i == 0 && drawing->bar)
			put_bar(drawing, &row->cells[0], !row->rank);
	}
	buf_put_byte(drawing->out, '\n');
}

static void put_row(const struct drawing *drawing, const struct top_row *row)
{
	const struct top_row *before = row_before(drawing, row->member);
	struct buf rank;
	buf_init(&rank);
	buf_printf(&rank, "%d", row->rank);
	put(drawing, row->rank <= 3 ? GOLD : DIM, buf_str(&rank), RANK_WIDTH, true);
	buf_put_text(drawing->out,
		before && row->rank < before->rank           ? "▲ "
			: before && row->rank > before->rank ? "▼ "
							     : "  ");
	put(drawing, row->rank <= 3 ? BOLD : PLAIN, row->name, drawing->name_width, false);
	put_cells(drawing, row, before);
	buf_release(&rank);
}

static void put_company(const struct drawing *drawing)
{
	look(drawing, DIM);
	top_put_repeated(drawing->out, "─", line_width(drawing));
	end_look(drawing);
	buf_put_byte(drawing->out, '\n');
	top_put_repeated(drawing->out, " ", RANK_WIDTH + 2);
	put(drawing, BOLD, drawing->board->company.name, drawing->name_width, false);
	put_cells(drawing, &drawing->board->company, drawing->before ? &drawing->before->company : NULL);
}

/* ---- alerts ---- */

static struct str name_of(const struct drawing *drawing, struct str key)
{
	for (int i = 0; i < drawing->board->row_count; i++)
		if (str_equal(drawing->board->rows[i].member, key))
			return drawing->board->rows[i].name;
	return key;
}

static void put_alert(const struct drawing *drawing, const struct top_alert *alert)
{
	struct str name = name_of(drawing, alert->key);
	look(drawing, RED);
	buf_put_text(drawing->out, " ▲ ");
	buf_put_str(drawing->out, alert->rule);
	end_look(drawing);
	buf_put_text(drawing->out, "  ");
	buf_put_str(drawing->out, name);
	buf_printf(drawing->out, ": %.*s, limit %.*s, for ", STR_ARG(alert->value), STR_ARG(alert->limit));
	/* It began at the end of a step, which may lie a little ahead. */
	int64_t since = drawing->frame->now_ms - alert->since;
	top_put_span(drawing->out, since > 0 ? (double)since / 1000 : 0);
	buf_put_byte(drawing->out, '\n');
}

static void put_alerts(const struct drawing *drawing)
{
	if (drawing->board->alert_count)
		buf_put_byte(drawing->out, '\n');
	for (int i = 0; i < drawing->board->alert_count; i++)
		put_alert(drawing, &drawing->board->alerts[i]);
}

static int rows_that_fit(const struct drawing *drawing)
{
	const struct top_board *board = drawing->board;
	int others = 4 + 2 + (*drawing->frame->problem ? 1 : 0) + (board->alert_count ? 1 + board->alert_count : 0);
	int room = drawing->frame->lines - others - 1;
	if (!drawing->frame->lines || board->row_count <= room)
		return board->row_count;
	return room > 1 ? room : 1;
}

void top_draw(struct buf *out, const struct top_board *board, const struct top_board *before,
	const struct top_options *options, const struct top_frame *frame)
{
	struct drawing drawing = {.out = out, .board = board, .before = before, .options = options, .frame = frame};
	lay_out(&drawing);
	put_head(&drawing);
	put_titles(&drawing);
	int rows = rows_that_fit(&drawing);
	for (int i = 0; i < rows; i++)
		put_row(&drawing, &board->rows[i]);
	put_company(&drawing);
	put_alerts(&drawing);
}
