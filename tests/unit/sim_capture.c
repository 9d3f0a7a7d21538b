#include "tests/unit/sim_capture.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "tools/kpisim/malformed.h"
#include "tools/kpisim/run.h"

struct capturing {
	struct sink sink;
	struct sim_capture *capture;
};

static int64_t time_of(struct str value)
{
	struct str text = sim_member(value, "time");
	int64_t time;

	if (text_to_time(text, &time) == RESULT_OK || text_to_i64(text, &time) == RESULT_OK)
		return time;
	return -1;
}

static enum result capturing_put(struct sink *sink, const struct record *record)
{
	struct sim_capture *capture = ((struct capturing *)sink)->capture;
	struct sim_record *copy;

	GROW(capture->records, capture->count, capture->capacity);
	copy = &capture->records[capture->count++];
	copy->topic = topic_name(record->topic);
	copy->arrival = record->arrival;
	copy->is_object = record->is_object;
	copy->wrong_partition = record->wrong_partition;
	copy->key = arena_str(&capture->arena, record_key(record));
	copy->value = arena_str(&capture->arena, record_value(record));
	copy->time = time_of(copy->value);
	return RESULT_OK;
}

static enum result capturing_flush(struct sink *sink)
{
	(void)sink;
	return RESULT_OK;
}

static void arguments_read(struct options *options, const char *arguments)
{
	char *argv[32];
	int argc = 0;
	struct buf line, error;

	buf_init(&line);
	buf_init(&error);
	buf_printf(&line, "kpisim --start %s --end %s %s", SIM_START, SIM_END, arguments);
	for (char *rest = line.data, *word = strsep(&rest, " "); word; word = strsep(&rest, " "))
		if (*word)
			argv[argc++] = word;
	assert_int_equal(options_read(options, argc, argv, &error), RESULT_OK);
	assert_int_equal(options_set_period(options, 0, &error), RESULT_OK);
	assert_string_equal(error.data, "");
	buf_release(&error);
	buf_release(&line);
}

void sim_capture_run(struct sim_capture *capture, const char *arguments)
{
	struct capturing capturing = {{.put = capturing_put, .flush = capturing_flush}, capture};
	struct sink *sinks[] = {&capturing.sink};
	struct options options;
	struct zone zone;
	struct run run;

	*capture = (struct sim_capture){0};
	arena_init(&capture->arena);
	arguments_read(&options, arguments);
	assert_int_equal(zone_load(&zone, "Europe/Berlin"), RESULT_OK);
	run_init(&run, &options, &zone, sinks, 1);
	assert_int_equal(run_history(&run), RESULT_OK);
	run_release(&run);
	zone_release(&zone);
}

void sim_capture_release(struct sim_capture *capture)
{
	arena_release(&capture->arena);
	mem_free(capture->records);
}

struct str sim_member(struct str json, const char *name)
{
	char wanted[64];
	const char *end = json.data + json.length;
	const char *at;
	const char *from;
	bool quoted;

	snprintf(wanted, sizeof(wanted), "\"%s\":", name);
	at = memmem(json.data, json.length, wanted, strlen(wanted));
	if (!at)
		return (struct str){0};
	at += strlen(wanted);
	while (at < end && *at == ' ')
		at++;
	quoted = at < end && *at == '"';
	at += quoted;
	for (from = at; at < end && (quoted ? *at != '"' : *at != ',' && *at != '}');)
		at++;
	return (struct str){from, (size_t)(at - from)};
}

bool sim_contains(struct str text, const char *part)
{
	return memmem(text.data, text.length, part, strlen(part)) != NULL;
}

struct str sim_malformed(uint32_t serial, bool *ret_is_object, const char **ret_topic)
{
	static char text[4096];
	struct event event;
	struct rng rng;
	struct buf buf;
	enum topic topic;

	event_init(&event, EVENT_CALL_COMPLETED, INT64_C(1770000000000));
	snprintf(event.customer, sizeof(event.customer), "c1");
	rng_init(&rng, serial, 0);
	buf_init(&buf);
	malformed_put(&buf, &rng, &event, serial, &topic, ret_is_object);
	assert_true(buf.length <= sizeof(text));
	memcpy(text, buf.data, buf.length);
	serial = (uint32_t)buf.length;
	buf_release(&buf);
	*ret_topic = topic_name(topic);
	return (struct str){text, serial};
}

uint32_t sim_malformed_kinds(void)
{
	return malformed_kinds();
}

const char *sim_type_name(int index)
{
	return index < EVENT_TYPE_COUNT ? event_type_name((enum event_type)index) : NULL;
}
