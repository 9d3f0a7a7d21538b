/* Whether a predicate holds of an event, in whatever form the event is at hand: who has it compares its fields. */
#ifndef PIPELINE_PREDICATE_H
#define PIPELINE_PREDICATE_H

#include "config/model.h"

/* Whether a step that looks at a field (all but and, or, not) holds of `event`. */
typedef bool predicate_look(const struct predicate_step *step, const void *event);

/* NULL holds always. */
bool predicate_decide(const struct predicate *predicate, predicate_look *look, const void *event);
/* A step that looks at a number, or whether its field is there; `number` is not looked at where it is absent. */
bool predicate_number(const struct predicate_step *step, bool present, int64_t number);

#endif
