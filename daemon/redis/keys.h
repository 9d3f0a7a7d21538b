/* Which snapshot keys the writer has written, and which of them it knows to be right in Redis: those of the current epoch. A new epoch
 * begins whenever Redis may have lost something; from then on no key is trusted until it was written whole. */
#ifndef DAEMON_REDIS_KEYS_H
#define DAEMON_REDIS_KEYS_H

#include "base/buf.h"
#include "base/map.h"

#define KEYS_NONE UINT32_MAX

struct key {
	char *name; /* "rep:anna" */
	uint32_t name_length;
	uint32_t dimension_length;
	uint64_t epoch;    /* in which it was written whole; 0: it is not to be trusted */
	int64_t as_of;     /* of the last write that was sent */
	uint64_t revision; /* of it */
	uint64_t first;    /* revision of the first command about it: a reply to an earlier one is about another key */
	uint64_t whole;    /* revision of the last whole write */
	bool removed;
	bool wanted;
	bool queued;     /* stands in keys.wanted */
	bool complained; /* its error was logged */
};

struct keys {
	struct map by_name;
	struct key *items;
	uint32_t count, capacity;
	uint32_t *unused; /* ids */
	uint32_t unused_count, unused_capacity;
	uint32_t *gone; /* removed since the last keys_forget_gone */
	uint32_t gone_count, gone_capacity;
	uint32_t *wanted;
	uint32_t wanted_count, wanted_capacity;
	struct buf name;
};

void keys_init(struct keys *keys);
/* KEYS_NONE where there is none and `add` is false. Pointers to keys are valid until the next add. */
uint32_t keys_find(struct keys *keys, struct str dimension, struct str key, bool add);
uint32_t keys_find_name(const struct keys *keys, struct str name);
void keys_mark_removed(struct keys *keys, uint32_t id);
/* Frees the ids of the keys that were removed and did not come back. */
void keys_forget_gone(struct keys *keys);
/* The key is not to be trusted, and is wanted whole. False when it was wanted already, or is removed. */
bool keys_want(struct keys *keys, uint32_t id);
/* The next one that is still wanted, or KEYS_NONE. */
uint32_t keys_next_wanted(struct keys *keys);
/* A new epoch: all keys will be handed out, and one that is not any more, though it is not trusted, counts as of the epoch `before`. */
void keys_want_none(struct keys *keys, uint64_t before);
void keys_release(struct keys *keys);

#endif
