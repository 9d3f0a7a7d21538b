#include "tests/simulator/group.h"

#include "base/check.h"
#include "base/mem.h"
#include "daemon/kafka/membership.h"

#include <string.h>

#define NOTICE_US 1500000
#define SPREAD_US 500000

struct membership {
	struct member *owner;
	struct seat *seat; /* NULL: it is out */
	bool lost;         /* and has yet to be told */
	bool releasing;
	int64_t deaf_until_us;
	int32_t partitions[PLAN_SHARDS_MAX];
	size_t count;
};

struct sim_group *group_new(void)
{
	return NEW(struct sim_group);
}

void group_free(struct sim_group *group)
{
	mem_free(group);
}

/* ---- the coordinator ---- */

static struct seat *seats_end(void)
{
	return world->group->seats + GROUP_MAX;
}

/* Everybody who has something is asked to give it up. */
static void spread(void)
{
	world->group->spreading = true;
	world->group->assign_at_us = world->now_us + chance_between(&world->chance, 0, SPREAD_US);
	for (struct seat *seat = world->group->seats; seat < seats_end(); seat++) {
		if (seat->state != SEAT_ASSIGNED)
			continue;
		/* Who was not told yet has nothing to give up. */
		seat->state = seat->told ? SEAT_REVOKING : SEAT_JOINED;
		seat->told = false;
		seat->tell_at_us = world->now_us + chance_between(&world->chance, 0, NOTICE_US);
	}
}

static void sit_down(struct membership *membership)
{
	struct seat *seat = world->group->seats;
	while (seat < seats_end() && seat->state != SEAT_FREE)
		seat++;
	CHECK(seat < seats_end());
	*seat = (struct seat){.state = SEAT_JOINED,
		.number = ++world->group->seated,
		.client = membership,
		.silent_from_us = NEVER_US};
	membership->seat = seat;
	spread();
}

static void stand_up(struct seat *seat)
{
	if (seat->client)
		seat->client->seat = NULL;
	seat->state = SEAT_FREE;
	spread();
}

static void expire(struct seat *seat)
{
	int64_t until = world->now_us < seat->silent_until_us ? world->now_us : seat->silent_until_us;
	if (seat->silent_from_us == NEVER_US)
		return;
	if (until - seat->silent_from_us >= world->group->session_us) {
		TRACE("the group goes on without member %d", seat->client ? member_number(seat->client->owner) : 0);
		if (seat->client)
			seat->client->lost = seat->client->count > 0;
		stand_up(seat);
	} else if (world->now_us >= seat->silent_until_us) {
		seat->silent_from_us = NEVER_US;
	}
}

static struct seat *next_seat(uint64_t behind)
{
	struct seat *found = NULL;
	for (struct seat *seat = world->group->seats; seat < seats_end(); seat++)
		if (seat->state != SEAT_FREE && seat->number > behind && (!found || seat->number < found->number))
			found = seat;
	return found;
}

static void assign(size_t count)
{
	uint32_t shards = world->plan->shard_count, next = 0;
	struct seat *seat = NULL;
	for (size_t i = 0; i < count; i++) {
		seat = next_seat(seat ? seat->number : 0);
		uint32_t share = shards / (uint32_t)count + (i < shards % count);
		seat->state = SEAT_ASSIGNED;
		seat->told = false;
		seat->tell_at_us = world->now_us + chance_between(&world->chance, 0, SPREAD_US);
		for (seat->count = 0; seat->count < share; seat->count++)
			seat->partitions[seat->count] = (int32_t)next++;
	}
	world->group->spreading = false;
}

void group_run(void)
{
	size_t count = 0, joined = 0;
	if (world->group->seated == 0) /* no fleet */
		return;
	for (struct seat *seat = world->group->seats; seat < seats_end(); seat++)
		if (seat->state != SEAT_FREE)
			expire(seat);
	for (const struct seat *seat = world->group->seats; seat < seats_end(); seat++) {
		count += seat->state != SEAT_FREE;
		joined += seat->state == SEAT_JOINED && seat->silent_from_us == NEVER_US;
	}
	if (world->group->spreading && count && joined == count && world->now_us >= world->group->assign_at_us)
		assign(count);
}

static void silence(struct membership *membership, int64_t until_us)
{
	struct seat *seat = membership->seat;
	if (until_us > membership->deaf_until_us)
		membership->deaf_until_us = until_us;
	if (!seat)
		return;
	if (seat->silent_from_us == NEVER_US)
		seat->silent_from_us = world->now_us;
	seat->silent_until_us = membership->deaf_until_us;
}

void group_silence(const struct member *member, int64_t until_us)
{
	for (struct seat *seat = world->group->seats; seat < seats_end(); seat++)
		if (seat->state != SEAT_FREE && seat->client && seat->client->owner == member)
			silence(seat->client, until_us);
}

bool group_settled(size_t count)
{
	size_t settled = 0, seats = 0;
	for (const struct seat *seat = world->group->seats; seat < seats_end(); seat++) {
		seats += seat->state != SEAT_FREE;
		settled += seat->state == SEAT_ASSIGNED && seat->told;
	}
	return !world->group->spreading && seats == count && settled == count;
}

struct member *group_owner(uint32_t shard)
{
	for (const struct seat *seat = world->group->seats; seat < seats_end(); seat++)
		for (size_t i = 0; seat->state == SEAT_ASSIGNED && i < seat->count; i++)
			if (seat->partitions[i] == (int32_t)shard && seat->client)
				return seat->client->owner;
	return NULL;
}

/* ---- daemon/kafka/membership.h ---- */

enum result membership_new(
	const struct membership_options *options, char *error, size_t error_size, struct membership **ret_membership)
{
	(void)error;
	(void)error_size;
	struct membership *membership = *ret_membership = NEW(struct membership);
	membership->owner = world->current;
	world->group->session_us = options->session_ms * 1000;
	sit_down(membership);
	return RESULT_OK;
}

static enum membership_news tell_assigned(struct membership *membership)
{
	const struct seat *seat = membership->seat;
	membership->count = seat->count;
	memcpy(membership->partitions, seat->partitions, sizeof membership->partitions);
	TRACE("member %d is assigned %zu shards from %d on", member_number(membership->owner), seat->count,
		(int)seat->partitions[0]);
	return MEMBERSHIP_ASSIGNED;
}

/* Out of the group: who had nothing joins again without a word. */
static enum membership_news tell_lost(struct membership *membership)
{
	if (!membership->lost) {
		if (!membership->releasing)
			sit_down(membership);
		return MEMBERSHIP_NOTHING;
	}
	membership->lost = false;
	membership->releasing = true;
	world_rare(RARE_SESSION_LOST);
	TRACE("member %d is told that it lost its session", member_number(membership->owner));
	return MEMBERSHIP_LOST;
}

enum membership_news membership_poll(struct membership *membership, int timeout_ms)
{
	(void)timeout_ms;
	struct seat *seat = membership->seat;
	if (world->now_us < membership->deaf_until_us)
		return MEMBERSHIP_NOTHING;
	group_run();
	seat = membership->seat;
	if (!seat)
		return tell_lost(membership);
	if (seat->told || world->now_us < seat->tell_at_us || seat->state == SEAT_JOINED)
		return MEMBERSHIP_NOTHING;
	seat->told = true;
	if (seat->state == SEAT_ASSIGNED)
		return tell_assigned(membership);
	membership->releasing = true;
	TRACE("member %d is asked to give up its shards", member_number(membership->owner));
	return MEMBERSHIP_REVOKED;
}

const int32_t *membership_partitions(const struct membership *membership, size_t *ret_count)
{
	*ret_count = membership->count;
	return membership->partitions;
}

void membership_release(struct membership *membership)
{
	if (!membership->releasing)
		return;
	membership->releasing = false;
	membership->count = 0;
	if (membership->seat && membership->seat->state == SEAT_REVOKING)
		membership->seat->state = SEAT_JOINED;
}

const char *membership_error(const struct membership *membership)
{
	(void)membership;
	return "";
}

/* A word of leaving does not get through from who is dead or cut off: its session has to end. */
void membership_free(struct membership *membership)
{
	if (!membership)
		return;
	struct seat *seat = membership->seat;
	bool silent = member_is_dying(membership->owner) || world->now_us < membership->deaf_until_us;
	if (seat && silent) {
		silence(membership, NEVER_US);
		seat->client = NULL;
	} else if (seat) {
		stand_up(seat);
	}
	mem_free(membership);
}
