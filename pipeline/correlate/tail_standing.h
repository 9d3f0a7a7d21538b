/* What takes back what among the entries of a tail. Private to the tail. */
#ifndef PIPELINE_CORRELATE_TAIL_STANDING_H
#define PIPELINE_CORRELATE_TAIL_STANDING_H

#include "pipeline/correlate/tail.h"

/* The record was just put at `at`: sets how it stands, and how those stand that it concerns. */
void tail_settle(struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record);
/* The entry at `at` is about to go: from now on it concerns no other. */
void tail_unsettle(struct tail *tail, const struct schema *schema, uint32_t at);

#endif
