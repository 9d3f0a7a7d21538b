#include "daemon/batch.h"

#include "base/check.h"
#include "base/mem.h"

struct batch *batch_new(size_t position_count)
{
	struct batch *batch = NEW(struct batch);
	buf_init(&batch->records);
	batch->positions = NEW_ARRAY(struct input_position, position_count);
	batch->position_count = position_count;
	return batch;
}

void batch_free(struct batch *batch)
{
	if (!batch)
		return;
	buf_release(&batch->records);
	mem_free(batch->positions);
	mem_free(batch);
}

void mailbox_init(struct mailbox *mailbox)
{
	*mailbox = (struct mailbox){0};
	pthread_mutex_init(&mailbox->lock, NULL);
}

void mailbox_post(struct mailbox *mailbox, struct batch *batch)
{
	pthread_mutex_lock(&mailbox->lock);
	if (mailbox->last)
		mailbox->last->following = batch;
	else
		mailbox->first = batch;
	mailbox->last = batch;
	mailbox->bytes += batch->records.length;
	pthread_mutex_unlock(&mailbox->lock);
	if (mailbox->wake)
		mailbox->wake(mailbox->context);
}

struct batch *mailbox_take_first(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	struct batch *taken = mailbox->first;
	if (taken) {
		mailbox->first = taken->following;
		mailbox->last = mailbox->first ? mailbox->last : NULL;
		mailbox->bytes -= taken->records.length;
		taken->following = NULL;
	}
	pthread_mutex_unlock(&mailbox->lock);
	return taken;
}

struct batch *mailbox_take(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	struct batch *taken = mailbox->first;
	mailbox->first = mailbox->last = NULL;
	mailbox->bytes = 0;
	pthread_mutex_unlock(&mailbox->lock);
	return taken;
}

size_t mailbox_bytes(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	size_t bytes = mailbox->bytes;
	pthread_mutex_unlock(&mailbox->lock);
	return bytes;
}

void mailbox_release(struct mailbox *mailbox)
{
	struct batch *batch = mailbox_take(mailbox);
	while (batch) {
		struct batch *following = batch->following;
		batch_free(batch);
		batch = following;
	}
	pthread_mutex_destroy(&mailbox->lock);
}
