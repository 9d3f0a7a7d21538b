/* What the tests of the brute-force computation have in common: a log of events, written briefly, and questions about figures. */
#ifndef TESTS_UNIT_BRUTE_FIXTURE_H
#define TESTS_UNIT_BRUTE_FIXTURE_H

#include "tests/simulator/brute.h"
#include "tests/unit/unit.h"

enum { MOST_EVENTS = 32 };

/* Hours and minutes of the second of March 2026, a Monday; Berlin is one hour ahead. */
#define AT(hour, minute) (INT64_C(1772409600000) + (hour)*BRUTE_HOUR + (minute)*BRUTE_MINUTE)

struct brute_log {
	struct sim_event events[MOST_EVENTS];
	size_t count;
};

/* Each adds an event of customer acme, with an id of its own (ea, eb ...), that arrives at once; it may be changed until the next. Amounts
 * are whole; 0: none. */
struct sim_event *put(struct brute_log *log, enum sim_type type, int64_t time);
struct sim_event *put_deal(struct brute_log *log, enum sim_type type, int64_t time, const char *deal);
struct sim_event *put_close(
	struct brute_log *log, int64_t time, const char *deal, enum sim_outcome outcome, const char *rep, int amount);
struct sim_event *put_call(struct brute_log *log, int64_t time, const char *customer, enum sim_outcome outcome);
struct sim_event *put_reply(struct brute_log *log, int64_t time, const char *customer);
struct sim_event *put_price(struct brute_log *log, int64_t time, const char *product, int amount);
struct sim_event *put_retraction(struct brute_log *log, int64_t time, const char *id);

struct wanted {
	const char *dimension;
	const char *key;
	const char *kpi; /* NULL: whether the key is there */
	const char *window;
	struct buf text;
};

/* Fails, at that line of that file, unless the answer is `expected`: "VALUE NUMERATOR/DENOMINATOR n=N REASON|complete|incomplete". */
void ask_of(const struct brute_config *config, const struct brute_log *log, int64_t end, struct wanted wanted,
	const char *expected, const char *file, int line);
/* Of tests/simulator/config. */
void ask(const struct brute_log *log, int64_t end, struct wanted wanted, const char *expected, const char *file,
	int line);

/* Of the company; of a key; a rank on a board in 24h; a key's name. "" where there is none. */
#define ASK(log, end, kpi, window, expected) \
	ask((log), (end), (struct wanted){"company", "all", (kpi), (window), {0}}, (expected), __FILE__, __LINE__)
#define ASK_KEY(log, end, dimension, key, kpi, window, expected) \
	ask((log), (end), (struct wanted){(dimension), (key), (kpi), (window), {0}}, (expected), __FILE__, __LINE__)
#define ASK_RANK(log, end, dimension, key, kpi, expected) ASK_KEY(log, end, dimension, key, kpi, "board", expected)
#define ASK_NAME(log, end, dimension, key, expected) ASK_KEY(log, end, dimension, key, NULL, "", expected)

#endif
