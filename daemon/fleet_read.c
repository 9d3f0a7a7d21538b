/* What a member takes in from its fleet's log. */
#include "base/clock.h"
#include "base/log.h"
#include "daemon/fleet_inside.h"
#include "daemon/redis/writer.h"

/* Entries of one shard in one turn; and what may wait for the publishing thread. */
#define READ_MAX 256
#define INBOX_MAX (64u << 20)

static void raise_to(_Atomic int64_t *value, int64_t least)
{
	int64_t now = atomic_load(value);
	while (now < least && !atomic_compare_exchange_weak(value, &now, least))
		;
}

static void hand_on(struct fleet *fleet, const struct fence *fence)
{
	const struct entry_head *head = &fence->head;
	struct batch *batch = batch_new(head->position_count);
	batch->status = head->status;
	batch->whole = fence->whole;
	buf_put_str(&batch->records, buf_str(&fence->records));
	memcpy(batch->positions, head->positions, head->position_count * sizeof *head->positions);
	memcpy(batch->refused, head->refused, sizeof batch->refused);
	raise_to(&fleet->control->end, head->status.end);
	raise_to(&fleet->control->token, (int64_t)head->publishing_token);
	mailbox_post(&fleet->control->mailbox, batch);
	fleet->stats.batches++;
}

/* The member that came later has to go: two configurations must not publish side by side. */
static void judge_foreign(struct fleet *fleet, const struct entry_claim *claim)
{
	bool earlier = claim->joined_ms < fleet->joined_ms ||
		(claim->joined_ms == fleet->joined_ms && strcmp(claim->member.data, fleet->member) < 0);
	if (earlier && fleet_fail(fleet, RESULT_CONFLICT)) {
		log_error(
			"the fleet's member %s has another configuration (%016llx, not %016llx) and was there before; "
			"give all members the same one, and end them all before a change that concerns figures",
			claim->member.data, (unsigned long long)claim->config_hash,
			(unsigned long long)fleet->config_hash);
	} else if (!earlier && !fleet->said_foreign) {
		log_warning(
			"%s joined the fleet with another configuration; what it says is ignored", claim->member.data);
		fleet->said_foreign = true;
	}
}

static void take_claim(struct fleet *fleet, uint32_t shard, const struct fence *fence)
{
	struct fleet_own *own = &fleet->own[shard];
	bool ours = strcmp(fence->member, fleet->member) == 0;
	fleet->stats.claims++;
	if (fence->foreign)
		judge_foreign(fleet, &fence->claim);
	if (!ours || !own->nonce || fence->claim.nonce != own->nonce) {
		own->lost_us = own->token != FENCE_NONE ? clock_steady_us() : 0;
		return;
	}
	own->token = fence->token;
	own->previous = fence->previous;
	own->lost_us = 0;
}

/* Mostly that is another assignment, and the group will tell; until then what we say is stale, and is seen as such. But a claim of the owner
 * before may have been held up on its way until ours was written: it says nothing more, and nobody would hear us. */
void fleet_check_claims(struct fleet *fleet)
{
	int64_t patience_us = fleet->control->config->settings.session_timeout * 1000;
	for (uint32_t s = 0; s < fleet->shard_count; s++) {
		const struct fleet_own *own = &fleet->own[s];
		if (own->wanted && own->lost_us && clock_steady_us() - own->lost_us > patience_us &&
			fleet_fail(fleet, RESULT_CLOSED))
			log_warning(
				"%s has claimed shard %u, which the group gave to this member; joining the fleet anew",
				fleet->fences[s].member, s);
	}
}

static void take(struct fleet *fleet, uint32_t shard, const struct consumer_record *record)
{
	struct fence *fence = &fleet->fences[shard];
	switch (fence_take(fence, record->offset, record->value)) {
	case FENCE_CLAIMED:
		take_claim(fleet, shard, fence);
		break;
	case FENCE_BATCH:
		hand_on(fleet, fence);
		break;
	case FENCE_ENDED:
		raise_to(&fleet->control->end, fence->end);
		break;
	case FENCE_STALE:
		fleet->stats.stale++;
		break;
	case FENCE_FOREIGN:
		fleet->stats.foreign++;
		break;
	case FENCE_BROKEN:
		if (fleet_fail(fleet, RESULT_CLOSED))
			log_error(
				"a piece is missing in %s, partition %u; joining the fleet anew", fleet->topic, shard);
		break;
	case FENCE_DAMAGED:
		if (fleet->stats.damaged++ == 0)
			log_error("%s, partition %u, offset %lld: not an entry of this version of kpid", fleet->topic,
				shard, (long long)record->offset);
		break;
	case FENCE_NOTHING:
	case FENCE_UNCLAIMED:
		break;
	}
}

static bool read_shard(struct fleet *fleet, uint32_t shard)
{
	const struct consumer_slot *slot = consumer_peek(fleet->tail, shard);
	unsigned taken = 0;
	while (taken < READ_MAX && slot->state == CONSUMER_RECORD) {
		take(fleet, shard, slot->record);
		consumer_advance(fleet->tail, shard);
		taken++;
	}
	if (slot->state == CONSUMER_GAP && fleet_fail(fleet, RESULT_CLOSED))
		log_error("%s: %s; joining the fleet anew", fleet->topic, slot->error);
	return taken == READ_MAX;
}

/* Who begins to publish must know all that the one before could know: what the log held when it was asked for. */
static void listen(struct fleet *fleet)
{
	struct control *control = fleet->control;
	int64_t wanted = atomic_load(&control->hear_ms), through = INT64_MAX;
	if (atomic_load(&control->heard_ms) >= wanted)
		return;
	for (uint32_t s = 0; s < fleet->shard_count; s++) {
		int64_t one = consumer_peek(fleet->tail, s)->read_through;
		through = one < through ? one : through;
	}
	if (through < wanted) {
		consumer_check_end(fleet->tail, clock_steady_us() / 1000);
		return;
	}
	atomic_store(&control->heard_ms, through);
	writer_wake(control->writer);
}

void fleet_read(struct fleet *fleet)
{
	uint64_t batches = fleet->stats.batches;
	int64_t end = atomic_load(&fleet->control->end);
	bool more = false;
	for (uint32_t s = 0; s < fleet->shard_count && mailbox_bytes(&fleet->control->mailbox) < INBOX_MAX; s++)
		more |= read_shard(fleet, s);
	listen(fleet);
	if (more)
		consumer_wake(fleet->tail);
	if (fleet->stats.batches != batches || atomic_load(&fleet->control->end) != end)
		writer_wake(fleet->control->writer);
}

bool fleet_claimed(struct fleet *fleet)
{
	bool all = true;
	pthread_mutex_lock(&fleet->lock);
	for (uint32_t s = 0; s < fleet->shard_count; s++)
		all &= !fleet->own[s].wanted || fleet->own[s].token != FENCE_NONE;
	pthread_mutex_unlock(&fleet->lock);
	return all;
}

void fleet_shard(struct fleet *fleet, uint32_t shard, struct fleet_shard *ret_shard)
{
	pthread_mutex_lock(&fleet->lock);
	const struct fence *fence = &fleet->fences[shard];
	ret_shard->token = fleet->own[shard].token;
	ret_shard->previous = fleet->own[shard].previous;
	ret_shard->known = fence->known;
	ret_shard->head = fence->head;
	pthread_mutex_unlock(&fleet->lock);
}

static bool named_before(const struct fleet *fleet, uint32_t shard)
{
	for (uint32_t s = 0; s < shard; s++)
		if (strcmp(fleet->fences[s].member, fleet->fences[shard].member) == 0)
			return true;
	return false;
}

static void put_instances(const struct fleet *fleet, struct buf *out)
{
	buf_put_byte(out, '[');
	for (uint32_t s = 0; s < fleet->shard_count; s++)
		if (fleet->fences[s].token != FENCE_NONE && !named_before(fleet, s))
			buf_printf(out, "%s\"%s\"", out->length > 1 ? "," : "", fleet->fences[s].member);
	buf_put_byte(out, ']');
}

void fleet_put(void *context, struct buf *instances, struct buf *counters)
{
	struct fleet *fleet = context;
	pthread_mutex_lock(&fleet->lock);
	const struct fleet_stats *stats = &fleet->stats;
	put_instances(fleet, instances);
	buf_printf(counters,
		"{\"member\":\"%s\",\"claims\":%llu,\"batches\":%llu,\"stale\":%llu,\"foreign\":%llu,\"damaged\":%llu}",
		fleet->member, (unsigned long long)stats->claims, (unsigned long long)stats->batches,
		(unsigned long long)stats->stale, (unsigned long long)stats->foreign,
		(unsigned long long)stats->damaged);
	pthread_mutex_unlock(&fleet->lock);
}
