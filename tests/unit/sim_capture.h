/* What the simulator writes, in memory. Plain types only: its own structs are named like the daemon's. */
#ifndef TESTS_UNIT_SIM_CAPTURE_H
#define TESTS_UNIT_SIM_CAPTURE_H

#include "base/arena.h"
#include "tests/unit/unit.h"

/* 2026-01-15 to 2026-05-05 in UTC: a clock change, three month ends, and a close after 90 days. */
#define SIM_START "2026-01-15T00:00:00Z"
#define SIM_END "2026-05-05T00:00:00Z"

struct sim_record {
	const char *topic;
	int64_t arrival;
	int64_t time; /* of the event; -1 where it is no good event */
	bool is_object;
	bool wrong_partition;
	struct str key;
	struct str value;
};

struct sim_capture {
	struct arena arena;
	struct sim_record *records;
	size_t count;
	size_t capacity;
};

/* Runs `kpisim <arguments>` (separated by spaces) over SIM_START to SIM_END, unless they say otherwise. */
void sim_capture_run(struct sim_capture *capture, const char *arguments);
void sim_capture_release(struct sim_capture *capture);

/* The value of a text member, or of a number, as it is written, without quotes; empty where it is not there. */
struct str sim_member(struct str json, const char *name);
bool sim_contains(struct str text, const char *part);

/* Malformed message number `serial`. Overwritten by the next call. */
struct str sim_malformed(uint32_t serial, bool *ret_is_object, const char **ret_topic);
uint32_t sim_malformed_kinds(void);
const char *sim_type_name(int index); /* NULL past the last */

#endif
