/* What the replies that are still to come belong to, in the order of the commands. */
#ifndef DAEMON_REDIS_PENDING_H
#define DAEMON_REDIS_PENDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum pending_kind {
	PENDING_GREETING,    /* AUTH, SELECT: any error ends the connection */
	PENDING_MASTER,      /* asked of a sentinel */
	PENDING_ROLE,        /* ROLE: any error ends the connection */
	PENDING_NAME,        /* CLIENT SETNAME: a comfort */
	PENDING_SCRIPT,      /* id: enum script */
	PENDING_RUN_ID,      /* INFO server */
	PENDING_TRANSACTION, /* MULTI and EXEC, to see whether they may be used */
	PENDING_META_BEFORE, /* token and sequence when greeted */
	PENDING_SNAPSHOT,    /* id: of the key */
	PENDING_REMOVAL,     /* id: of the key, or none */
	PENDING_BOARD,       /* id: of the board */
	PENDING_BOARD_REMOVAL,
	PENDING_MEMBERS, /* ZRANGE; id: of the board */
	PENDING_ALERT,   /* revision: number of the transition in the queue, or 0 */
	PENDING_CHANGES, /* PUBLISH */
	PENDING_META,    /* revision: sequence */
	PENDING_RAISE,   /* a higher token; revision: which */
	PENDING_LEASE,
	PENDING_SCAN,
	PENDING_CALLER /* a blocking call waits for it */
};

#define PENDING_NO_ID UINT32_MAX

struct pending {
	uint8_t kind;     /* enum pending_kind */
	bool whole;       /* SNAPSHOT; of BOARD: `members` can be relied on */
	bool swept;       /* a leftover */
	uint8_t preludes; /* replies that come before the one that counts: those to the commands of a transaction */
	uint32_t id;
	uint32_t fields;   /* fields or entries in it */
	uint32_t members;  /* BOARD: how many there must be after it */
	uint32_t bytes;    /* of the command */
	uint64_t revision; /* of the write */
};

struct pending_queue {
	struct pending *items; /* a ring */
	size_t capacity;       /* a power of two, or 0 */
	size_t first, count;
	uint64_t bytes; /* of all commands in it */
};

void pending_push(struct pending_queue *queue, const struct pending *pending);
/* The first one waits for another reply before its own, which was this. */
bool pending_take_prelude(struct pending_queue *queue, struct pending *ret_pending);
/* False when there is none. */
bool pending_pop(struct pending_queue *queue, struct pending *ret_pending);
void pending_clear(struct pending_queue *queue);
void pending_release(struct pending_queue *queue);

#endif
