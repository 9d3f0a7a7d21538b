/* What publish hands to the writer: which fields of which snapshots, which board entries, which alerts.
 *
 * All of it is absolute: it may be written again at any time, and the last one of a key stands. Names of keys are percent-encoded
 * (`:`, `@`, `%` and control characters), ready to stand in a Redis key; texts are valid until the callback returns. docs/redis.md
 * says what readers see. */
#ifndef PIPELINE_PUBLISH_PUBLICATION_H
#define PIPELINE_PUBLISH_PUBLICATION_H

#include "pipeline/evaluate/alert.h"

struct snapshot_field {
	struct str name; /* "close_rate@30d" */
	struct str json;
};

/* One key's figures. Without `whole`: the fields that changed. With it: all there are, and no other field may be left of what was
 * written before. With `removed`: the key has no figures any more, and no fields follow. */
struct snapshot_change {
	const char *dimension;            /* "rep" */
	struct str key;                   /* encoded */
	struct str name;                  /* for people: as the roster says, else the key itself, not encoded */
	struct str manager, manager_name; /* of a team that has one now: as the roster says, not encoded; else empty */
	uint64_t revision;                /* rises with every change that a publisher hands out */
	int64_t as_of;
	bool whole;
	bool removed;
	const struct snapshot_field *fields;
	size_t field_count;
};

/* One entry of a leaderboard; `remove`: the member has no score. */
struct board_change {
	const char *kpi, *window, *dimension;
	struct str member; /* the encoded key */
	double score;      /* the highest is the best */
	bool remove;
	uint64_t revision; /* that of the snapshot it comes with */
	int64_t as_of;
};

/* An alert that changed its state, or (`repeated`) still is in it: pending and firing ones are handed out again with everything else.
 * Only a change from or to firing goes into the stream: `announce`. */
struct alert_change {
	const char *fingerprint; /* of rule, dimension and key */
	const char *rule, *kpi, *window, *dimension;
	struct str key; /* encoded */
	enum alert_state from, to;
	int64_t since;    /* when it entered `to` */
	struct str value; /* plain decimal; empty: the key is gone, or the figure has no value now */
	struct str limit; /* plain decimal: the rule's limit */
	int64_t n;
	int64_t end;
	bool announce;
	bool repeated;
};

/* A member that is NULL is not called. The order within one key: snapshot, then boards; alerts come after all keys. */
struct publication_sink {
	void *context;
	void (*snapshot)(void *context, const struct snapshot_change *change);
	void (*board)(void *context, const struct board_change *change);
	void (*alert)(void *context, const struct alert_change *change);
};

#endif
