/* Single records read again at a start. */
#include "daemon/kafka/consumer_internal.h"

#include "base/clock.h"
#include "base/mem.h"

#define TURN_MS 100

static enum result judge(const struct consumer_slot *slot, int64_t offset, uint32_t *ret_fingerprint)
{
	switch (slot->state) {
	case CONSUMER_RECORD:
		if (slot->record->offset != offset)
			return RESULT_NOT_FOUND;
		*ret_fingerprint = consumer_fingerprint(slot->record);
		return RESULT_OK;
	case CONSUMER_END:
		return slot->next > offset ? RESULT_NOT_FOUND : RESULT_CONFLICT;
	case CONSUMER_GAP:
		return slot->earliest > offset ? RESULT_NOT_FOUND : RESULT_CONFLICT;
	case CONSUMER_ERROR:
		return RESULT_IO;
	case CONSUMER_EMPTY:
		break;
	}
	return RESULT_TIMEOUT;
}

/* An error may pass, so it is not the last word before the time is over. */
static bool is_open(enum result result)
{
	return result == RESULT_TIMEOUT || result == RESULT_IO;
}

/* How many are still open. */
static size_t judge_all(struct consumer *consumer, struct consumer_probe *probes, size_t count)
{
	size_t open = 0;
	for (size_t i = 0; i < count; i++) {
		struct consumer_probe *probe = &probes[i];
		if (is_open(probe->result))
			probe->result = judge(consumer_peek(consumer, i), probe->position.offset, &probe->fingerprint);
		open += is_open(probe->result);
	}
	return open;
}

enum result consumer_probe(struct consumer *consumer, const char *const *topics, size_t topic_count,
	struct consumer_probe *probes, size_t count, int timeout_ms, char *error, size_t error_size)
{
	struct consumer_position *positions = NEW_ARRAY(struct consumer_position, count);
	for (size_t i = 0; i < count; i++) {
		positions[i] = probes[i].position;
		probes[i].result = RESULT_TIMEOUT;
	}
	enum result result = consumer_set_slots(consumer, topics, topic_count, positions, count, error, error_size);
	int64_t end_us = clock_steady_us() + (int64_t)timeout_ms * 1000;
	while (!result && judge_all(consumer, probes, count) && clock_steady_us() < end_us) {
		consumer_check_end(consumer, clock_wall_ms());
		consumer_wait(consumer, TURN_MS);
	}
	mem_free(positions);
	if (result)
		return result;
	return consumer_set_slots(consumer, NULL, 0, NULL, 0, error, error_size);
}
