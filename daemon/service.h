/* One run of the daemon: from a configuration to threads that work, and back to nothing.
 *
 * Start: checkpoint directory, writer, topics, shards, fingerprints, saver, workers, publishing. Stop: workers (each with a last checkpoint),
 * publishing (which drains), saver, then memory. Nothing outlives service_stop. */
#ifndef DAEMON_SERVICE_H
#define DAEMON_SERVICE_H

#include "config/config.h"

struct service;

/* Starts. `cancel` is looked at while it waits for brokers: RESULT_CLOSED. RESULT_CONFLICT: somebody must do something first (it was logged). */
MUST_CHECK enum result service_start(
	const struct config *config, bool (*cancel)(void *), void *context, struct service **ret_service);
/* Called a few times a second by the main thread. RESULT_OK: it works; RESULT_CONFLICT, RESULT_IO: it cannot go on (logged);
 * RESULT_CLOSED: the topics have changed, start again. */
MUST_CHECK enum result service_watch(struct service *service);
/* Milliseconds until it should be called next. */
int service_turn_ms(const struct service *service);
/* All threads had a turn not long ago. */
bool service_alive(const struct service *service);
/* A sentence for people: "caught up, 12,345 records, 4 shards". */
void service_status(const struct service *service, char *text, size_t size);
/* All events that count up to now lie before it. */
int64_t service_end(const struct service *service);
/* False where the last checkpoint could not be written whole. *ret_end (may be NULL): service_end as it was at last. */
bool service_stop(struct service *service, int64_t *ret_end);

#endif
