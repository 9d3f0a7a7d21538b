#include "daemon/fleet/fence.h"

void fence_init(struct fence *fence, uint64_t config_hash)
{
	*fence = (struct fence){.config_hash = config_hash, .token = FENCE_NONE, .previous = FENCE_NONE};
	buf_init(&fence->records);
}

void fence_release(struct fence *fence)
{
	if (fence)
		buf_release(&fence->records);
}

static enum fence_news take_claim(struct fence *fence, int64_t offset, const struct entry_claim *claim)
{
	fence->previous = fence->token;
	fence->token = offset;
	fence->foreign = claim->config_hash != fence->config_hash;
	fence->broken = false;
	memcpy(fence->member, claim->member.data, claim->member.length);
	fence->member[claim->member.length] = '\0';
	fence->claim = *claim;
	fence->claim.member = str_of(fence->member);
	fence->next_number = 0;
	fence->next_piece = 0;
	return FENCE_CLAIMED;
}

static bool follows(const struct fence *fence, const struct entry_piece *piece)
{
	bool next = piece->number == fence->next_number && piece->piece == fence->next_piece;
	return next && (piece->whole || piece->number > 0);
}

static enum fence_news take_piece(struct fence *fence, const struct entry *entry)
{
	const struct entry_piece *piece = &entry->piece;
	if (fence->token == FENCE_NONE)
		return FENCE_UNCLAIMED;
	if (piece->token != fence->token)
		return FENCE_STALE;
	if (fence->foreign)
		return FENCE_FOREIGN;
	if (fence->broken || !follows(fence, piece)) {
		fence->broken = true;
		return FENCE_BROKEN;
	}
	/* What was let through with the batch before goes with the first piece of the next. */
	if (piece->piece == 0)
		buf_clear(&fence->records);
	buf_put_str(&fence->records, entry->records);
	fence->next_piece++;
	if (!piece->last)
		return FENCE_NOTHING;
	fence->next_number++;
	fence->next_piece = 0;
	fence->whole = piece->whole;
	fence->head = entry->head;
	fence->known = true;
	return FENCE_BATCH;
}

enum fence_news fence_take(struct fence *fence, int64_t offset, struct str bytes)
{
	struct entry entry;
	if (entry_read(bytes, &entry) != RESULT_OK)
		return FENCE_DAMAGED;
	if (entry.kind == ENTRY_CLAIM)
		return take_claim(fence, offset, &entry.claim);
	if (entry.kind == ENTRY_BATCH)
		return take_piece(fence, &entry);
	fence->end = entry.end > fence->end ? entry.end : fence->end;
	return FENCE_ENDED;
}
