/* The workers of a run: threads over a set of shards, from restored states to running workers, and back.
 *
 * A crew is made for the shards that `restored` holds, and takes them from there; crew_give_back returns them, so that another crew, over
 * another set of shards, can go on with what is still wanted. All calls come from the main thread. */
#ifndef DAEMON_CREW_H
#define DAEMON_CREW_H

#include "daemon/restore.h"
#include "daemon/worker.h"

struct crew {
	struct control *control;
	const struct topology *topology;
	struct worker *workers;
	size_t count;
};

/* Everything but the threads: clients, feeds, and the question whether the topics are still those of the checkpoints. Logs what is wrong:
 * RESULT_CONFLICT needs a hand. The crew is to be released in every case. */
MUST_CHECK enum result crew_make(struct crew *crew, struct control *control, const struct topology *topology,
	struct restored *restored, struct consumer *metadata);
MUST_CHECK enum result crew_start(struct crew *crew);
/* Waits for all threads, that were told to stop (control.h). */
void crew_join(struct crew *crew);
/* The states of the joined workers, with where they stand in their input. One that cannot be trusted (a dead letter was lost) is dropped. */
void crew_give_back(struct crew *crew, struct restored *restored);
/* The steady time of the longest-ago last turn of a worker; INT64_MAX without workers. */
int64_t crew_beat(const struct crew *crew);
void crew_release(struct crew *crew);

/* A consumer by the settings; `sharers` consumers share limits.kafka_queue_bytes. Logs why not: RESULT_CONFLICT. */
MUST_CHECK enum result crew_consumer(
	const struct settings *settings, size_t sharers, size_t slot_count, struct consumer **ret_consumer);

#endif
