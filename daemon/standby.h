/* Waiting until this process is the active one of its name, before it opens its checkpoints.
 *
 *              the lease is ours, or Redis        the store is open
 *              is not there at the start
 *     WAITING ------------------------> LOCKED ---------------------> KEEPING (a thread renews the lease
 *        ^                                |                              while the checkpoints are loaded)
 *        +---- another has the lease -----+
 *
 * Who holds the lease shows the lock of its checkpoint directory (writer_show_place). A process on the same directory that gets that lock knows
 * that the holder is gone, and takes the lease without waiting for it to run out: so a restart after a crash is as fast as one after an end.
 *
 * While it waits it is ready for systemd, feeds its watchdog, and says whom it waits for. Redis that is not there does not keep a process
 * from counting: then the lock of the checkpoint directory decides, and when Redis is back, the lease. */
#ifndef DAEMON_STANDBY_H
#define DAEMON_STANDBY_H

#include "base/result.h"
#include "config/config.h"
#include "daemon/redis/writer.h"

#include <pthread.h>
#include <stdatomic.h>

struct standby {
	struct writer *writer; /* borrowed; nobody else uses it from standby_wait to standby_end */
	pthread_t thread;
	bool keeping;
	_Atomic bool done;
};

struct standby_needs {
	const struct config *config;
	const char *instance; /* writer.h */
	/* Looked at several times a second: RESULT_CLOSED. */
	bool (*interrupted)(void *context);
	void *interrupted_context;
	const char *lock; /* the file that one process at a time can lock, by opening the store; NULL: there is none */
	/* Opens the store. RESULT_CONFLICT: another process has it, as the sentence in `problem` says; it is tried again. */
	enum result (*open)(void *context, char *problem, size_t problem_size);
	void *open_context;
};

/* Waits. RESULT_OK: active, with an open store, and the lease is kept until standby_end; RESULT_CLOSED: interrupted; else what `open` gave,
 * with its sentence logged. */
MUST_CHECK enum result standby_wait(struct standby *standby, struct writer *writer, const struct standby_needs *needs);
/* A thread polls the writer until standby_end, so that the lease stays while nobody else does: while checkpoints are loaded, or the last
 * ones are written. */
void standby_keep(struct standby *standby);
void standby_end(struct standby *standby);

#endif
