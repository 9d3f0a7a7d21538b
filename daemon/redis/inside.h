/* Inside the writer: its parts, and what they share.
 *
 * writer.c   life, the state and its mover
 * wire.c     commands out, replies in, the poll loop
 * greeting.c what is asked of a new connection
 * replies.c  which reply means what; errors
 * sentinel.c which Redis is the master
 * lease.c    who of several processes writes
 * snapshots.c, boards.c, alerts.c, meta.c, sweep.c   what each writes, and what it makes of the replies
 * calls.c    the blocking calls of the start */
#ifndef DAEMON_REDIS_INSIDE_H
#define DAEMON_REDIS_INSIDE_H

#include "daemon/redis/command.h"
#include "daemon/redis/connection.h"
#include "daemon/redis/guard.h"
#include "daemon/redis/keys.h"
#include "daemon/redis/pending.h"
#include "daemon/redis/script.h"
#include "daemon/redis/writer.h"

#define SHA_LENGTH 40
#define RUN_ID_LENGTH 40

/* Entries of a leaderboard are collected and go in one script call at the end of a turn, or when there are BOARD_ENTRIES_MAX.
 *
 * Invariant: bit k of `members` is set when, after all that was collected is written, key k is a member; member_count is their number. */
struct board_state {
	char *name;            /* "close_rate@30d:rep" */
	struct str key, guard; /* in Redis */
	struct buf entries;    /* arguments: score, member, ... */
	uint32_t entry_count;
	int64_t entries_as_of;
	uint64_t *members; /* a bitmap over key ids */
	uint32_t member_words, member_count;
	uint64_t epoch;    /* that the members are of */
	int64_t as_of;     /* of the last write that was sent in this epoch */
	uint64_t revision; /* of it; 0: none */
	bool checking;     /* its members are asked for */
	bool complained;
};

struct boards {
	struct map by_name;
	struct board_state *items;
	uint32_t count, capacity;
	struct buf name;
};

/* A change of an alert's state that is not yet known to be recorded. */
struct transition {
	uint64_t number;
	char fingerprint[ALERT_FINGERPRINT];
	int64_t since;
	struct buf arguments; /* those behind the guard */
	uint32_t argument_count;
};

struct transitions {
	struct transition *items; /* oldest first */
	uint32_t count, capacity;
	uint64_t last_number;
	bool again;        /* some were refused for want of the script */
	struct map active; /* fingerprints that are pending or firing */
	struct str stream;
};

struct sweep {
	char cursor[24]; /* "0": at the beginning */
	bool asked;
	int64_t next_us;
	struct str pattern;
};

/* Held while the steady clock is before `until_us`, which is counted from when the question was sent: Redis, which counts from when it
 * came, never gives the lease to another one before that.
 *
 * Redis may forget it. Who holds it then has it back with its next question; the others wait until it would have run out, `other_until_us`. */
struct lease {
	bool wanted;
	char *instance, *text; /* the text, as it stands in Redis, begins with the instance */
	uint64_t config_hash, place;
	int64_t life_us;
	int64_t until_us; /* 0: not held */
	int64_t next_us;  /* when to ask again */
	int64_t asked_us; /* when it was asked last */
	bool asking;
	uint64_t term;
	bool other; /* holder has it, with other_text */
	struct lease_holder holder;
	int64_t other_until_us;
	char other_text[160];
	bool other_gone; /* it may be replaced */
};

struct writer {
	struct redis_url url;
	size_t sentinel; /* of url's: to be asked next */
	char *prefix;
	int64_t sweep_us, connect_us, command_us;

	enum writer_state state;
	bool fenced;
	struct connection connection;
	struct pending_queue pending;
	int wake_fd;
	int64_t deadline_us; /* SEEKING, CONNECTING: until when; HELD: when to probe; CLOSED: when to try again */
	int64_t heard_us;    /* last sign of life while something is pending */
	int64_t checked_us;  /* when the run id was asked for */
	int64_t backoff_us;
	char problem[256];
	bool transactions; /* MULTI and EXEC may be used */
	bool loading;      /* scripts are being loaded again */
	bool complained;   /* of what has no flag of its own */
	char logged[32];   /* how the problem that was logged last begins */
	char sha[SCRIPT_COUNT][SHA_LENGTH + 1];
	char run_id[RUN_ID_LENGTH + 1];

	uint64_t token, token_above; /* token_above: the highest of another writer that was seen */
	bool raising;                /* a token is asked for */
	uint64_t revision;           /* of the last write */
	int64_t as_of;               /* of the last flush */
	uint64_t sequence;           /* of the last flush that was sent */
	uint64_t epoch;
	uint64_t begun_epoch; /* of writer_begin_all */
	bool all_wanted, all_due;
	bool loss_known; /* and kpi:meta not yet written since */
	int64_t all_us;  /* when all was last wanted */
	bool complete;   /* all there is was handed out in this epoch */

	struct keys keys;
	struct boards boards;
	struct transitions transitions;
	struct sweep sweep;
	struct lease lease;
	struct buf changes; /* arguments for kpi:changes: names by line */
	struct buf meta;    /* the caller's fields of the last flush, as arguments */
	uint32_t meta_count;
	struct buf key; /* scratch */

	bool calling;                  /* a blocking call waits */
	struct redisReply *call_reply; /* taken over by the call */
	struct writer_stats stats;
};

/* ---- writer.c ---- */

/* Whether changes can be written now; if not, they are dropped. */
bool writer_takes(const struct writer *writer);
/* Alone writes the state. */
void writer_move(struct writer *writer, enum writer_state state);
void writer_set_ready(struct writer *writer);
/* Gives the connection up. */
void writer_lose(struct writer *writer, const char *problem);
/* Nothing is written until a probe works. */
void writer_hold(struct writer *writer, const char *problem);
void writer_fence(struct writer *writer);
/* All must be handed out again: at once, or (not `now`) a little later if it was only just so. */
void writer_want_all(struct writer *writer, bool now);
void writer_found_loss(struct writer *writer, const char *what);
/* The names of what has an error are logged once each. */
void writer_complain(struct writer *writer, const char *name, const char *error, bool *complained);

/* Begins a call of a script with `arguments` behind its keys; the keys must follow, then the arguments. Returns where it began. */
size_t writer_begin_script(struct writer *writer, enum script script, size_t keys, size_t arguments);
/* The command that began at `start` is whole. */
void writer_end_command(struct writer *writer, size_t start, struct pending pending);
/* Sends and takes replies without waiting when much is queued; waits when too much is. Pointers to keys and boards may be invalid
 * after it. */
void writer_pump(struct writer *writer);
void writer_send_now(struct writer *writer);
struct guard_text writer_next_guard(struct writer *writer, int64_t as_of);
/* prefix + name, in `writer->key` */
struct str writer_key(struct writer *writer, const char *kind, struct str name);
/* A new text: a key that lies in the same slot as `key`, ":guard" for instance. */
struct str writer_key_beside(const struct writer *writer, struct str key, const char *what);

/* ---- the others ---- */

void greeting_send(struct writer *writer);
/* Nothing without a password. */
void greeting_login(struct writer *writer, const char *user, const char *password);
void greeting_ask_run_id(struct writer *writer);
void greeting_load_scripts(struct writer *writer);

void replies_take(struct writer *writer);

void snapshot_take(void *context, const struct snapshot_change *change);
void snapshot_remove(struct writer *writer, struct str name, uint32_t id, bool swept);
/* The key that a reply is about; NULL when it was forgotten meanwhile, also if another one has its id now. */
struct key *snapshot_key(struct writer *writer, const struct pending *pending);
/* Redis lacks what was sent: the key is wanted whole. */
void snapshot_lost(struct writer *writer, const struct pending *pending);
/* With an error: what stands there is not to be trusted. */
void snapshot_refused(struct writer *writer, const struct pending *pending);
void snapshot_replied(struct writer *writer, const struct pending *pending, long long answer);
/* Names to kpi:changes. */
void changes_send(struct writer *writer);
void snapshot_want(struct writer *writer, uint32_t id);

void board_take(void *context, const struct board_change *change);
void board_flush_all(struct writer *writer);
/* Once all was handed out. */
void board_flush_empty(struct writer *writer);
void board_replied(struct writer *writer, const struct pending *pending, long long answer);
void board_members_replied(struct writer *writer, const struct pending *pending, const struct redisReply *reply);
/* A board that was found in Redis: one that nobody knows goes, of one that ought to be empty the members are looked at. */
void board_found(struct writer *writer, struct str name);
void boards_release(struct boards *boards);

void alert_take(void *context, const struct alert_change *change);
/* All that is not known to be recorded, again. */
/* As alert_send_again, at the next flush. */
void alert_keep_sending(struct writer *writer);
void alert_send_again(struct writer *writer);
void alert_replied(struct writer *writer, const struct pending *pending);
void alert_remove(struct writer *writer, struct str fingerprint);
bool alert_is_known(const struct writer *writer, struct str fingerprint);
void alert_forget_all(struct writer *writer);
void transitions_init(struct writer *writer);
void transitions_release(struct transitions *transitions);

void meta_send(struct writer *writer);
/* A write that changes nothing, to see whether Redis takes some again. */
void meta_probe(struct writer *writer);
void meta_replied(struct writer *writer, const struct pending *pending, long long answer);
void meta_raised(struct writer *writer, const struct pending *pending, long long answer);
void meta_before(struct writer *writer, const struct redisReply *reply);

/* Begins to connect to the next sentinel; asks it once connected; begins to connect to the master that it names. */
void sentinel_start(struct writer *writer);
void sentinel_connected(struct writer *writer);
void sentinel_replied(struct writer *writer, const struct redisReply *reply);
/* A part of the greeting of what a sentinel has named: a master, or the connection is given up. */
void sentinel_check_role(struct writer *writer);
void sentinel_role_replied(struct writer *writer, const struct redisReply *reply);

/* Asks for it when that is due; only while READY. */
void lease_keep(struct writer *writer, int64_t now_us);
/* Asks now, if it is wanted and not asked for already. */
void lease_ask(struct writer *writer);
void lease_replied(struct writer *writer, const struct redisReply *reply);
/* Puts the question into the queue, as it stands; returns where it began. */
size_t lease_put_question(struct writer *writer);
/* There will be no answer to the question: it is asked again after a moment. */
void lease_failed(struct writer *writer);
void lease_release(struct lease *lease);

void sweep_init(struct writer *writer);
void sweep_step(struct writer *writer);
void sweep_replied(struct writer *writer, const struct redisReply *reply);
void sweep_failed(struct writer *writer);
void sweep_release(struct sweep *sweep);

#endif
