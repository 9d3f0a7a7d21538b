/* kpictl checkpoint: what its parts share. */
#ifndef KPICTL_CHECKPOINT_H
#define KPICTL_CHECKPOINT_H

#include "config/config.h"
#include "daemon/checkpoint/store.h"

struct checkpoint {
	const char *verb;             /* "inspect" */
	const char *config_directory; /* NULL: none is given */
	const char **overrides;
	size_t override_count;
	struct config *config; /* of it, or NULL */
	const char *arguments[2];
	int argument_count;
	int64_t shard; /* only this one; -1: all */
	bool json, force;
	int64_t to;       /* partitions; 0: not given */
	const char *into; /* directory */
};

/* "kpictl checkpoint <verb>: <sentence>" on standard error; false. */
bool checkpoint_say(const struct checkpoint *checkpoint, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The one place where checkpoints are opened: those of the directory, or (NULL) of the configuration's store. NULL: said why. */
struct store *checkpoint_open(const struct checkpoint *checkpoint, const char *directory, bool reading);
/* The newest whole one; a kpid that runs may take away what was there a moment ago. */
MUST_CHECK enum result checkpoint_load(struct store *store, uint32_t shard, struct buf *bytes);
/* Makes the store one of these `count` shards, whose bytes it takes: any others go. False: said why. */
bool checkpoint_fill(
	const struct checkpoint *checkpoint, struct store *store, const struct buf *shards, uint32_t count);
/* True where the store holds nothing yet, or may be filled all the same (--force). Says why not. */
bool checkpoint_may_fill(const struct checkpoint *checkpoint, struct store *store);

/* The parts. Each gives the exit code. */
int checkpoint_inspect(const struct checkpoint *checkpoint);
int checkpoint_verify(const struct checkpoint *checkpoint);
int checkpoint_export(const struct checkpoint *checkpoint);
int checkpoint_import(const struct checkpoint *checkpoint);
int checkpoint_reshard(const struct checkpoint *checkpoint);

#endif
