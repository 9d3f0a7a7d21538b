#include "daemon/member.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/floor.h"
#include "daemon/saver.h"

#include <stdio.h>

#define SAVE_TIMEOUT_MS 20000
/* Turns are quick for so long after something has changed. */
#define BUSY_US 5000000

enum result member_join(struct member *member)
{
	char error[256] = "", group[128];
	const struct settings *settings = &member->control->config->settings;
	uint32_t shard_count = (uint32_t)member->topology->shard_count;
	snprintf(group, sizeof group, "%s.fleet", settings->name);
	struct membership_options options = {.brokers = settings->kafka_brokers,
		.client_id = settings->name,
		.group = group,
		.topic = fleet_topic(member->fleet),
		.session_ms = settings->session_timeout,
		.properties = (const struct kafka_property *)settings->kafka_properties,
		.property_count = settings->kafka_property_count};
	member->mine = NEW_ARRAY(bool, shard_count);
	member->tokens = NEW_ARRAY(int64_t, shard_count);
	for (uint32_t s = 0; s < shard_count; s++)
		member->tokens[s] = FENCE_NONE;
	member->since_us = clock_steady_us();
	if (membership_new(&options, error, sizeof error, &member->membership) == RESULT_OK)
		return RESULT_OK;
	log_error("cannot join the group %s: %s", group, error);
	return RESULT_CONFLICT;
}

static void forget(struct member *member, uint32_t shard)
{
	restored_shard_clear(&member->restored->shards[shard]);
	member->restored->shards[shard].wanted = false;
	member->tokens[shard] = FENCE_NONE;
	saver_forget(member->control->saver, shard);
}

static void keep_tokens(struct member *member)
{
	struct fleet_shard shard;
	for (uint32_t s = 0; s < member->restored->count; s++) {
		if (!member->restored->shards[s].shard)
			continue;
		fleet_shard(member->fleet, s, &shard);
		member->tokens[s] = shard.token;
	}
}

/* The crew ends; with `order` CREW_PAUSE its states stay, and are written down before others may have the shards. */
static enum result end_crew(struct member *member, enum crew_order order)
{
	atomic_store(&member->control->crew, (int)order);
	crew_join(member->crew);
	if (order == CREW_PAUSE && member->state == MEMBER_WORKING) {
		crew_give_back(member->crew, member->restored);
		keep_tokens(member);
	}
	fleet_give_up(member->fleet);
	crew_release(member->crew);
	member->state = MEMBER_IDLE;
	if (saver_drain(member->control->saver, SAVE_TIMEOUT_MS))
		return RESULT_OK;
	log_warning("the last checkpoints are not written yet; starting again");
	return RESULT_CLOSED;
}

static enum result revoke(struct member *member)
{
	log_info("the group spreads its shards anew");
	enum result result = end_crew(member, CREW_PAUSE);
	membership_release(member->membership);
	return result;
}

static enum result lose(struct member *member)
{
	log_warning("the group has gone on without this member: its shards are dropped, and it joins anew");
	(void)end_crew(member, CREW_DROP);
	membership_release(member->membership);
	return RESULT_CLOSED;
}

static void assign(struct member *member)
{
	const int32_t *shards = membership_partitions(member->membership, &member->count);
	memset(member->mine, 0, member->restored->count * sizeof *member->mine);
	for (size_t i = 0; i < member->count; i++)
		member->mine[shards[i]] = true;
	for (uint32_t s = 0; s < member->restored->count; s++)
		if (!member->mine[s])
			forget(member, s);
	fleet_claim(member->fleet, shards, member->count);
	member->state = MEMBER_CLAIMING;
}

/* ---- taking up ---- */

/* The state in memory is the shard's newest where the claim before ours was ours, too. */
static enum result take_state(struct member *member, uint32_t index, const struct fleet_shard *shard)
{
	struct restored_shard *one = &member->restored->shards[index];
	bool kept = one->shard && member->tokens[index] != FENCE_NONE && shard->previous == member->tokens[index];
	one->wanted = true;
	if (kept)
		return RESULT_OK;
	return restore_one(member->restored, member->store, member->control->config, index, true);
}

static void raise_end(struct member *member, int64_t end)
{
	int64_t now = atomic_load(&member->control->end);
	while (now < end && !atomic_compare_exchange_weak(&member->control->end, &now, end))
		;
}

static enum result take_states(struct member *member, struct floor *floors)
{
	struct fleet_shard shard;
	enum result result = RESULT_OK;
	size_t count = 0;
	for (uint32_t s = 0; s < member->restored->count && result == RESULT_OK; s++) {
		if (!member->mine[s])
			continue;
		fleet_shard(member->fleet, s, &shard);
		floors[count++] =
			(struct floor){.shard = s, .before = shard.token, .known = shard.known, .head = shard.head};
		result = take_state(member, s, &shard);
	}
	raise_end(member, member->restored->end);
	return result;
}

/* Those that this member has not heard itself. */
static enum result complete_floors(struct member *member, struct floor *floors)
{
	struct floor *unknown = NEW_ARRAY(struct floor, member->count);
	size_t count = 0, at = 0;
	for (size_t i = 0; i < member->count; i++)
		if (!floors[i].known)
			unknown[count++] = floors[i];
	enum result result = count
		? floors_read(&member->control->config->settings, fleet_topic(member->fleet), unknown, count)
		: RESULT_OK;
	for (size_t i = 0; i < member->count && result == RESULT_OK; i++)
		if (!floors[i].known)
			floors[i] = unknown[at++];
	mem_free(unknown);
	return result;
}

static const struct floor *find_floor(const struct floor *floors, size_t count, uint32_t shard)
{
	for (size_t i = 0; i < count; i++)
		if (floors[i].shard == shard)
			return &floors[i];
	return NULL;
}

static void give_floor(struct member *member, struct worker_shard *shard, const struct floor *floor)
{
	if (!floor || !floor->known)
		return;
	shard->floor_count = floor->head.position_count;
	shard->floor = NEW_ARRAY(struct input_position, shard->floor_count + 1);
	memcpy(shard->floor, floor->head.positions, shard->floor_count * sizeof *shard->floor);
	shard->floor_as_of = floor->head.status.as_of;
	raise_end(member, floor->head.status.end);
}

static enum result start_crew(struct member *member, const struct floor *floors)
{
	enum result result =
		crew_make(member->crew, member->control, member->topology, member->restored, member->metadata);
	if (result != RESULT_OK)
		return result;
	for (size_t w = 0; w < member->crew->count; w++)
		for (size_t i = 0; i < member->crew->workers[w].shard_count; i++) {
			struct worker_shard *shard = &member->crew->workers[w].shards[i];
			give_floor(member, shard, find_floor(floors, member->count, shard->index));
		}
	atomic_store(&member->control->crew, CREW_WORK);
	return crew_start(member->crew);
}

static enum result take_up(struct member *member)
{
	struct floor *floors = NEW_ARRAY(struct floor, member->count);
	enum result result = take_states(member, floors);
	if (result == RESULT_OK)
		result = complete_floors(member, floors);
	if (result == RESULT_OK)
		result = start_crew(member, floors);
	mem_free(floors);
	if (result == RESULT_OK) {
		member->state = MEMBER_WORKING;
		log_notice("works on %zu of %d shards", member->count, (int)member->topology->shard_count);
	}
	return result == RESULT_OK || result_needs_a_hand(result) ? result : RESULT_CLOSED;
}

/* ---- */

static enum result take_news(struct member *member)
{
	enum membership_news news = membership_poll(member->membership, 0);
	if (news != MEMBERSHIP_NOTHING)
		member->since_us = clock_steady_us();
	switch (news) {
	case MEMBERSHIP_ASSIGNED:
		assign(member);
		return RESULT_OK;
	case MEMBERSHIP_REVOKED:
		return revoke(member);
	case MEMBERSHIP_LOST:
		return lose(member);
	case MEMBERSHIP_NOTHING:
		break;
	}
	return RESULT_OK;
}

enum result member_turn(struct member *member)
{
	enum result result = take_news(member);
	if (result == RESULT_OK && member->state == MEMBER_CLAIMING && fleet_claimed(member->fleet))
		result = take_up(member);
	return result;
}

bool member_busy(const struct member *member)
{
	return member->state != MEMBER_WORKING || clock_steady_us() - member->since_us < BUSY_US;
}

void member_leave(struct member *member)
{
	membership_free(member->membership);
	mem_free(member->mine);
	mem_free(member->tokens);
	*member = (struct member){0};
}
