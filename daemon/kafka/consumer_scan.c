/* One partition from front to back, at a start. */
#include "daemon/kafka/consumer_internal.h"

#include "base/clock.h"

#include <stdio.h>

#define TURN_MS 100

struct scan {
	struct consumer *consumer;
	int64_t until;
	consumer_visit *visit;
	void *context;
	int64_t moved_us; /* steady time of the last step forward */
};

/* True: the scan is over. */
static bool take_all(struct scan *scan)
{
	const struct consumer_slot *slot = consumer_peek(scan->consumer, 0);
	while (slot->state == CONSUMER_RECORD) {
		if (slot->record->offset >= scan->until || !scan->visit(slot->record, scan->context))
			return true;
		consumer_advance(scan->consumer, 0);
		scan->moved_us = clock_steady_us();
		slot = consumer_peek(scan->consumer, 0);
	}
	/* A replica may not have all of it yet: then what is wanted follows. */
	return slot->state == CONSUMER_END && (scan->until == INT64_MAX || slot->next >= scan->until);
}

/* An error may pass, so it is not the last word before the time is over. */
static enum result give_up(const struct consumer_slot *slot, char *error, size_t error_size)
{
	bool said = slot->state == CONSUMER_ERROR || slot->state == CONSUMER_GAP;
	snprintf(error, error_size, "%s", said ? slot->error : "no answer");
	return slot->state == CONSUMER_GAP ? RESULT_NOT_FOUND : said ? RESULT_IO : RESULT_TIMEOUT;
}

static enum result scan_slot(struct scan *scan, int timeout_ms, char *error, size_t error_size)
{
	scan->moved_us = clock_steady_us();
	while (!take_all(scan)) {
		const struct consumer_slot *slot = consumer_peek(scan->consumer, 0);
		bool over = clock_steady_us() - scan->moved_us > (int64_t)timeout_ms * 1000;
		if (over || slot->state == CONSUMER_GAP)
			return give_up(slot, error, error_size);
		consumer_check_end(scan->consumer, clock_wall_ms());
		consumer_wait(scan->consumer, TURN_MS);
	}
	return RESULT_OK;
}

enum result consumer_scan(struct consumer *consumer, const char *topic, int32_t partition, int64_t from, int64_t until,
	int timeout_ms, consumer_visit *visit, void *context, char *error, size_t error_size)
{
	struct consumer_position position = {0, partition, from};
	struct scan scan = {.consumer = consumer, .until = until, .visit = visit, .context = context};
	enum result result = consumer_set_slots(consumer, &topic, 1, &position, 1, error, error_size);
	if (result)
		return result;
	char ignored[ERROR_SIZE];
	result = scan_slot(&scan, timeout_ms, error, error_size);
	enum result ended = consumer_set_slots(consumer, NULL, 0, NULL, 0, ignored, sizeof ignored);
	return result ? result : ended;
}
