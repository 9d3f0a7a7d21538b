/* Keys of a simulated Redis: texts, hashes and sorted sets. */
#ifndef TESTS_SIMULATOR_REDIS_KEYS_H
#define TESTS_SIMULATOR_REDIS_KEYS_H

#include "base/str.h"

enum key_type { KEY_TEXT, KEY_HASH, KEY_SET };

struct sim_field {
	struct str name, value; /* owned */
	double score;           /* KEY_SET */
};

/* A KEY_TEXT has one field without a name. */
struct sim_key {
	struct str name;
	enum key_type type;
	struct sim_field *fields;
	size_t count, capacity;
	size_t hint;        /* where the field found last stood */
	int64_t expires_us; /* steady; 0: never */
};

struct keyspace {
	struct sim_key *items;
	size_t count, capacity;
	bool valid; /* of a saved one: there is one */
};

/* NULL: there is none. */
struct sim_key *keyspace_get(struct keyspace *keys, struct str name);
struct sim_key *keyspace_make(struct keyspace *keys, struct str name, enum key_type type);
bool keyspace_delete(struct keyspace *keys, struct str name);
/* A key that is there, over any that has that name. */
void keyspace_rename(struct keyspace *keys, struct str name, struct str to);
void keyspace_clear(struct keyspace *keys);
void keyspace_copy(struct keyspace *to, const struct keyspace *from);

struct sim_field *key_field(struct sim_key *key, struct str name);
void key_set(struct sim_key *key, struct str name, struct str value);
void key_set_score(struct sim_key *key, struct str name, double score);
bool key_remove(struct sim_key *key, struct str name);
/* The text of a KEY_TEXT; empty for NULL. */
struct str key_text(const struct sim_key *key);

#endif
