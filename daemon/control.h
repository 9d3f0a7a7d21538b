/* What the threads of one run share beside the mailbox: each member says who writes it. */
#ifndef DAEMON_CONTROL_H
#define DAEMON_CONTROL_H

#include "config/config.h"
#include "daemon/batch.h"
#include "daemon/clock_skew.h"

#include <stdatomic.h>

/* Behind the wall clock by no more than this is caught up. */
#define CONTROL_LIVE_MS 10000

struct deaths;
struct saver;
struct writer;
struct writer_stats;

enum crew_order {
	CREW_WORK,
	CREW_PAUSE, /* come to an end, with a last checkpoint */
	CREW_DROP   /* come to an end; the shards are another process's by now */
};

struct control {
	const struct config *config; /* read-only */
	struct mailbox mailbox;      /* workers post, the publishing thread takes */
	struct mailbox *outbox;      /* a fleet: workers post here, and its log fills `mailbox` (fleet.h); else NULL */
	struct deaths *deaths;       /* records that ended kpid (checkpoint/deaths.h); the workers' */
	struct saver *saver;         /* workers hand checkpoints over */
	struct writer *writer;       /* only to be woken, when something was posted */
	const struct writer_stats *earlier; /* read-only: counts of earlier runs of this process; NULL: none */
	/* A fleet: adds its members, and counters, as JSON, for kpi:meta; `context` is the outbox's. */
	void (*put_fleet)(void *context, struct buf *instances, struct buf *counters);
	_Atomic int64_t
		end; /* the publishing thread, in a fleet the log: shards count what is before, and roll to it */
	_Atomic int64_t wanted_end; /* a fleet's publishing thread: what `end` should be, to be announced */
	_Atomic int64_t hear_ms; /* a fleet's publishing thread: steady time through which it must have heard the log */
	_Atomic int64_t heard_ms; /* the log: all that it held then lies in `mailbox` */
	_Atomic bool stop;        /* the main thread: all threads come to their end */
	_Atomic int crew;         /* enum crew_order, the main thread: what the workers are to do */
	_Atomic int failure; /* enum result, any thread: why the run cannot go on (it was logged); RESULT_OK: it can */
	_Atomic uint32_t checkpoints_failing; /* the main thread: shards whose last checkpoint could not be written */
	_Atomic int64_t checkpoint_ms; /* the main thread: every shard has a checkpoint not older; INT64_MIN: not yet */
	_Atomic int64_t clock_offset;  /* the main thread: of the broker's clock (clock_skew.h) */
	_Atomic int64_t token;         /* the publishing thread: the fencing token, for checkpoints */
};

/* Where workers post. */
static inline struct mailbox *control_posts(struct control *control)
{
	return control->outbox ? control->outbox : &control->mailbox;
}

static inline bool control_workers_stop(const struct control *control)
{
	return atomic_load(&control->stop) || atomic_load(&control->crew) != CREW_WORK;
}

/* Whether the wall clock is too far off the broker's: then as_of and `end` stand still. */
static inline bool control_clock_is_wrong(const struct control *control, int64_t wall_ms, int64_t steady_us)
{
	int64_t skew = clock_skew(atomic_load(&control->clock_offset), wall_ms, steady_us);
	return clock_is_wrong(skew, control->config->settings.clock_skew);
}

#endif
