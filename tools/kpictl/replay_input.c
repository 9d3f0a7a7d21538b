#include "tools/kpictl/replay_input.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>

static enum result read_all(const char *path, struct buf *bytes)
{
	bool standard = strcmp(path, "-") == 0;
	FILE *file = standard ? stdin : fopen(path, "rb");
	if (!file)
		return RESULT_IO;
	size_t got;
	do {
		buf_reserve(bytes, 1 << 20);
		got = fread(bytes->data + bytes->length, 1, 1 << 20, file);
		bytes->length += got;
	} while (got > 0);
	bytes->data[bytes->length] = '\0';
	bool failed = ferror(file);
	if (!standard)
		fclose(file);
	return failed ? RESULT_IO : RESULT_OK;
}

static void refuse(struct replay_input *input, enum refusal reason)
{
	input->refused[reason]++;
	input->refused_count++;
}

static void take_line(
	struct replay_input *input, struct decoder *decoder, struct str text, uint32_t number, bool as_arrived)
{
	struct message message = {.body = text, .topic = -1};
	struct event event;
	enum refusal reason;
	if (decode(decoder, &message, &event, &reason, NULL) != RESULT_OK) {
		refuse(input, reason);
		return;
	}
	if (as_arrived && decode_wrong_partition(decoder)) {
		refuse(input, REFUSAL_WRONG_PARTITION);
		return;
	}
	struct replay_line line = {event.time, event.time, text, number};
	if (as_arrived && decode_received_at(decoder, &line.kafka_time) != RESULT_OK)
		line.kafka_time = event.time;
	GROW(input->lines, input->count, input->capacity);
	input->lines[input->count++] = line;
}

static int compare_lines(const void *a, const void *b)
{
	const struct replay_line *left = a, *right = b;
	if (left->time != right->time)
		return left->time < right->time ? -1 : 1;
	return (left->number > right->number) - (left->number < right->number);
}

enum result replay_input_read(struct replay_input *input, const char *path, struct decoder *decoder, bool as_arrived)
{
	*input = (struct replay_input){0};
	buf_init(&input->bytes);
	enum result result = read_all(path, &input->bytes);
	if (result != RESULT_OK)
		return result;
	const char *at = input->bytes.data, *end = at + input->bytes.length;
	for (uint32_t number = 1; at < end; number++) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		const char *stop = newline ? newline : end;
		take_line(input, decoder, (struct str){at, (size_t)(stop - at)}, number, as_arrived);
		at = stop + 1;
	}
	if (!as_arrived && input->count > 0)
		qsort(input->lines, input->count, sizeof *input->lines, compare_lines);
	return RESULT_OK;
}

int64_t replay_input_after_last(const struct replay_input *input, const struct settings *settings, bool as_arrived)
{
	int64_t last = INT64_MIN;
	for (size_t i = 0; i < input->count; i++) {
		const struct replay_line *line = &input->lines[i];
		bool late = line->kafka_time - line->time > settings->allowed_lateness;
		bool future = line->time - line->kafka_time > settings->max_future;
		if (!(as_arrived && (late || future)) && line->time >= last)
			last = line->time + 1;
	}
	return last;
}

void replay_input_release(struct replay_input *input)
{
	buf_release(&input->bytes);
	mem_free(input->lines);
	*input = (struct replay_input){0};
}
