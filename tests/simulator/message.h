/* A record of the plan as bytes. */
#ifndef TESTS_SIMULATOR_MESSAGE_H
#define TESTS_SIMULATOR_MESSAGE_H

#include "base/buf.h"
#include "tests/simulator/plan.h"

void message_put(struct buf *out, const struct plan_record *record);
/* A view into the record. */
struct str message_key(const struct plan_record *record);

#endif
