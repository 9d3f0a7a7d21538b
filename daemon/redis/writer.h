/* The writer to Redis: takes what publish hands out, writes it guarded and pipelined, and says when everything must be handed out again.
 *
 * Redis is a view. The writer keeps no copy of what it wrote, only which keys it knows to be right there, so its memory is bounded
 * by the number of keys. What cannot be written is dropped, the writer remembers that it must come again, and asks for it.
 *
 *              backoff is over          connected            greeted
 *     CLOSED ------------------> CONNECTING ------> GREETING --------> READY <-----------+
 *        ^                           |                 |                 | OOM, READONLY, | a probe was
 *        +--- error, silence of 5 s -+-----------------+-----------------+ MISCONF, ...   | written
 *        |                                                               v                |
 *        +------------------------------------------------------------- HELD -------------+
 *
 * With a URL of sentinels, before CONNECTING: SEEKING (connects to the next sentinel), then ASKING (which Redis is the master), each time
 * anew, and that Redis must say that it is one. READONLY ends a connection, so that it is asked again.
 *
 * Beside the state stands `fenced`: another writer has taken a higher token. From then on nothing is written, until a new token is taken.
 *
 * Guards. Every key carries token.as_of.revision of its last write, as fixed-width decimals; the revision is the writer's own and rises
 * with each write. A script refuses what is older, and takes a change of some fields only on top of exactly the write that it
 * builds on: otherwise the key was lost, damaged or rolled back, and is asked for whole (writer_next_wanted).
 *
 * Loss. Every flush ends with kpi:meta and the next sequence. When Redis has a lower one than it acknowledged, no token, or another
 * run id than before, all is wanted again (writer_begin_all). So it is after every new connection.
 *
 * The lease. Several processes may want to write; the one whose instance stands at <prefix>lease does, the others ask again and again.
 * It is asked for and renewed in writer_poll, as all else without blocking. Redis may forget it, or its holder be paused between a look
 * at it and a write: so it spares the processes each other, and the token above keeps the figures right.
 *
 * What the publisher's thread does, with all calls from that thread (only writer_wake may come from any):
 *
 *     while running:
 *         writer_poll(writer, until the next turn)            connects, sends, takes replies; writer_wake ends it
 *         if writer_fenced: stop
 *         if not writer_has_lease: no turn now; with another writer_lease_term than before: writer_take_token first
 *         if writer_state is not WRITER_READY or writer_busy: no turn now (figures are absolute: nothing is lost by waiting)
 *         all = writer_begin_all
 *         publisher_turn, publisher_alerts                    -> the sink
 *         if all: publisher_refresh_all, publisher_refresh_alerts; writer_end_all
 *         else publisher_refresh of keys * elapsed / redis.refresh    so that every key is written whole within redis.refresh:
 *                                                             the publisher's thread drives this round, the writer only sweeps
 *         writer_flush(writer, as_of, meta fields)
 *
 * Turns while not READY do no harm either: their changes are dropped and come with the next writer_begin_all. */
#ifndef DAEMON_REDIS_WRITER_H
#define DAEMON_REDIS_WRITER_H

#include "base/buf.h"
#include "base/result.h"
#include "pipeline/publish/publication.h"

struct writer;

struct writer_options {
	const char *url;        /* url.h */
	const char *prefix;     /* of every key: "kpi:" */
	int64_t sweep_ms;       /* leftovers are looked for this often (redis.refresh); 0: 60 s */
	int connect_timeout_ms; /* 0: 1 s */
	int command_timeout_ms; /* no reply for so long: the connection is given up; 0: 5 s */
};

enum writer_state {
	WRITER_CLOSED,
	WRITER_SEEKING,
	WRITER_ASKING,
	WRITER_CONNECTING,
	WRITER_GREETING,
	WRITER_READY,
	WRITER_HELD
};

/* Each rare path has a counter of its own. X(name): what it counts since the writer was made. */
#define WRITER_COUNTS(X)                                                                                 \
	X(connects)      /* connections that became READY */                                             \
	X(disconnects)   /* READY or HELD connections that were lost */                                  \
	X(failures)      /* attempts to connect that failed */                                           \
	X(flushes)       /* acknowledged */                                                              \
	X(writes)        /* acknowledged script calls: snapshots, boards, alerts, removals */            \
	X(fields)        /* fields and board entries in them */                                          \
	X(dropped)       /* changes not sent: not READY, or the key is wanted whole */                   \
	X(refused_older) /* guard: as_of or revision stands above */                                     \
	X(refused_token) /* guard: another writer's token stands above */                                \
	X(wanted)        /* keys asked for whole */                                                      \
	X(wanted_all)    /* times that all was asked for */                                              \
	X(losses)        /* Redis had lost or rolled back what it had acknowledged, or is another one */ \
	X(scripts_lost)  /* NOSCRIPT */                                                                  \
	X(key_errors)    /* keys of the wrong type, and other errors of one key */                       \
	X(holds)         /* OOM, READONLY, MISCONF, LOADING ... */                                       \
	X(swept)         /* leftovers removed: keys, members of boards, alerts */                        \
	X(leases)        /* times that the lease was gained, renewals not counted */                     \
	X(leases_lost)   /* times that another one had it, which was ours before */

struct writer_stats {
#define WRITER_COUNT(name) uint64_t name;
	WRITER_COUNTS(WRITER_COUNT)
#undef WRITER_COUNT
	uint64_t sequence; /* last acknowledged */
	uint64_t unacknowledged_bytes;
};

/* Adds the counts of `more`, and nothing else of it. */
void writer_stats_add(struct writer_stats *stats, const struct writer_stats *more);

/* Does not connect yet. RESULT_INVALID: the URL or the prefix, with a sentence in `error`. Ignores SIGPIPE for the process. */
MUST_CHECK enum result writer_new(
	const struct writer_options *options, char *error, size_t error_size, struct writer **ret_writer);

/* ---- at the start, each blocking for at most the command timeout; RESULT_UNREACHABLE while not connected: try again later ---- */

/* Connects if need be and waits until READY. RESULT_UNREACHABLE, RESULT_TIMEOUT; the reason stands in writer_problem. */
MUST_CHECK enum result writer_connect(struct writer *writer, int timeout_ms);
/* Takes the token max(Redis's, minimum) + 1. Nothing is written before a token was taken. Ends `fenced`. */
MUST_CHECK enum result writer_take_token(struct writer *writer, uint64_t minimum, uint64_t *ret_token);
/* One field of kpi:meta, as the last writer left it. RESULT_NOT_FOUND. */
MUST_CHECK enum result writer_get_meta(struct writer *writer, const char *field, struct buf *ret_value);
/* Calls back for each alert that is pending or firing, to be given to publisher_restore_alert. */
typedef void writer_alert_found(void *context, struct str fingerprint, struct alert alert);
MUST_CHECK enum result writer_load_alerts(struct writer *writer, writer_alert_found *found, void *context);

/* ---- the lease ---- */

#define LEASE_INSTANCE_LENGTH 16

struct writer_lease {
	const char *
		instance; /* LEASE_INSTANCE_LENGTH letters and digits: of this process alone, the same for all its writers */
	uint64_t config_hash; /* for others to see */
	int64_t life_ms;      /* so long after its last renewal the lease is free again */
};
struct lease_holder {
	char host[65];
	long pid;
	char config_hash[17]; /* hexadecimal */
	uint64_t place;       /* 0: none */
};

/* From now on the lease is asked for, and renewed once it is held; what is given is copied. */
void writer_want_lease(struct writer *writer, const struct writer_lease *lease);
/* True, too, for a writer that wants none. */
bool writer_has_lease(const struct writer *writer);
/* Rises each time that the lease is gained anew: another one may have had it, and written, in between. 0: not yet. */
uint64_t writer_lease_term(const struct writer *writer);
/* Who else had it when it was asked for last; false: nobody, or not known. */
bool writer_lease_holder(const struct writer *writer, struct lease_holder *ret_holder);
/* A number for what only one process can have at a time, and has: who has it, and sees it at the lease of another one, knows that this one
 * is gone (writer_replace_holder). It is shown from the next renewal on. */
void writer_show_place(struct writer *writer, uint64_t place);
/* Before what it stands for is given up. Blocking. RESULT_UNREACHABLE: it stays until the lease runs out. */
MUST_CHECK enum result writer_hide_place(struct writer *writer);
/* Whose lease was seen last is gone: it need not run out first. */
void writer_replace_holder(struct writer *writer);
/* At the end: gives it to who waits, and asks no more. RESULT_UNREACHABLE: it runs out by itself. */
MUST_CHECK enum result writer_release_lease(struct writer *writer);

/* ---- in the loop ---- */

/* Where publish hands out to. The first change of a key that the writer does not know, and its first one after a removal, must hold all
 * of the key's figures, as publish does it. */
struct publication_sink writer_sink(struct writer *writer);

struct writer_meta_field {
	const char *name;
	struct str value;
};

/* Ends a turn: what was handed out is sent, then the names of the changed snapshots to kpi:changes, then kpi:meta, whole, with these fields
 * and the writer's own: contract, token, as_of, sequence. The fields of kpi:meta are listed in docs/redis.md. */
void writer_flush(struct writer *writer, int64_t as_of, const struct writer_meta_field *fields, size_t field_count);

/* Connects, sends and takes replies until `timeout_us` have passed or writer_wake; 0: only what goes without waiting. */
void writer_poll(struct writer *writer, int64_t timeout_us);
/* Ends the current or next writer_poll. From any thread. */
void writer_wake(struct writer *writer);
/* Waits until all that was flushed is acknowledged: for the end, and for tests. RESULT_TIMEOUT, RESULT_UNREACHABLE, RESULT_CLOSED:
 * fenced. */
MUST_CHECK enum result writer_drain(struct writer *writer, int timeout_ms);

/* True when everything must be handed out again; from here to writer_end_all, in one turn or several, the caller does so. What comes in between may also be
 * anything else. If all is wanted anew meanwhile, writer_end_all does not count, and writer_begin_all is true again. */
bool writer_begin_all(struct writer *writer);
void writer_end_all(struct writer *writer);
/* All that is handed out stands in Redis, or is under way to it: false from the first connection, or from when it was seen that Redis has lost something,
 * until all was handed out. */
bool writer_is_whole(const struct writer *writer);

/* The next key that is wanted whole; false: none. The writer takes no partial changes of it until then. Who cannot hand out one key
 * may leave it: the refresh brings it. The views hold until the next call to the writer. */
bool writer_next_wanted(struct writer *writer, const char **ret_dimension, struct str *ret_key);

/* ---- how it is ---- */

enum writer_state writer_state(const struct writer *writer);
/* The token that is written with; 0: none yet. It may rise by itself: when kpi:meta was lost while keys stayed that carry a higher one. So
 * checkpoints record this one. */
uint64_t writer_token(const struct writer *writer);
bool writer_fenced(const struct writer *writer);
/* So much is under way that a further turn should wait. */
bool writer_busy(const struct writer *writer);
/* A sentence: why the state is not READY; empty when it is. */
const char *writer_problem(const struct writer *writer);
const struct writer_stats *writer_stats(const struct writer *writer);

void writer_free(struct writer *writer);

#endif
