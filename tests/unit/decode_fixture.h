/* A decoder of the fixture's schema, and what comes of messages. */
#ifndef TESTS_UNIT_DECODE_FIXTURE_H
#define TESTS_UNIT_DECODE_FIXTURE_H

#include "pipeline/decode/decode.h"
#include "tests/unit/fixture_schema.h"
#include "tests/unit/unit.h"

#define MESSAGE_BYTES 4096
/* 2026-11-23T21:00:00Z */
#define TIME_MS INT64_C(1795467600000)

struct outcome {
	enum result result;
	struct event event;
	enum refusal reason;
	struct str detail;
};

extern struct decoder *decoder;

/* cmocka's. */
int decode_set_up(void **state);
int decode_tear_down(void **state);
/* From a block of exactly its size, so that reading beyond it is seen. */
struct outcome decode_message(struct message message);
struct outcome decode_text(int32_t topic, struct str body);
/* A deal.closed with what is given; `members` may override by standing in front. */
struct outcome decode_close(const char *members);
void check_refused(struct outcome outcome, enum refusal reason, const char *detail);
void check_close_refused(const char *members, enum refusal reason, const char *detail);
void check_number(const char *members, int field, int64_t number);
void check_absent(const char *members, int field);

#endif
