/* The options of `kpisim` and of its commands `broker` and `topics`. One table names them all; the help comes from it. */
#ifndef KPISIM_OPTIONS_H
#define KPISIM_OPTIONS_H

#include "base/buf.h"
#include "base/result.h"
#include "tools/kpisim/faults.h"

#define OPTION_UNSET INT64_MIN

enum command { COMMAND_RUN, COMMAND_BROKER, COMMAND_TOPICS };

struct options {
	enum command command;
	bool help;
	bool version;
	uint64_t seed;
	int64_t start; /* ms, or OPTION_UNSET */
	int64_t end;   /* ms, or OPTION_UNSET */
	int64_t days;  /* or OPTION_UNSET */
	int64_t reps;
	int64_t teams;
	int64_t customers;
	const char *zone;
	const char *currency;
	const char *out; /* NULL: stdout, unless there are brokers */
	const char *brokers;
	int64_t partitions;
	const char *partitioner;
	const char *topic_prefix;
	int64_t shares[FAULT_COUNT]; /* ppm */
	int64_t disorder_max;        /* ms */
	int64_t oversized;
	int64_t limit; /* 0: none */
	const char *roster;
	bool live;
	int64_t rate; /* events per second */
	const char *port_file;
};

/* Texts point into argv. On failure the sentence stands in `error`. */
MUST_CHECK enum result options_read(struct options *options, int argc, char **argv, struct buf *error);
/* Sets start and end from what was given; `now` stands in for an end that was not. */
MUST_CHECK enum result options_set_period(struct options *options, int64_t now, struct buf *error);
void options_put_help(struct buf *buf);

#endif
