#include "daemon/batch.h"

#include "base/check.h"
#include "base/mem.h"

#include <time.h>

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
	pthread_condattr_t steady;
	*mailbox = (struct mailbox){0};
	pthread_mutex_init(&mailbox->lock, NULL);
	pthread_condattr_init(&steady);
	pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
	pthread_cond_init(&mailbox->filled, &steady);
	pthread_condattr_destroy(&steady);
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
	pthread_cond_signal(&mailbox->filled);
	pthread_mutex_unlock(&mailbox->lock);
}

struct batch *mailbox_take(struct mailbox *mailbox, int64_t deadline_us)
{
	struct timespec until = {deadline_us / 1000000, deadline_us % 1000000 * 1000};
	pthread_mutex_lock(&mailbox->lock);
	if (!mailbox->first)
		pthread_cond_timedwait(&mailbox->filled, &mailbox->lock, &until);
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

void mailbox_wake(struct mailbox *mailbox)
{
	pthread_mutex_lock(&mailbox->lock);
	pthread_cond_signal(&mailbox->filled);
	pthread_mutex_unlock(&mailbox->lock);
}

void mailbox_release(struct mailbox *mailbox)
{
	struct batch *batch = mailbox_take(mailbox, 0);
	while (batch) {
		struct batch *following = batch->following;
		batch_free(batch);
		batch = following;
	}
	pthread_cond_destroy(&mailbox->filled);
	pthread_mutex_destroy(&mailbox->lock);
}
