/* What a member writes into its fleet's log. */
#include "base/log.h"
#include "daemon/fleet_inside.h"

/* Entries that the brokers have not acknowledged: beyond that the outbox waits. A piece is at most half a megabyte. */
#define UNDER_WAY_MAX 64
#define SEND_TIMEOUT_MS 1000

static void send_bytes(struct fleet *fleet, uint32_t partition)
{
	struct kafka_record record = {
		.topic = fleet->topic, .partition = (int32_t)partition, .value = buf_str(&fleet->bytes)};
	enum result result = producer_send(fleet->producer, &record, SEND_TIMEOUT_MS);
	if (result == RESULT_OK)
		return;
	/* Later pieces would not follow on: all owners must say everything anew. */
	if (fleet_fail(fleet, RESULT_CLOSED))
		log_error("cannot write to %s: %s; joining the fleet anew", fleet->topic, result_text(result));
}

static void send_claims(struct fleet *fleet)
{
	for (uint32_t s = 0; s < fleet->shard_count; s++) {
		struct fleet_own *own = &fleet->own[s];
		if (!own->wanted || own->nonce)
			continue;
		own->nonce = ++fleet->nonces;
		buf_clear(&fleet->bytes);
		entry_put_claim(&fleet->bytes,
			&(struct entry_claim){str_of(fleet->member), own->nonce, fleet->config_hash, fleet->joined_ms});
		send_bytes(fleet, s);
	}
}

static void send_end(struct fleet *fleet)
{
	int64_t wanted = atomic_load(&fleet->control->wanted_end);
	if (wanted <= atomic_load(&fleet->control->end) || wanted <= fleet->sent_end)
		return;
	fleet->sent_end = wanted;
	buf_clear(&fleet->bytes);
	entry_put_end(&fleet->bytes, wanted);
	send_bytes(fleet, 0);
}

static void fill_head(const struct fleet *fleet, const struct batch *batch, struct entry_head *head)
{
	head->status = batch->status;
	head->publishing_token = (uint64_t)atomic_load(&fleet->control->token);
	head->position_count = batch->position_count;
	memcpy(head->positions, batch->positions, batch->position_count * sizeof *batch->positions);
	memcpy(head->refused, batch->refused, sizeof head->refused);
}

static void send_pieces(struct fleet *fleet, const struct batch *batch, const struct fleet_own *own)
{
	struct entry_head head;
	struct str left = buf_str(&batch->records);
	struct entry_piece piece = {.token = own->token, .number = own->number, .whole = batch->whole};
	fill_head(fleet, batch, &head);
	for (; !piece.last; piece.piece++) {
		size_t length = left.length < ENTRY_RECORDS_MAX ? left.length : ENTRY_RECORDS_MAX;
		piece.last = length == left.length;
		buf_clear(&fleet->bytes);
		entry_put_piece(&fleet->bytes, &piece, &head, (struct str){left.data, length});
		send_bytes(fleet, batch->status.shard);
		left = (struct str){left.data + length, left.length - length};
	}
}

/* What was posted before the claim came back is not said: the first batch of a claim is whole. */
static void send_batch(struct fleet *fleet, const struct batch *batch)
{
	struct fleet_own *own = &fleet->own[batch->status.shard];
	if (own->token == FENCE_NONE || (own->number == 0 && !batch->whole))
		return;
	send_pieces(fleet, batch, own);
	own->number++;
}

void fleet_send(struct fleet *fleet)
{
	struct batch *batch;
	send_claims(fleet);
	send_end(fleet);
	while (producer_poll(fleet->producer, 0) < UNDER_WAY_MAX && (batch = mailbox_take_first(&fleet->outbox))) {
		send_batch(fleet, batch);
		batch_free(batch);
	}
	if (producer_failed(fleet->producer) > 0 && fleet_fail(fleet, RESULT_CLOSED))
		log_error("an entry was not written to %s; joining the fleet anew", fleet->topic);
}

void fleet_claim(struct fleet *fleet, const int32_t *shards, size_t count)
{
	pthread_mutex_lock(&fleet->lock);
	for (size_t i = 0; i < count; i++)
		fleet->own[shards[i]] = (struct fleet_own){.wanted = true, .token = FENCE_NONE};
	pthread_mutex_unlock(&fleet->lock);
	consumer_wake(fleet->tail);
}

void fleet_give_up(struct fleet *fleet)
{
	struct batch *batch;
	pthread_mutex_lock(&fleet->lock);
	for (uint32_t s = 0; s < fleet->shard_count; s++)
		fleet->own[s] = (struct fleet_own){.token = FENCE_NONE};
	while ((batch = mailbox_take_first(&fleet->outbox)))
		batch_free(batch);
	pthread_mutex_unlock(&fleet->lock);
}
