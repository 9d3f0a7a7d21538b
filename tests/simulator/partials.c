#include "tests/simulator/partials.h"

#include "base/check.h"
#include "base/mem.h"
#include "tests/simulator/member.h"

#include <string.h>

/* Sent so shortly before its process stopped, it was on the wire. */
#define WIRE_US 2000

struct parcel_sent {
	uint32_t shard;
	int64_t due_us;
	bool fails;
	struct str bytes;
};

struct lane {
	const struct producer *producer;
	const struct member *owner;
	struct parcel_sent *sent;
	size_t count, capacity;
	uint64_t failed;
};

struct sim_partials *partials_new(void)
{
	return NEW(struct sim_partials);
}

bool partials_is_topic(const char *name)
{
	static const char ending[] = ".partials";
	size_t length = strlen(name);
	return length >= sizeof ending - 1 && strcmp(name + length - (sizeof ending - 1), ending) == 0;
}

void partials_fault(const struct fault *fault)
{
	struct sim_partials *partials = world->partials;
	if (fault->kind == FAULT_FLEET_SLOW)
		partials->slow_until_us = fault->until_us;
	else if (fault->kind == FAULT_FLEET_REFUSE)
		partials->refusing_until_us = fault->until_us;
	else if (fault->kind == FAULT_FLEET_STALL) {
		partials->stalled_until_us = fault->until_us;
		partials->stalled = fault->number % 2;
	}
}

int64_t partials_end(uint32_t shard)
{
	return (int64_t)world->partials->logs[shard].count;
}

const struct str *partials_at(uint32_t shard, int64_t offset)
{
	const struct partials_log *log = &world->partials->logs[shard];
	return offset >= 0 && (size_t)offset < log->count ? &log->entries[offset] : NULL;
}

bool partials_stalled(const struct member *member)
{
	const struct sim_partials *partials = world->partials;
	return world->now_us < partials->stalled_until_us && member->number % 2 == partials->stalled;
}

/* ---- what is on its way ---- */

static struct lane *lane_of(const struct producer *producer)
{
	for (int i = 0; i < PARTIALS_LANES_MAX; i++)
		if (world->partials->lanes[i] && world->partials->lanes[i]->producer == producer)
			return world->partials->lanes[i];
	return NULL;
}

static struct lane *open_lane(const struct producer *producer)
{
	int slot = 0;
	while (slot < PARTIALS_LANES_MAX && world->partials->lanes[slot])
		slot++;
	CHECK(slot < PARTIALS_LANES_MAX);
	struct lane *lane = world->partials->lanes[slot] = NEW(struct lane);
	lane->producer = producer;
	lane->owner = world->current;
	return lane;
}

enum result partials_send(const struct producer *producer, const struct kafka_record *record)
{
	struct lane *lane = lane_of(producer);
	bool slow = world->now_us < world->partials->slow_until_us;
	if (!lane)
		lane = open_lane(producer);
	int64_t last = lane->count ? lane->sent[lane->count - 1].due_us : 0;
	int64_t due = world->now_us + chance_between(&world->chance, 1000, slow ? 3000000 : 30000);
	GROW(lane->sent, lane->count, lane->capacity);
	lane->sent[lane->count++] = (struct parcel_sent){.shard = (uint32_t)record->partition,
		.due_us = due > last ? due : last,
		.fails = world->now_us < world->partials->refusing_until_us && chance_percent(&world->chance, 30),
		.bytes = {mem_copy(record->value.data, record->value.length), record->value.length}};
	return RESULT_OK;
}

static void arrive(struct lane *lane, struct parcel_sent *sent)
{
	struct partials_log *log = &world->partials->logs[sent->shard];
	if (sent->fails) {
		lane->failed++;
		mem_free((char *)sent->bytes.data);
		return;
	}
	GROW(log->entries, log->count, log->capacity);
	log->entries[log->count++] = sent->bytes;
}

static bool is_due(const struct lane *lane, const struct parcel_sent *sent)
{
	const struct member *owner = lane->owner;
	bool stopped = world->now_us < owner->frozen_until_us && sent->due_us > owner->frozen_since_us + WIRE_US;
	return sent->due_us <= world->now_us && !stopped && world->now_us >= owner->mute_until_us;
}

static void forget_first(struct lane *lane, size_t count)
{
	lane->count -= count;
	memmove(lane->sent, lane->sent + count, lane->count * sizeof *lane->sent);
}

void partials_run(void)
{
	for (int i = 0; i < PARTIALS_LANES_MAX; i++) {
		struct lane *lane = world->partials->lanes[i];
		size_t done = 0;
		while (lane && done < lane->count && is_due(lane, &lane->sent[done]))
			arrive(lane, &lane->sent[done++]);
		if (done)
			forget_first(lane, done);
	}
}

size_t partials_under_way(const struct producer *producer)
{
	const struct lane *lane = lane_of(producer);
	return lane ? lane->count : 0;
}

uint64_t partials_failed(const struct producer *producer)
{
	const struct lane *lane = lane_of(producer);
	return lane ? lane->failed : 0;
}

static void free_lane(struct lane *lane)
{
	for (size_t i = 0; i < lane->count; i++)
		mem_free((char *)lane->sent[i].bytes.data);
	mem_free(lane->sent);
	mem_free(lane);
}

void partials_forget(const struct producer *producer)
{
	for (int i = 0; i < PARTIALS_LANES_MAX; i++) {
		struct lane *lane = world->partials->lanes[i];
		if (!lane || lane->producer != producer)
			continue;
		size_t arrived = lane->count ? (size_t)chance_between(&world->chance, 0, (int64_t)lane->count) : 0;
		for (size_t k = 0; k < arrived; k++)
			arrive(lane, &lane->sent[k]);
		forget_first(lane, arrived);
		free_lane(lane);
		world->partials->lanes[i] = NULL;
	}
}

void partials_free(struct sim_partials *partials)
{
	for (int i = 0; i < PARTIALS_LANES_MAX; i++)
		if (partials->lanes[i])
			free_lane(partials->lanes[i]);
	for (int s = 0; s < PLAN_SHARDS_MAX; s++) {
		for (size_t i = 0; i < partials->logs[s].count; i++)
			mem_free((char *)partials->logs[s].entries[i].data);
		mem_free(partials->logs[s].entries);
	}
	mem_free(partials);
}
