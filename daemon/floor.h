/* Reads back in a fleet's log what the owners of shards said last before a claim, where the member has not heard it itself. */
#ifndef DAEMON_FLOOR_H
#define DAEMON_FLOOR_H

#include "config/settings.h"
#include "daemon/fleet/entry.h"

struct floor {
	uint32_t shard;
	int64_t before; /* offset of the claim */
	bool known;     /* something was said: `head` stood beside it */
	struct entry_head head;
	int64_t claimed;   /* newest claim, and the newest token of what was said */
	int64_t spoken;    /* token of `head` */
	bool read_through; /* all of the window was read */
};

/* Fills those of the `floors` that the log still has. Logs why not: RESULT_TIMEOUT and others. */
MUST_CHECK enum result floors_read(
	const struct settings *settings, const char *topic, struct floor *floors, size_t count);

#endif
