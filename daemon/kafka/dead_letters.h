/* Where refused messages and late events go: as they came, with headers that say why and where from (docs/dead-letters.md).
 *
 * One worker's own. An offset is checkpointed only after dead_letters_flush. */
#ifndef DAEMON_DEAD_LETTERS_H
#define DAEMON_DEAD_LETTERS_H

#include "config/settings.h"
#include "daemon/kafka/consumer.h"
#include "pipeline/refusal.h"

struct dead_letters;

struct dead_letter {
	const struct consumer_record *record;
	const char *topic;   /* where it came from */
	enum refusal reason; /* REFUSAL_NONE: it is not refused, but came late; goes to the late topic */
	bool missed;         /* REFUSAL_NONE: it was taken, but is a retraction that found nothing to take back */
	struct str detail;   /* which field, and so on; may be empty */
	int64_t event_time;  /* of what came late, ms */
};

/* Makes those of the two topics that `metadata` does not know; only warns where it cannot. */
void dead_letters_create_topics(const struct settings *settings, struct consumer *metadata, int partitions);
struct dead_letters *dead_letters_new(const struct settings *settings);
/* Queues the message; where that does not work it returns false after about a second. Then the record's offset must not be checkpointed:
 * the caller stands still and tries again, so nothing is lost. */
MUST_CHECK bool dead_letters_send(struct dead_letters *letters, const struct dead_letter *letter);
/* RESULT_OK when everything sent so far is acknowledged. */
MUST_CHECK enum result dead_letters_flush(struct dead_letters *letters, int timeout_ms);
void dead_letters_free(struct dead_letters *letters);

#endif
