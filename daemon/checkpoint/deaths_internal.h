/* What a dying process writes down: deaths_last_words.c. */
#ifndef DAEMON_CHECKPOINT_DEATHS_INTERNAL_H
#define DAEMON_CHECKPOINT_DEATHS_INTERNAL_H

#include "daemon/checkpoint/deaths.h"

/* Workers beyond share notes: which of them a death is laid to is not certain then. */
enum { DEATHS_NOTES = 256 };

/* From now on the last words about the records of these notes go to `fd`. NULL and -1: nowhere. */
void last_words_watch(struct death_note *notes, int fd);

#endif
