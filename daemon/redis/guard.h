/* What stands at every key of the last write to it: who wrote (token), as of when, and the number of the write. As text of a fixed
 * width, so that the order of texts is the order of writes. */
#ifndef DAEMON_REDIS_GUARD_H
#define DAEMON_REDIS_GUARD_H

#include "base/str.h"

/* token.as_of.revision, 20 digits each */
#define GUARD_LENGTH 62
#define GUARD_DIGITS 20

struct guard_text {
	char text[GUARD_LENGTH + 1];
};

struct guard_text guard_text(uint64_t token, int64_t as_of, uint64_t revision);
/* token.since: of alerts */
#define GUARD_ALERT_LENGTH 41
struct guard_text guard_alert_text(uint64_t token, int64_t since);

static inline struct str guard_str(const struct guard_text *guard)
{
	return (struct str){guard->text, GUARD_LENGTH};
}

#endif
