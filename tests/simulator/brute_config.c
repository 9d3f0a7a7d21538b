#include "tests/simulator/brute_config.h"

static const struct brute_window windows[] = {
	{"1h", BRUTE_ROLLING, BRUTE_HOUR, BRUTE_MINUTE, 0},
	{"day", BRUTE_UNIT_DAY, 0, 5 * BRUTE_MINUTE, 0},
	{"24h", BRUTE_ROLLING, 24 * BRUTE_HOUR, 5 * BRUTE_MINUTE, 0},
	{"week", BRUTE_UNIT_WEEK, 0, 15 * BRUTE_MINUTE, 0},
};

/* clang-format off */
#define WITH(first, count, step) {                             \
	.calendar = {"Europe/Berlin", 1, 1, (step)},           \
	.windows = windows + (first),                          \
	.window_count = (count),                               \
	.allowed_lateness = 4 * BRUTE_HOUR,                    \
	.max_future = 5 * BRUTE_MINUTE,                        \
}
/* clang-format on */

const struct brute_config brute_simulator = WITH(0, sizeof windows / sizeof *windows, BRUTE_MINUTE);

const struct brute_config brute_variants[] = {WITH(0, sizeof windows / sizeof *windows, BRUTE_MINUTE),
	WITH(0, 2, BRUTE_MINUTE), WITH(2, 2, 5 * BRUTE_MINUTE)};

unsigned brute_variant(uint64_t seed)
{
	return seed % 10 == 0 ? 0 : 1 + (unsigned)(seed % 2);
}

const struct brute_team brute_teams[] = {{"north", "North"}, {"south", "South"}};
const size_t brute_team_count = sizeof brute_teams / sizeof *brute_teams;

const struct brute_member brute_members[] = {
	{"a", "Ada", "north", {0}, {0}},
	{"b", "Bo", "south", {0}, {0}},
	{"c", "Cy", "north", {0}, {2026, 3, 29}},
	{"c", "Cy", "south", {2026, 3, 29}, {0}},
};
const size_t brute_member_count = sizeof brute_members / sizeof *brute_members;

struct brute_span brute_member_span(const struct brute_member *member)
{
	struct brute_span span = {INT64_MIN, INT64_MAX};
	if (member->from[0])
		span.from = brute_midnight(brute_date(member->from[0], member->from[1], member->from[2]));
	if (member->until[0])
		span.to = brute_midnight(brute_date(member->until[0], member->until[1], member->until[2]));
	return span;
}

const struct brute_board brute_boards[] = {
	{"close_rate", "rep"}, {"revenue", "rep"}, {"response_mean", "rep"}, {"close_rate", "team"}};
const size_t brute_board_count = sizeof brute_boards / sizeof *brute_boards;

const struct brute_kpi brute_kpis[] = {
	{"revenue", BRUTE_AMOUNT, BRUTE_SOLD, 0, BRUTE_TYPE(SIM_DEAL_CLOSED) | BRUTE_TYPE(SIM_DEAL_REFUNDED), false,
		false},
	{"sales_growth", BRUTE_GROWTH, BRUTE_SOLD, 0, BRUTE_TYPE(SIM_DEAL_CLOSED) | BRUTE_TYPE(SIM_DEAL_REFUNDED),
		false, false},
	{"close_rate", BRUTE_SHARE, BRUTE_WON, BRUTE_LOST, BRUTE_TYPE(SIM_DEAL_CLOSED), false, false},
	{"new_deals", BRUTE_COUNT, BRUTE_CREATED, 0, BRUTE_TYPE(SIM_DEAL_CREATED), false, false},
	{"cycle_median", BRUTE_MEDIAN, BRUTE_CYCLE, 0, BRUTE_TYPE(SIM_DEAL_CREATED), true, false},
	{"open_deals", BRUTE_COUNT, BRUTE_DEALS_OPEN, 0, BRUTE_TYPE(SIM_DEAL_CREATED), false, false},
	{"calls_made", BRUTE_COUNT, BRUTE_CALLS, 0, BRUTE_TYPE(SIM_CALL_MADE), false, false},
	{"customers_reached", BRUTE_DISTINCT, BRUTE_REACHED, 0,
		BRUTE_TYPE(SIM_CALL_MADE) | BRUTE_TYPE(SIM_REPLY_RECEIVED), false, false},
	{"response_mean", BRUTE_MEAN_TIME, BRUTE_RESPONSES, 0, BRUTE_TYPE(SIM_CALL_MADE), true, false},
	{"waiting_for", BRUTE_COUNT, BRUTE_WAITING, 0, BRUTE_TYPE(SIM_CALL_MADE), true, false},
	{"touches_to_win", BRUTE_MEAN_TOUCHES, BRUTE_TOUCHES, 0, BRUTE_TYPE(SIM_DEAL_CLOSED), true, false},
	{"list_price", BRUTE_LAST_PRICE, BRUTE_PRICE, 0, BRUTE_TYPE(SIM_PRICE_SET), false, true},
};
const size_t brute_kpi_count = sizeof brute_kpis / sizeof *brute_kpis;
