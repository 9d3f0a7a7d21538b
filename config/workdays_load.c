#include "config/workdays_load.h"
#include "config/grammar.h"

#include "base/text.h"

enum { DAY_MINUTES = 24 * 60, MINUTE_SECONDS = 60, HOLIDAYS_MAX = 10000, DAYS_OFF_MAX = 3660 };

/* ---- dates ---- */

bool expect_date(struct config_problems *problems, const struct node *node, int32_t *ret_day)
{
	struct str text;
	if (!node || !expect_text(problems, node, "a date", &text))
		return false;
	if (text_to_date(text, ret_day) == RESULT_OK)
		return true;
	problem_at(problems, node->mark, "'%.*s' is not a date such as 2026-01-31", STR_ARG(text));
	return false;
}

bool expect_from_until(
	struct config_problems *problems, const struct node *mapping, int32_t *ret_from, int32_t *ret_until)
{
	const struct node *from = node_get(mapping, "from"), *until = node_get(mapping, "until");
	bool good = !from || expect_date(problems, from, ret_from);
	good &= !until || expect_date(problems, until, ret_until);
	if (!good || *ret_from < *ret_until)
		return good;
	problem_at(problems, until->mark, "'until' must come after 'from'");
	return false;
}

bool expect_days_off(struct config_problems *problems, const struct node *node, int32_t *ret_from, int32_t *ret_until)
{
	int32_t from = INT32_MIN, until = INT32_MAX;
	if (node->kind == NODE_SCALAR) {
		if (!expect_date(problems, node, ret_from))
			return false;
		*ret_until = *ret_from + 1;
		return true;
	}
	if (!expect_mapping(problems, node, "days off"))
		return false;
	expect_mapping_keys(problems, node, "days");
	bool good = node_need(problems, node, "from") && node_need(problems, node, "until");
	if (!expect_from_until(problems, node, &from, &until) || !good)
		return false;
	if ((int64_t)until - from > DAYS_OFF_MAX) {
		problem_at(problems, node->mark, "more than %d days off in one go", DAYS_OFF_MAX);
		return false;
	}
	*ret_from = from;
	*ret_until = until;
	return true;
}

/* ---- days and hours ---- */

static uint8_t read_days(struct config_problems *problems, const struct node *days)
{
	static const char *const names[] = {
		"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
	uint8_t worked = 0;
	size_t day;
	if (!days)
		return 0x1f;
	if (!expect_sequence(problems, days, "'days'"))
		return 0;
	for (size_t i = 0; i < days->count; i++)
		if (expect_choice(problems, days->items[i], "a day", names, sizeof names / sizeof *names, &day))
			worked |= (uint8_t)(1u << day);
	if (!days->count)
		problem_at(problems, days->mark, "a calendar has one working day at least");
	return worked;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "09:30", five characters; in minutes, or -1. */
static int minutes_of(const char *text)
{
	if (!is_digit(text[0]) || !is_digit(text[1]) || text[2] != ':' || !is_digit(text[3]) || !is_digit(text[4]))
		return -1;
	int hour = (text[0] - '0') * 10 + text[1] - '0', minute = (text[3] - '0') * 10 + text[4] - '0';
	return minute < 60 && hour * 60 + minute <= DAY_MINUTES ? hour * 60 + minute : -1;
}

static void read_hours(struct config_problems *problems, const struct node *hours, struct workdays *workdays)
{
	enum { LENGTH = sizeof "09:00-17:00" - 1, SECOND = sizeof "09:00-" - 1 };
	struct str text;
	if (!hours || !expect_text(problems, hours, "'hours'", &text))
		return;
	bool shaped = text.length == LENGTH && text.data[SECOND - 1] == '-';
	int opens = shaped ? minutes_of(text.data) : -1;
	int closes = shaped ? minutes_of(text.data + SECOND) : -1;
	if (opens < 0 || closes < 0) {
		problem_at(problems, hours->mark, "'%.*s' are not hours such as 09:00-17:00", STR_ARG(text));
	} else if (opens >= closes) {
		problem_at(problems, hours->mark,
			"the hours must end after they begin, on the same day (24:00 at the latest)");
	} else {
		workdays->opens = opens * MINUTE_SECONDS;
		workdays->closes = closes * MINUTE_SECONDS;
	}
}

/* ---- the table ---- */

/* First each day's own working time in the place behind it; a holiday makes it 0; at last the sum of all before. */
static void fill_days(struct workdays *workdays, uint8_t worked)
{
	int64_t open, close;
	for (int32_t i = 0; i < workdays->day_count; i++) {
		int32_t day = workdays->first_day + i;
		workdays_hours(workdays, day, &open, &close);
		workdays->worked[i + 1] = worked >> date_weekday(day) & 1 ? close - open : 0;
	}
}

static void read_holidays(struct config_problems *problems, const struct node *holidays, struct workdays *workdays)
{
	int32_t from, until;
	if (!holidays || !expect_sequence(problems, holidays, "'holidays'"))
		return;
	if (holidays->count > HOLIDAYS_MAX) {
		problem_at(problems, holidays->mark, "more than %d holidays", HOLIDAYS_MAX);
		return;
	}
	for (size_t i = 0; i < holidays->count; i++) {
		if (!expect_days_off(problems, holidays->items[i], &from, &until))
			continue;
		for (int32_t day = from; day < until; day++)
			if (day >= workdays->first_day && day - workdays->first_day < workdays->day_count)
				workdays->worked[day - workdays->first_day + 1] = 0;
	}
}

void workdays_load(struct config_problems *problems, struct arena *arena, const struct zone *zone,
	const struct node *calendar, struct workdays *ret_workdays)
{
	int32_t first = date_to_day(1970, 1, 1);
	struct workdays workdays = {.zone = zone,
		.opens = 9 * 3600,
		.closes = 17 * 3600,
		.first_day = first,
		.day_count = date_to_day(2106, 1, 1) - first};
	if (calendar && expect_mapping(problems, calendar, "'calendar'"))
		expect_mapping_keys(problems, calendar, "calendar");
	uint8_t worked = read_days(problems, node_get(calendar, "days"));
	read_hours(problems, node_get(calendar, "hours"), &workdays);
	workdays.worked = ARENA_ARRAY(arena, int64_t, (size_t)workdays.day_count + 1);
	fill_days(&workdays, worked);
	read_holidays(problems, node_get(calendar, "holidays"), &workdays);
	for (int32_t i = 0; i < workdays.day_count; i++)
		workdays.worked[i + 1] += workdays.worked[i];
	*ret_workdays = workdays;
}
