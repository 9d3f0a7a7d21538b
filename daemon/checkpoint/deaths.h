/* Records that end the process: a record that has done so DEATHS_MAX times is quarantined, so that it cannot keep all others from being read.
 *
 * A worker notes which record it is at (deaths_begin, deaths_end): two stores in memory. When the process dies of its own fault (SIGSEGV,
 * SIGBUS, SIGFPE, SIGILL, abort and failed checks), a signal handler of the dying thread adds one line for its record to the file `deaths`;
 * when the watchdog ends a process that hangs (SIGABRT from outside), one for each record that is under way. kill -9, a loss of power and the
 * end of memory leave no line: no record is to blame for them.
 *
 *     <shard> <topic> <offset> <fingerprint>
 *
 * Lines are only ever added, so several processes may share a directory. Where the file cannot be written kpid goes on without it. */
#ifndef DAEMON_CHECKPOINT_DEATHS_H
#define DAEMON_CHECKPOINT_DEATHS_H

#include "base/str.h"

#include <stdint.h>

#define DEATHS_MAX 3

struct deaths;

struct death_place {
	uint32_t shard;
	const char *topic; /* borrowed */
	int64_t offset;
	uint32_t fingerprint; /* so that a topic that was created anew is not taken for the one before */
};

/* A thread's own: the record that it is at. */
struct death_note {
	struct death_place place;
	volatile bool under_way;
};

/* Reads what earlier processes left, and from now on takes note: the signal handlers are installed, the process's last words go into this
 * directory (made if needed). One at a time in a process. Never NULL; what is wrong with the file is logged. */
struct deaths *deaths_open(const char *directory);
/* Whether the record may not be touched any more. */
bool deaths_quarantined(const struct deaths *deaths, const struct death_place *place);
/* The note of worker `index`. */
struct death_note *deaths_note(struct deaths *deaths, uint32_t index);
/* The calling thread is at this record, until deaths_end. */
void deaths_begin(struct death_note *note, const struct death_place *place);
void deaths_end(struct death_note *note);
/* No worker may be at a record. Takes NULL. */
void deaths_close(struct deaths *deaths);

#endif
