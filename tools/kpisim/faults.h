/* Turns events into records, and spoils some of them on purpose.
 *
 * Every kind of fault draws from a stream of its own, one draw an event, so that what the organisation does, and what the other
 * faults hit, stays the same when one share changes. Duplicates, malformed records, conflicts and retractions are added; late, future and
 * wrong-partition ones take the place of good records. */
#ifndef KPISIM_FAULTS_H
#define KPISIM_FAULTS_H

#include "base/zone.h"
#include "tools/kpisim/event.h"
#include "tools/kpisim/record.h"
#include "tools/kpisim/rng.h"

#define FAULTS(X)                             \
	X(DUPLICATES, "duplicates")           \
	X(DISORDER, "disorder")               \
	X(LATE, "late")                       \
	X(MALFORMED, "malformed")             \
	X(FUTURE, "future")                   \
	X(WRONG_PARTITION, "wrong-partition") \
	X(CLOUDEVENTS, "cloudevents")         \
	X(CONFLICTS, "conflicts")             \
	X(RETRACTIONS, "retractions")

enum fault {
#define FAULT_ENUM(name, option) FAULT_##name,
	FAULTS(FAULT_ENUM)
#undef FAULT_ENUM
		FAULT_COUNT
};

/* As kpid's defaults are; what is late or in the future depends on them. */
#define FAULTS_LATENESS_MS INT64_C(604800000)
#define FAULTS_FUTURE_MS INT64_C(300000)
/* How long a record is under way when nothing is wrong. */
#define FAULTS_TRANSIT_MS 250

struct fault_settings {
	uint64_t seed;
	uint32_t share[FAULT_COUNT]; /* in ppm */
	int64_t disorder_max;        /* ms, below FAULTS_LATENESS_MS less a day */
	int64_t end;                 /* when the last records arrive */
	uint32_t oversized;          /* how many messages over 1 MiB */
	const char *currency;
};

typedef void faults_put(void *context, struct record *record);

struct faults {
	struct fault_settings settings;
	const struct zone *zone;
	struct rng streams[FAULT_COUNT];
	struct rng noise;
	struct buf text;
	uint32_t seen;
	uint32_t spoilt;    /* malformed so far */
	uint32_t oversized; /* so far */
	int64_t transit;    /* ms */
	faults_put *put;
	void *context;
};

void faults_init(struct faults *faults, const struct fault_settings *settings, const struct zone *zone, faults_put *put,
	void *context);
/* Hands the records of one event to `put`, which owns them from then on. */
void faults_add(struct faults *faults, const struct event *event);
void faults_release(struct faults *faults);

#endif
