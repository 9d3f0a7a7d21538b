#include "daemon/kafka/ends.h"

#include "base/check.h"
#include "base/mem.h"

#include <pthread.h>
#include <unistd.h>

/* So that a dead leader holds up the next request, and the end of the process, for no longer. */
#define ANSWER_TIMEOUT_MS 1000

/* IDLE --ask--> ASKED --the thread--> ANSWERED --take--> IDLE; anything --free--> CLOSING */
enum phase { IDLE, ASKED, ANSWERED, CLOSING };

struct ends {
	rd_kafka_t *handle;
	int event_fd;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	enum phase phase;
	struct end_row *rows; /* the thread's while ASKED, else the owner's */
	size_t count, capacity;
	int64_t now_ms;
};

/* A "timestamp" of -1 asks for the end as the isolation level sees it, -2 for the beginning. */
static void ask_bound(struct ends *ends, int64_t which)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)ends->count);
	for (size_t i = 0; i < ends->count; i++)
		if (which == RD_KAFKA_OFFSET_END || ends->rows[i].want_earliest)
			rd_kafka_topic_partition_list_add(list, ends->rows[i].topic, ends->rows[i].partition)->offset =
				which;
	bool answered = list->cnt > 0 && !rd_kafka_offsets_for_times(ends->handle, list, ANSWER_TIMEOUT_MS);
	for (size_t i = 0; answered && i < ends->count; i++) {
		struct end_row *row = &ends->rows[i];
		rd_kafka_topic_partition_t *found =
			rd_kafka_topic_partition_list_find(list, row->topic, row->partition);
		if (!found || found->err || found->offset < 0)
			continue;
		if (which == RD_KAFKA_OFFSET_END)
			row->end = found->offset;
		else
			row->earliest = found->offset;
	}
	rd_kafka_topic_partition_list_destroy(list);
}

static void answer(struct ends *ends)
{
	ask_bound(ends, RD_KAFKA_OFFSET_END);
	ask_bound(ends, RD_KAFKA_OFFSET_BEGINNING);
}

static void tell(const struct ends *ends)
{
	uint64_t one = 1;
	ssize_t written = write(ends->event_fd, &one, sizeof one);
	(void)written; /* fails only when the counter is full, and then it is readable */
}

static void *run(void *context)
{
	struct ends *ends = context;
	pthread_mutex_lock(&ends->lock);
	while (ends->phase != CLOSING) {
		if (ends->phase != ASKED) {
			pthread_cond_wait(&ends->changed, &ends->lock);
			continue;
		}
		pthread_mutex_unlock(&ends->lock);
		answer(ends);
		pthread_mutex_lock(&ends->lock);
		if (ends->phase == ASKED)
			ends->phase = ANSWERED;
		pthread_cond_broadcast(&ends->changed);
		tell(ends);
	}
	pthread_mutex_unlock(&ends->lock);
	return NULL;
}

struct ends *ends_new(rd_kafka_t *handle, int event_fd)
{
	struct ends *ends = NEW(struct ends);
	ends->handle = handle;
	ends->event_fd = event_fd;
	pthread_mutex_init(&ends->lock, NULL);
	pthread_cond_init(&ends->changed, NULL);
	int failed = pthread_create(&ends->thread, NULL, run, ends);
	CHECK(!failed);
	return ends;
}

static enum phase phase_now(struct ends *ends)
{
	pthread_mutex_lock(&ends->lock);
	enum phase phase = ends->phase;
	pthread_mutex_unlock(&ends->lock);
	return phase;
}

bool ends_busy(struct ends *ends)
{
	return phase_now(ends) != IDLE;
}

static void set_phase(struct ends *ends, enum phase phase)
{
	pthread_mutex_lock(&ends->lock);
	ends->phase = phase;
	pthread_cond_broadcast(&ends->changed);
	pthread_mutex_unlock(&ends->lock);
}

bool ends_ask(struct ends *ends, const struct end_row *rows, size_t count, int64_t now_ms)
{
	if (ends_busy(ends))
		return false;
	if (count > ends->capacity) {
		ends->rows = mem_resize(ends->rows, count, sizeof *rows);
		ends->capacity = count;
	}
	for (size_t i = 0; i < count; i++) {
		ends->rows[i] = rows[i];
		ends->rows[i].end = ends->rows[i].earliest = -1;
	}
	ends->count = count;
	ends->now_ms = now_ms;
	set_phase(ends, ASKED);
	return true;
}

const struct end_row *ends_take(struct ends *ends, size_t *ret_count, int64_t *ret_now_ms)
{
	if (phase_now(ends) != ANSWERED)
		return NULL;
	set_phase(ends, IDLE);
	*ret_count = ends->count;
	*ret_now_ms = ends->now_ms;
	return ends->rows;
}

void ends_drain(struct ends *ends)
{
	pthread_mutex_lock(&ends->lock);
	while (ends->phase == ASKED)
		pthread_cond_wait(&ends->changed, &ends->lock);
	ends->phase = IDLE;
	pthread_mutex_unlock(&ends->lock);
}

void ends_free(struct ends *ends)
{
	if (!ends)
		return;
	set_phase(ends, CLOSING);
	pthread_join(ends->thread, NULL);
	pthread_mutex_destroy(&ends->lock);
	pthread_cond_destroy(&ends->changed);
	mem_free(ends->rows);
	mem_free(ends);
}
