#include "daemon/feed.h"

static void note_time(struct feed_slot *slot, int64_t time)
{
	if (time > slot->time)
		slot->time = time;
}

static void note_stamp(struct feed_slot *slot, int64_t time)
{
	note_time(slot, time);
	if (time > slot->stamped)
		slot->stamped = time;
}

/* A producer's clock may be wrong by years: its records must not stop the partition until then. */
static int64_t stamp(const struct feed *feed, const struct consumer_slot *state)
{
	return state->record->timestamp < feed->now ? state->record->timestamp : feed->now;
}

static bool is_quiet(const struct feed *feed, const struct feed_slot *slot)
{
	return slot->ended != INT64_MAX && feed->now - slot->ended > FEED_QUIET;
}

static int64_t stays(const struct feed *feed, const struct feed_slot *slot)
{
	return slot->ended < feed->now ? feed->now - slot->ended : 0;
}

static void note_end(const struct feed *feed, struct feed_slot *slot, bool at_end)
{
	if (at_end && slot->ended == INT64_MAX)
		slot->ended = feed->now;
	slot->settled |= slot->at_end + stays(feed, slot) > FEED_QUIET && slot->time != INT64_MIN;
	if (at_end)
		return;
	slot->at_end += stays(feed, slot);
	slot->ended = INT64_MAX;
}

/* Looks at the slot and moves its time on. This is done for all slots before each record, so as little as can be: a record that is next
 * stays so until it is taken. */
static inline const struct consumer_slot *look(
	const struct feed *feed, struct feed_slot *slot, struct consumer *consumer)
{
	if (!slot->state || slot->state->state != CONSUMER_RECORD)
		slot->state = consumer_peek(consumer, slot->slot);
	const struct consumer_slot *state = slot->state;
	if (state->state == CONSUMER_RECORD) {
		note_stamp(slot, stamp(feed, state));
		slot->ended = slot->awaited = INT64_MAX;
		slot->at_end = 0;
		return state;
	}
	if (state->state != CONSUMER_EMPTY)
		slot->awaited = INT64_MAX;
	else if (slot->awaited == INT64_MAX)
		slot->awaited = feed->now;
	if (state->state == CONSUMER_END && state->read_through > 0)
		note_time(slot, state->read_through - FEED_SETTLE);
	note_end(feed, slot, state->state == CONSUMER_END);
	return state;
}

/* A clock that was set back ends all patience. */
static bool is_awaited(const struct feed *feed, const struct feed_slot *slot)
{
	return feed->now >= slot->awaited && feed->now - slot->awaited < FEED_PATIENCE;
}

/* Up to where others may be read while the slot has no record. */
static int64_t limit_of(const struct feed_slot *slot, bool awaited)
{
	return slot->time == INT64_MIN ? INT64_MIN : slot->time + (awaited ? FEED_AWAITED : FEED_AHEAD);
}

struct feed_slot *feed_next(struct feed *feed, struct consumer *consumer, int64_t end)
{
	struct feed_slot *next = NULL;
	int64_t next_time = end, limit = INT64_MAX;
	feed->busy = false;
	for (size_t i = 0; i < feed->slot_count; i++) {
		struct feed_slot *slot = &feed->slots[i];
		const struct consumer_slot *state = look(feed, slot, consumer);
		if (state->state == CONSUMER_RECORD) {
			feed->busy = true;
			if (stamp(feed, state) < next_time) {
				next = slot;
				next_time = stamp(feed, state);
			}
		} else if (state->state != CONSUMER_END) {
			bool awaited = is_awaited(feed, slot);
			int64_t through = limit_of(slot, awaited);
			limit = through < limit ? through : limit;
			feed->busy |= awaited;
		}
	}
	return next_time <= limit ? next : NULL;
}

int64_t feed_as_of(struct feed *feed, struct consumer *consumer)
{
	int64_t as_of = INT64_MAX;
	for (size_t i = 0; i < feed->slot_count; i++) {
		look(feed, &feed->slots[i], consumer);
		if (feed->slots[i].time < as_of)
			as_of = feed->slots[i].time;
	}
	return as_of;
}

/* A settled topic has no past on its way any more: an interruption, however often, holds it back by no more than the time that makes it quiet,
 * or a broker that stumbles every few minutes would keep shards from folding for ever. */
static int64_t reached_by(const struct feed *feed, const struct feed_slot *slot)
{
	if (is_quiet(feed, slot))
		return slot->time;
	bool behind = !slot->settled || slot->time - FEED_QUIET < slot->stamped;
	return behind ? slot->stamped : slot->time - FEED_QUIET;
}

int64_t feed_reached(struct feed *feed, struct consumer *consumer)
{
	int64_t reached = INT64_MAX;
	for (size_t i = 0; i < feed->slot_count; i++) {
		struct feed_slot *slot = &feed->slots[i];
		look(feed, slot, consumer);
		int64_t time = reached_by(feed, slot);
		reached = time < reached ? time : reached;
	}
	return reached;
}

void feed_positions(const struct feed *feed, struct consumer *consumer, struct input_position *positions)
{
	for (size_t i = 0; i < feed->slot_count; i++) {
		const struct consumer_slot *state = consumer_peek(consumer, feed->slots[i].slot);
		positions[i] = (struct input_position){feed->slots[i].topic, state->next, state->end};
	}
}

void feed_save(const struct feed *feed, struct consumer *consumer, const struct schema *schema, struct buf *out)
{
	input_put_count(out, feed->slot_count + feed->absent_count);
	for (size_t i = 0; i < feed->slot_count; i++) {
		const struct feed_slot *slot = &feed->slots[i];
		input_put_position(out,
			&(struct feed_position){
				.topic = str_of(schema->topics[slot->topic].name),
				.next = consumer_peek(consumer, slot->slot)->next,
				.last_offset = slot->last_offset,
				.fingerprint = slot->fingerprint,
				.has_fingerprint = slot->has_fingerprint,
			});
	}
	for (size_t i = 0; i < feed->absent_count; i++)
		input_put_position(out, &feed->absent[i]);
}
