/* One test of a configuration, as a file of tests says it: events, and at some instants what the figures must be. */
#ifndef KPICTL_TEST_CASE_H
#define KPICTL_TEST_CASE_H

#include "config/node.h"
#include "pipeline/decode/decode.h"
#include "tools/kpictl/replay_input.h"

/* What becomes of records, by the words that `refused:` takes: reasons to refuse, and then these. */
enum { TEST_LATE = REFUSAL_COUNT, TEST_DUPLICATE, TEST_REASONS };

struct test_event {
	struct mark mark;  /* an event of the test itself; or its file */
	int64_t received;  /* Kafka's timestamp */
	uint32_t position; /* among the events of the test */
	int32_t topic;     /* -1: a line of a file, of any topic */
	struct str id;     /* empty: a line of a file */
	struct str text;   /* JSON */
};

enum expectation_kind { EXPECT_FIGURE, EXPECT_ALERT, EXPECT_REFUSED, EXPECT_BOARD };

/* One member of a snapshot's JSON, or of an alert: its name, and what it must be. */
struct test_check {
	const char *name;
	struct mark mark;
	struct str text; /* plain decimal, word or time; empty: null */
};

struct expectation {
	enum expectation_kind kind;
	struct mark mark;
	uint16_t kpi; /* FIGURE, BOARD */
	uint8_t window;
	uint16_t rule;   /* ALERT */
	uint16_t reason; /* REFUSED: enum refusal, or one of the words above */
	uint8_t dimension;
	struct str key; /* FIGURE, ALERT */
	struct test_check *checks;
	size_t check_count;
	struct str *order; /* BOARD: members from the top */
	size_t order_count;
};

struct test_step {
	int64_t at;
	struct expectation *expectations;
	size_t count;
};

struct test_case {
	struct str name;
	struct mark mark;
	const struct config *config;
	struct config *own_config; /* NULL: it has that of the directory */
	struct decoder *decoder;
	struct test_event *events; /* in the order in which they arrive */
	size_t event_count, event_capacity;
	struct test_step *steps;
	size_t step_count;
	struct replay_input *files; /* what lines of files stand in */
	size_t file_count;
	bool watches_alerts;
	bool expects[TEST_REASONS];
};

/* "late"; static. */
const char *test_reason_name(unsigned reason);

/* What the tests of a file share. */
struct test_file {
	const char *name; /* as problems have it, relative to where the program runs */
	const char *directory;
	const char *const *overrides; /* --set */
	size_t override_count;
	const struct config *config;
	struct arena *arena;
	struct config_problems *problems;
	const struct node *root;
};

/* Reads the test of an entry of the file's `tests`. False with problems. The caller releases it in both cases. */
bool test_case_load(struct test_file *file, const struct node_entry *entry, struct test_case *ret_test);
void test_case_release(struct test_case *test);

/* The parts of it. Each reports what is wrong. */
struct test_reading {
	struct test_file *file;
	struct test_case *test;
	int64_t now;    /* what "after" counts from, INT64_MIN: nothing yet */
	int64_t step;   /* the step before: what is given now does not arrive earlier; INT64_MIN: none */
	uint32_t names; /* ids that were made up */
};
/* "at: TIME" or "after: DURATION" of a mapping. False where there is neither, or with a problem. */
bool test_read_time(struct test_reading *reading, const struct node *node, int64_t *ret_time);
void test_read_given(struct test_reading *reading, const struct node *given);
bool test_read_expectation(struct test_reading *reading, const struct node *node, struct expectation *ret_expectation);

/* Runs it; differences are put into `report`. True: it passed. *count_expectations is added to. */
bool test_case_run(const struct test_case *test, struct buf *report, size_t *count_expectations);

/* ---- comparing (test_compare.c) ---- */

/* "35%", "2h" (seconds), "1/3", "0.50" to the shortest plain decimal; false where it is none. Divisions are rounded to 6 decimals. */
bool test_plain_decimal(struct str text, struct buf *out);
/* Whether a member of a snapshot's JSON (empty: absent or null) is what was expected. */
bool test_equal(struct str expected, struct str actual);

#endif
