/* The publishing thread: adds the shards' totals, decides up to when they count, evaluates, and writes to Redis.
 *
 * `end` (pipeline/window.h) is announced here and only rises. Once caught up it follows the wall clock; while behind it goes ahead of what was
 * read in strides that take about two seconds, and nothing is published before every shard has read all of the stride: so a
 * process that catches up never shows a dip that did not happen. */
#ifndef DAEMON_PUBLISHING_H
#define DAEMON_PUBLISHING_H

#include "daemon/control.h"
#include "daemon/redis/writer.h"
#include "pipeline/publish/publisher.h"

#include <pthread.h>

/* Fields of kpi:meta, but for those that the writer adds. */
#define PUBLISHING_META_MAX 40

struct shard_input {
	struct input_position *positions;
	size_t position_count;
	int64_t as_of;
	uint64_t refused[32];
};

struct publishing {
	struct control *control;
	struct writer *writer; /* borrowed */
	pthread_t thread;
	bool started;
	uint32_t shard_count;
	struct merge *merge;
	struct publisher *publisher;
	struct publication_sink sink;
	struct calendar calendar;
	struct window_spans spans;
	struct evaluation evaluation;
	struct shard_input *inputs; /* by shard */
	int64_t end;                /* announced before this turn */
	int64_t stride;             /* ms, while behind */
	int64_t announced_us;
	int64_t published_end;             /* all figures of it were handed out; INT64_MIN: none yet */
	int64_t alerts_end;                /* the last end at which alerts were stepped */
	int64_t turn_us, refresh_us;       /* steady time of the last turn and of the last refresh */
	int64_t turn_took_us, turn_cpu_us; /* the last turn: of time, and of a processor */
	bool fresh;                        /* something was posted since the last turn */
	bool live;                         /* caught up with the wall clock */
	bool announce_live;                /* whether that was logged */
	bool announce_ahead;               /* that earlier_end is waited for was logged */
	bool have_token;
	uint64_t lease_term;        /* that the token was taken in (writer.h) */
	bool goes_on;               /* without the lease it merges on and waits for it; false: the run ends */
	uint64_t minimum_token;     /* the checkpoints' */
	struct buf earlier_offsets; /* what the writer before us had read: nothing older is published */
	int64_t earlier_end;        /* and up to when it had counted; INT64_MIN: not known */
	bool reached;               /* both */
	int64_t heard_ms;           /* control.heard_ms as it was before the newest batches were taken */
	int64_t started_ms;
	_Atomic int64_t beat_us;
	struct buf meta[PUBLISHING_META_MAX]; /* room for meta values */
};

void publishing_init(struct publishing *publishing, struct control *control, struct writer *writer,
	uint32_t shard_count, uint64_t minimum_token, int64_t end);
MUST_CHECK enum result publishing_start(struct publishing *publishing);
/* Waits for the thread, and for the acknowledgement of what was written: control.stop must be set, and all workers be joined. */
void publishing_join(struct publishing *publishing);
void publishing_release(struct publishing *publishing);

/* What the thread does again and again, for those who drive it without one. */
void publishing_turn(struct publishing *publishing);

/* publishing_end.c: how far figures may count now; announces a new end when there is one. */
void publishing_decide_end(struct publishing *publishing, int64_t wall_ms, int64_t now_us);
/* Notes in `reached` that what is merged is no older than what the writer before us has published: offsets, and the end, which goes back when
 * the clock does and the checkpoint is older. Logs, once, that the clock is waited for. */
void publishing_look_back(struct publishing *publishing, int64_t wall_ms, int64_t now_us);
/* Whether what was merged may be shown. */
bool publishing_may_show(const struct publishing *publishing);
/* publishing_meta.c: hands kpi:meta to the writer and ends the turn. */
void publishing_flush(struct publishing *publishing, int64_t wall_ms);
/* Whether all offsets in `offsets` (the text of kpi:meta's field) were read. */
bool publishing_reached(const struct publishing *publishing, struct str offsets);
/* How many records wait in Kafka. False as long as the end of a partition is not known. */
bool publishing_lag(const struct publishing *publishing, uint64_t *ret_records);

#endif
