#include "base/text.h"
#include "pipeline/publish/json.h"
#include "tools/kpictl/local.h"
#include "tools/kpictl/plan.h"
#include "tools/kpictl/top_text.h"

enum { DAY_DECIMALS = 2, GROUP = 3 };

/* ---- both ---- */

static const struct model *model_of(const struct plan *plan)
{
	return &plan->engine->config->model;
}

static const char *kpi_name(const struct plan *plan, uint16_t kpi)
{
	return model_of(plan)->kpis[kpi].name;
}

static void put_day(struct buf *out, int32_t day)
{
	int year, month, day_of_month;
	date_of_day(day, &year, &month, &day_of_month);
	buf_printf(out, "%04d-%02d-%02d", year, month, day_of_month);
}

/* top / bottom, rounded half-even. */
static void put_quotient(struct buf *out, i128 top, i128 bottom, int decimals)
{
	i128 value;
	if (bottom && decimal_divide(top, bottom, decimals, &value) == RESULT_OK)
		decimal_put(out, value, decimals);
	else
		buf_put_byte(out, '0');
}

/* ---- text ---- */

/* "2,931.5": a figure's value. */
static void put_value(struct buf *out, i128 value)
{
	struct buf plain;
	buf_init(&plain);
	decimal_put(&plain, value, FIGURE_DECIMALS);
	size_t begin = plain.data[0] == '-', end = begin + strcspn(plain.data + begin, ".");
	for (size_t i = 0; i < plain.length; i++) {
		if (i > begin && i < end && (end - i) % GROUP == 0)
			buf_put_byte(out, ',');
		buf_put_byte(out, (uint8_t)plain.data[i]);
	}
	buf_release(&plain);
}

/* A whole number; "?": it is not known. */
static void put_count(struct buf *out, const struct plan_count *count)
{
	i128 value;
	if (count->known && !__builtin_mul_overflow(count->value, (i128)1000000, &value))
		put_value(out, value);
	else
		buf_put_byte(out, '?');
}

static void put_days(struct buf *out, const struct plan *plan, int64_t ms)
{
	put_quotient(out, ms, plan->day, DAY_DECIMALS);
}

/* In a column as wide as the activities' names. */
static void put_label(struct buf *out, const struct plan *plan, const char *label)
{
	size_t width = strlen("time left");
	for (uint16_t i = 0; i < plan->need_count; i++) {
		size_t length = strlen(kpi_name(plan, plan->needs[i].activity));
		width = length > width ? length : width;
	}
	buf_printf(out, "  %-*s  ", (int)width, label);
}

static void put_way(struct buf *out, const struct plan *plan)
{
	put_label(out, plan, "goal");
	put_value(out, plan->goal.goal);
	buf_put_text(out, " by ");
	put_day(out, plan->goal.by_day);
	buf_put_byte(out, '\n');
	put_label(out, plan, "so far");
	put_value(out, plan->goal.figure.value);
	buf_put_text(out, " from ");
	local_put(out, &plan->engine->config->zone, plan->goal.figure.from);
	buf_put_text(out, " to ");
	local_put(out, &plan->engine->config->zone, plan->goal.figure.to);
	buf_put_byte(out, '\n');
	put_label(out, plan, "needed");
	if (!plan->missing) {
		buf_put_text(out, "nothing: it is reached\n");
		return;
	}
	put_value(out, plan->goal.goal);
	buf_put_text(out, " - ");
	put_value(out, plan->goal.figure.value);
	buf_put_text(out, " = ");
	put_value(out, plan->missing);
	buf_put_byte(out, '\n');
	put_label(out, plan, "time left");
	put_days(out, plan, plan->left);
	buf_printf(out, " working days; %u rep%s, ", plan->working, plan->working == 1 ? "" : "s");
	put_days(out, plan, plan->left_of_reps);
	buf_put_text(out, " rep-days\n");
}

/* "9 more deals_won by 2026-12-31 = 34 calls_made, 3 emails_sent a day each" */
static void put_sentence(struct buf *out, const struct plan *plan)
{
	const char *between = " = ";
	bool any = false;
	for (uint16_t i = 0; i < plan->need_count; i++)
		any |= plan->needs[i].per_day_each.known;
	if (!any)
		return;
	buf_put_byte(out, '\n');
	put_value(out, plan->missing);
	buf_printf(out, " more %s by ", kpi_name(plan, plan->goal.kpi));
	put_day(out, plan->goal.by_day);
	for (uint16_t i = 0; i < plan->need_count; i++) {
		const struct plan_need *need = &plan->needs[i];
		if (!need->per_day_each.known)
			continue;
		buf_put_text(out, between);
		put_count(out, &need->per_day_each);
		buf_printf(out, " %s", kpi_name(plan, need->activity));
		between = ", ";
	}
	buf_put_text(out, " a day each\n");
}

static void put_yield(struct buf *out, const struct plan *plan, const struct plan_need *need)
{
	const struct plan_yield *yield = &need->yield;
	put_label(out, plan, kpi_name(plan, need->activity));
	if (need->window < 0) {
		buf_put_text(out, "no yield to plan with: no window that both have\n");
		return;
	}
	buf_put_text(out, yield->usable ? "" : "no yield to plan with: ");
	put_value(out, yield->made);
	buf_printf(out, " %s of ", kpi_name(plan, plan->goal.kpi));
	put_value(out, yield->done);
	buf_printf(out, " %s in %s", kpi_name(plan, need->activity), model_of(plan)->windows[need->window].name);
	if (yield->dimension != plan->goal.dimension) {
		buf_printf(out, " of %s ", model_of(plan)->dimensions[yield->dimension].name);
		top_put_clean(out, yield->key);
	}
	if (yield->usable && yield->done >= yield->made) {
		buf_put_text(out, ": 1 for ");
		put_quotient(out, yield->done, yield->made, 1);
	} else if (yield->usable) {
		buf_put_text(out, ": ");
		put_quotient(out, yield->made, yield->done, 2);
		buf_put_text(out, " for 1");
	}
	buf_put_byte(out, '\n');
}

/* "9 x 2,931 / 31 = 851" and what that is a day. */
static void put_arithmetic(struct buf *out, const struct plan *plan, const struct plan_need *need)
{
	put_label(out, plan, "");
	put_value(out, plan->missing);
	buf_put_text(out, " x ");
	put_value(out, need->yield.done);
	buf_put_text(out, " / ");
	put_value(out, need->yield.made);
	buf_put_text(out, " = ");
	put_count(out, &need->needed);
	if (need->per_day.known) {
		buf_put_text(out, "; / ");
		put_days(out, plan, plan->left);
		buf_put_text(out, " = ");
		put_count(out, &need->per_day);
		buf_put_text(out, " a day");
	}
	if (need->per_day_each.known) {
		buf_put_text(out, "; / ");
		put_days(out, plan, plan->left_of_reps);
		buf_put_text(out, " = ");
		put_count(out, &need->per_day_each);
		buf_put_text(out, " a day each");
	}
	buf_put_byte(out, '\n');
}

/* ---- the table ---- */

enum { COLUMN_REP, COLUMN_TEAM, COLUMN_PART, COLUMN_DAYS, COLUMN_NEEDS };

static void put_cell(struct buf *out, const struct plan *plan, const struct plan_rep *rep, uint32_t column)
{
	static const char letters[] = {'c', 't', 'r'};
	const struct roster *roster = &plan->engine->config->roster;
	const struct plan_need *need = column >= COLUMN_NEEDS ? &rep->needs[column - COLUMN_NEEDS] : NULL;
	buf_clear(out);
	if (column == COLUMN_REP)
		top_put_clean(out, roster->reps[rep->rep].id);
	else if (column == COLUMN_TEAM)
		top_put_clean(out, rep->team < 0 ? STR("-") : roster->teams[rep->team].id);
	else if (column == COLUMN_PART)
		put_quotient(out, rep->part, 1000000, DAY_DECIMALS);
	else if (column == COLUMN_DAYS)
		put_days(out, plan, rep->left);
	else if (!need->per_day.known)
		buf_put_text(out, "-");
	else {
		put_count(out, &need->per_day);
		buf_printf(out, " %c", letters[need->yield.dimension]);
	}
}

static void put_header(struct buf *out, const struct plan *plan, uint32_t column)
{
	static const char *const names[] = {"rep", "team", "part", "days"};
	buf_clear(out);
	buf_put_text(out,
		column < COLUMN_NEEDS ? names[column] : kpi_name(plan, plan->needs[column - COLUMN_NEEDS].activity));
}

static int column_width(const struct plan *plan, uint32_t column, struct buf *cell)
{
	put_header(cell, plan, column);
	int widest = top_width(buf_str(cell));
	for (uint32_t i = 0; i < plan->rep_count; i++) {
		put_cell(cell, plan, &plan->reps[i], column);
		int width = top_width(buf_str(cell));
		widest = width > widest ? width : widest;
	}
	return widest;
}

static void put_table(struct buf *out, const struct plan *plan, struct arena *arena)
{
	uint32_t columns = COLUMN_NEEDS + (uint32_t)plan->need_count;
	int *widths = ARENA_ARRAY(arena, int, columns);
	struct buf cell;
	buf_init(&cell);
	for (uint32_t c = 0; c < columns; c++)
		widths[c] = column_width(plan, c, &cell);
	for (uint32_t line = 0; line <= plan->rep_count; line++) {
		buf_put_text(out, line ? "" : "\n");
		for (uint32_t c = 0; c < columns; c++) {
			if (line)
				put_cell(&cell, plan, &plan->reps[line - 1], c);
			else
				put_header(&cell, plan, c);
			buf_put_text(out, "  ");
			top_put_cell(out, buf_str(&cell), widths[c], c > COLUMN_TEAM);
		}
		buf_put_byte(out, '\n');
	}
	buf_put_text(out,
		"  Whole ones a day, rounded up; r: by the rep's own yield, t: by the team's, c: by the company's\n");
	buf_release(&cell);
}

void plan_put_text(struct buf *out, const struct plan *plan)
{
	const struct model *model = model_of(plan);
	const struct kpi *kpi = &model->kpis[plan->goal.kpi];
	struct arena arena;
	buf_printf(out, "%s (%s), %s ", kpi->name, kpi->title, model->dimensions[plan->goal.dimension].name);
	top_put_clean(out, merged_key_name(plan->goal.key));
	buf_printf(out, ", %s, as of ", model->windows[plan->goal.window].name);
	local_put_both(out, &plan->engine->config->zone, plan->engine->evaluation.status.as_of);
	buf_put_byte(out, '\n');
	put_way(out, plan);
	put_sentence(out, plan);
	buf_put_text(out, plan->need_count ? "\n" : "");
	for (uint16_t i = 0; i < plan->need_count; i++) {
		put_yield(out, plan, &plan->needs[i]);
		if (plan->needs[i].yield.usable)
			put_arithmetic(out, plan, &plan->needs[i]);
	}
	arena_init(&arena);
	if (plan->rep_count)
		put_table(out, plan, &arena);
	arena_release(&arena);
}

/* ---- JSON ---- */

static void put_member(struct buf *out, const char *name, struct str text)
{
	buf_printf(out, ",\"%s\":", name);
	json_put_string(out, text);
}

static void put_member_time(struct buf *out, const char *name, int64_t ms)
{
	buf_printf(out, ",\"%s\":\"", name);
	text_put_time(out, ms);
	buf_put_byte(out, '"');
}

static void put_member_value(struct buf *out, const char *name, i128 value)
{
	buf_printf(out, ",\"%s\":", name);
	decimal_put(out, value, FIGURE_DECIMALS);
}

static void put_member_days(struct buf *out, const struct plan *plan, const char *name, int64_t ms)
{
	buf_printf(out, ",\"%s\":", name);
	put_quotient(out, ms, plan->day, FIGURE_DECIMALS);
}

static void put_member_count(struct buf *out, const char *name, const struct plan_count *count)
{
	buf_printf(out, ",\"%s\":", name);
	if (count->known)
		decimal_put(out, count->value, 0);
	else
		buf_put_text(out, "null");
}

static void put_yield_json(struct buf *out, const struct plan *plan, const struct plan_need *need)
{
	const struct plan_yield *yield = &need->yield;
	if (need->window < 0) {
		buf_put_text(out, ",\"yield\":null");
		return;
	}
	buf_printf(out, ",\"yield\":{\"window\":\"%s\",\"dimension\":\"%s\"",
		model_of(plan)->windows[need->window].name, model_of(plan)->dimensions[yield->dimension].name);
	put_member(out, "key", yield->key);
	put_member_value(out, "made", yield->made);
	put_member_value(out, "done", yield->done);
	buf_put_byte(out, '}');
}

static void put_needs_json(struct buf *out, const struct plan *plan, const struct plan_need *needs, bool of_all)
{
	buf_put_text(out, ",\"activities\":[");
	for (uint16_t i = 0; i < plan->need_count; i++) {
		buf_printf(out, "%s{\"kpi\":\"%s\"", i ? "," : "", kpi_name(plan, needs[i].activity));
		put_yield_json(out, plan, &needs[i]);
		put_member_count(out, "needed", &needs[i].needed);
		put_member_count(out, "per_day", &needs[i].per_day);
		if (of_all)
			put_member_count(out, "per_day_each", &needs[i].per_day_each);
		buf_put_byte(out, '}');
	}
	buf_put_byte(out, ']');
}

static void put_rep_json(struct buf *out, const struct plan *plan, const struct plan_rep *rep)
{
	const struct roster *roster = &plan->engine->config->roster;
	buf_put_text(out, "{\"rep\":");
	json_put_string(out, roster->reps[rep->rep].id);
	put_member(out, "name", roster->reps[rep->rep].name);
	if (rep->team >= 0)
		put_member(out, "team", roster->teams[rep->team].id);
	if (rep->has_goal)
		put_member_value(out, "goal", rep->goal);
	put_member_value(out, "part", rep->part);
	put_member_days(out, plan, "working_days", rep->left);
	put_needs_json(out, plan, rep->needs, false);
	buf_put_byte(out, '}');
}

void plan_put_json(struct buf *out, const struct plan *plan)
{
	const struct model *model = model_of(plan);
	buf_printf(out, "{\"kpi\":\"%s\"", kpi_name(plan, plan->goal.kpi));
	put_member(out, "title", str_of(model->kpis[plan->goal.kpi].title));
	put_member(out, "dimension", str_of(model->dimensions[plan->goal.dimension].name));
	put_member(out, "key", merged_key_name(plan->goal.key));
	put_member(out, "window", str_of(model->windows[plan->goal.window].name));
	put_member_time(out, "as_of", plan->engine->evaluation.status.as_of);
	put_member_time(out, "from", plan->goal.figure.from);
	put_member_time(out, "to", plan->goal.figure.to);
	put_member_value(out, "goal", plan->goal.goal);
	buf_put_text(out, ",\"by\":\"");
	put_day(out, plan->goal.by_day);
	buf_put_byte(out, '"');
	put_member_value(out, "value", plan->goal.figure.value);
	put_member_value(out, "needed", plan->missing);
	buf_printf(out, ",\"reached\":%s", plan->missing ? "false" : "true");
	put_member_days(out, plan, "working_days", plan->left);
	buf_printf(out, ",\"reps\":%u", plan->working);
	put_member_days(out, plan, "rep_days", plan->left_of_reps);
	put_needs_json(out, plan, plan->needs, true);
	buf_put_text(out, ",\"by_rep\":[");
	for (uint32_t i = 0; i < plan->rep_count; i++) {
		buf_put_text(out, i ? "," : "");
		put_rep_json(out, plan, &plan->reps[i]);
	}
	buf_put_text(out, "]}\n");
}
