/* The lines of a replay: one JSON event each, in the order in which they are to be counted. */
#ifndef TOOLS_KPICTL_REPLAY_INPUT_H
#define TOOLS_KPICTL_REPLAY_INPUT_H

#include "base/buf.h"
#include "config/config.h"
#include "pipeline/decode/decode.h"

struct replay_line {
	int64_t time;       /* of the event */
	int64_t kafka_time; /* received_at, or the event's time */
	struct str text;
	uint32_t number; /* from 1 */
};

struct replay_input {
	struct buf bytes;          /* the whole file */
	struct replay_line *lines; /* those that are events */
	size_t count, capacity;
	uint64_t refused[REFUSAL_COUNT];
	uint64_t refused_count;
};

/* Reads the file ("-": standard input). With `as_arrived` the lines stay in their order and received_at is Kafka's time; else they are sorted by the
 * events' time. RESULT_IO with errno set. */
MUST_CHECK enum result replay_input_read(
	struct replay_input *input, const char *path, struct decoder *decoder, bool as_arrived);
/* Just after the last event that counts. INT64_MIN where there is none. */
int64_t replay_input_after_last(const struct replay_input *input, const struct settings *settings, bool as_arrived);
void replay_input_release(struct replay_input *input);

#endif
