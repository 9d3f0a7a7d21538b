/* The world outside of kpid, as a simulation: one steady clock, and what breaks at which time. All of it follows from a seed.
 *
 * The real daemon's code is linked against it: where the daemon asks for the time, waits, talks to Kafka, to Redis or to a checkpoint
 * store, it gets here. Nothing runs at the same time; time moves only when somebody waits for it. There is one world a run. */
#ifndef TESTS_SIMULATOR_WORLD_H
#define TESTS_SIMULATOR_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- random numbers, the same on every machine ---- */

struct chance {
	uint64_t state;
};

struct chance chance_of(uint64_t seed, uint64_t stream);
uint64_t chance_next(struct chance *chance);
/* low to high, both included. */
int64_t chance_between(struct chance *chance, int64_t low, int64_t high);
bool chance_percent(struct chance *chance, unsigned percent);

/* ---- what happens rarely and must happen in a run of many seeds ---- */

#define RARE_PATHS(X)                                                                       \
	X(CRASH, "a process died")                                                          \
	X(STOP, "a process ended in order")                                                 \
	X(ZOMBIE, "an old process went on beside a new one")                                \
	X(FENCED, "an older process was fenced off")                                        \
	X(HELD_UP, "what a process had sent to Redis came after its connection was gone")   \
	X(REFUSED_OLDER, "Redis refused a write older than what stands there")              \
	X(REFUSED_TOKEN, "Redis refused a write with an older token")                       \
	X(META_REFUSED, "Redis refused a kpi:meta of an older token")                       \
	X(META_LATE, "Redis refused a kpi:meta that came after a newer one")                \
	X(SNAPSHOT_GAP, "a snapshot's change met another write than it builds on")          \
	X(LARGE, "a large change was written by a transaction")                             \
	X(BOARD_GAP, "a board's change met another write than it builds on")                \
	X(LOSS, "a writer found that Redis had lost what it had acknowledged")              \
	X(REPUBLISHED, "everything was written again")                                      \
	X(WANTED, "a single key was asked for whole")                                       \
	X(SWEPT, "a leftover was removed from Redis")                                       \
	X(SCRIPTS_LOST, "Redis had forgotten the scripts")                                  \
	X(HELD, "Redis took no writes for a while")                                         \
	X(CONNECTION_LOST, "a connection to Redis broke")                                   \
	X(REDIS_EMPTY, "Redis came back empty")                                             \
	X(REDIS_ROLLBACK, "Redis came back as it was before")                               \
	X(KEY_DAMAGED, "a key was deleted or damaged in Redis")                             \
	X(CHECKPOINT_LOADED, "a start read on from a checkpoint")                           \
	X(CHECKPOINT_OLDER, "the newest checkpoint was torn, an older one was used")        \
	X(CHECKPOINT_FAILED, "a checkpoint could not be written")                           \
	X(CHECKPOINT_LOST, "a process died with a checkpoint not yet written")              \
	X(CHECKPOINT_STALE, "a checkpoint of an older process was passed over")             \
	X(GAP, "records were gone before they were read")                                   \
	X(FETCH_ERROR, "a partition answered with an error")                                \
	X(CLOCK_STEP, "the clock on the wall was set")                                      \
	X(DEAD_LETTER, "a dead letter was written")                                         \
	X(DEAD_LETTER_AGAIN, "a dead letter was written once more after a crash")           \
	X(DEAD_LETTER_LOST, "a process died with dead letters under way")                   \
	X(DEAD_LETTERS_LATE, "dead letters were not acknowledged in time for a checkpoint") \
	X(LATE, "an event was late")                                                        \
	X(CONFLICT, "an id came with two contents")                                         \
	X(RETRACTED, "an event was retracted")                                              \
	X(WAITED, "an event lay beyond the end")                                            \
	X(SHOWN_BEHIND, "an end was shown while the next was read")                         \
	X(FLEET_SPREAD, "a member of a fleet took up shards")                               \
	X(STALE_BATCH, "a fleet's batch of an earlier owner was ignored")                   \
	X(FLOOR_AWAITED, "a new owner of a shard had to wait for where the last one stood") \
	X(WHOLE_REPLACED, "all that was known of a shard was replaced")                     \
	X(CLAIM_LOST, "a member saw another's claim behind its own")                        \
	X(STATE_KEPT, "a shard's state stayed in memory from one assignment to the next")   \
	X(TAKEOVER, "another member of a fleet took over publishing")                       \
	X(SESSION_LOST, "a member lost its session, and was told later")                    \
	X(BATCH_BROKEN, "a piece of a fleet's batch was missing")                           \
	X(FLEET_REJOINED, "a member joined its fleet anew by itself")                       \
	X(ORACLE, "the Python oracle compared the figures")

enum rare {
#define RARE_ENUM(name, sentence) RARE_##name,
	RARE_PATHS(RARE_ENUM)
#undef RARE_ENUM
		RARE_COUNT
};

extern const char *const rare_sentences[RARE_COUNT];

/* ---- the world ---- */

#define NEVER_US INT64_MAX

struct plan;
struct sim_log;
struct sim_redis;
struct sim_checkpoints;
struct sim_letters;
struct sim_partials;
struct sim_group;
struct member;

struct world {
	const struct plan *plan;
	int64_t now_us;       /* steady */
	int64_t start_ms;     /* the true wall clock at now_us 0 */
	int64_t skew_ms;      /* what the machine's wall clock is ahead of the true one */
	struct chance chance; /* of all that the plan does not say: delays, who has the next turn */
	size_t faults_done;   /* of plan->faults */
	struct sim_log *log;
	struct sim_redis *redis;
	struct sim_checkpoints *checkpoints;
	struct sim_letters *letters;
	struct sim_partials *partials;
	struct sim_group *group;
	int publisher;          /* the member of a fleet that published last; 0: none */
	uint64_t randoms;       /* given out */
	struct member *current; /* whose code is running */
	bool trace;
	uint64_t rare[RARE_COUNT];
	char failure[512]; /* the first thing found wrong; empty: none */
};

extern struct world *world;

/* Time moves on: what is due by then happens, in order. */
void world_advance(int64_t until_us);
int64_t world_true_ms(void);
/* How long a thread waits that may as well be woken earlier. */
int64_t world_wait_us(int64_t most_us);
static inline void world_rare(enum rare rare)
{
	world->rare[rare]++;
}
/* Something is wrong; the first one stays. */
void world_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
void world_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
#define TRACE(...)                              \
	do {                                    \
		if (world->trace)               \
			world_say(__VA_ARGS__); \
	} while (0)

#endif
