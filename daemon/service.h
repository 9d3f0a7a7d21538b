/* One run of the daemon: from a configuration to threads that work, and back to nothing.
 *
 * Start: writer, the lease in Redis (or waiting for it), checkpoint directory, topics, shards, fingerprints, saver, workers, publishing. Stop: workers (each with a last checkpoint),
 * publishing (which drains), saver, then memory. Nothing outlives service_stop. */
#ifndef DAEMON_SERVICE_H
#define DAEMON_SERVICE_H

#include "config/config.h"
#include "daemon/redis/writer.h"

struct service;

/* What is looked at while it waits. */
struct service_waits {
	bool (*cancelled)(void *context); /* for brokers: whether it shall end */
	bool (*interrupted)(
		void *context); /* as a standby: whether it shall end, or start again with another configuration */
	void *context;
};

/* What outlives a run: of the process. */
struct service_past {
	const char *instance;       /* writer.h: the same for all runs */
	struct writer_stats counts; /* of the runs before */
};

/* Starts, as soon as no other process with this name is active. RESULT_CLOSED: cancelled or interrupted. RESULT_CONFLICT: somebody must do
 * something first (it was logged). `past` must outlive the service, whose counts are added to it at the end. */
MUST_CHECK enum result service_start(const struct config *config, const struct service_waits *waits,
	struct service_past *past, struct service **ret_service);
/* Called a few times a second by the main thread. RESULT_OK: it works; RESULT_CONFLICT, RESULT_IO: it cannot go on (logged);
 * RESULT_CLOSED: the topics have changed, or another process is active now: start again. */
MUST_CHECK enum result service_watch(struct service *service);
/* Milliseconds until it should be called next. */
int service_turn_ms(const struct service *service);
/* All threads had a turn not long ago. */
bool service_alive(const struct service *service);
/* A sentence for people: "caught up, 12,345 records, 4 shards". */
void service_status(const struct service *service, char *text, size_t size);
/* All events that count up to now lie before it. */
int64_t service_end(const struct service *service);
/* False where the last checkpoint could not be written whole. *ret_end (may be NULL): service_end as it was at last. `goes_on`: this process
 * starts again at once, so it keeps the lease; else a standby may take over now. */
bool service_stop(struct service *service, bool goes_on, int64_t *ret_end);

#endif
