#include "daemon/floor.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/crew.h"

#define PATIENCE_US 30000000
#define TURN_MS 50
/* Entries to look back at: nearly always the first is enough. 0: all there are. */
static const int64_t windows[] = {200, 5000, 0};
#define WINDOWS (sizeof windows / sizeof *windows)

/* Stale words have an older token than what is known by then. */
static void take_entry(struct floor *floor, const struct consumer_record *record)
{
	struct entry entry;
	if (entry_read(record->value, &entry) != RESULT_OK || entry.kind == ENTRY_END)
		return;
	int64_t token = entry.kind == ENTRY_CLAIM ? record->offset : entry.piece.token;
	floor->claimed = token > floor->claimed ? token : floor->claimed;
	if (entry.kind == ENTRY_CLAIM || !entry.piece.last || (floor->known && token < floor->spoken))
		return;
	floor->known = true;
	floor->spoken = token;
	floor->head = entry.head;
}

static void read_on(struct consumer *consumer, size_t slot, struct floor *floor)
{
	const struct consumer_slot *state = consumer_peek(consumer, slot);
	while (state->state == CONSUMER_RECORD && state->record->offset < floor->before) {
		take_entry(floor, state->record);
		consumer_advance(consumer, slot);
	}
	if (state->state == CONSUMER_GAP && consumer_resume_at(consumer, slot, state->earliest) != RESULT_OK)
		log_warning("cannot read back: %s", state->error);
	floor->read_through = state->next >= floor->before;
}

static bool all_read(struct consumer *consumer, struct floor *floors, const size_t *slots, size_t count)
{
	bool all = true;
	for (size_t i = 0; i < count; i++) {
		read_on(consumer, i, &floors[slots[i]]);
		all &= floors[slots[i]].read_through;
	}
	return all;
}

static enum result read_window(const struct settings *settings, const char *topic, struct floor *floors,
	const size_t *slots, size_t count, int64_t window)
{
	char error[256] = "";
	struct consumer *consumer = NULL;
	int64_t deadline = clock_steady_us() + PATIENCE_US;
	struct consumer_position *positions = NEW_ARRAY(struct consumer_position, count);
	for (size_t i = 0; i < count; i++) {
		struct floor *floor = &floors[slots[i]];
		bool inside = window > 0 && floor->before > window;
		positions[i] = (struct consumer_position){
			0, (int32_t)floor->shard, inside ? floor->before - window : CONSUMER_EARLIEST};
		floor->claimed = -1;
		floor->known = false;
	}
	enum result result = crew_consumer(settings, 4, count, &consumer);
	if (result == RESULT_OK)
		result = consumer_assign(consumer, &topic, 1, positions, count, error, sizeof error);
	while (result == RESULT_OK && !all_read(consumer, floors, slots, count)) {
		consumer_check_end(consumer, clock_wall_ms());
		consumer_wait(consumer, TURN_MS);
		if (clock_steady_us() > deadline)
			result = RESULT_TIMEOUT;
	}
	if (result != RESULT_OK)
		log_error("cannot read back in %s: %s %s", topic, result_text(result), error);
	consumer_free(consumer);
	mem_free(positions);
	return result;
}

/* Whether the window has shown enough: what the newest claim that it knows of has said. */
static bool is_sure(const struct floor *floor, int64_t window)
{
	bool all = window == 0 || floor->before <= window;
	return all || (floor->known && floor->spoken == floor->claimed);
}

enum result floors_read(const struct settings *settings, const char *topic, struct floor *floors, size_t count)
{
	enum result result = RESULT_OK;
	size_t *slots = NEW_ARRAY(size_t, count), left = count;
	for (size_t i = 0; i < count; i++)
		slots[i] = i;
	for (size_t w = 0; w < WINDOWS && left > 0 && result == RESULT_OK; w++) {
		size_t unsure = 0;
		result = read_window(settings, topic, floors, slots, left, windows[w]);
		for (size_t i = 0; i < left && result == RESULT_OK; i++)
			if (!is_sure(&floors[slots[i]], windows[w]))
				slots[unsure++] = slots[i];
		left = unsure;
	}
	mem_free(slots);
	return result;
}
