/* Events of the shipped configuration (config/), of all its types, for the runs that the Python oracle looks at. What a type carries stands
 * in a table. */
#ifndef TESTS_SIMULATOR_SHIPPED_H
#define TESTS_SIMULATOR_SHIPPED_H

#include "base/str.h"
#include "tests/simulator/sim_event.h"
#include "tests/simulator/world.h"

#define SHIPPED_TOPICS 10

/* In the order of config/events.yaml. */
extern const char *const shipped_topics[SHIPPED_TOPICS];

/* Sets the type and the topic. */
void shipped_draw_type(struct chance *chance, struct sim_event *event);
/* Sets rep, customer and product. */
void shipped_draw_who(struct chance *chance, struct sim_event *event);
/* Sets `rest`, to other values when it is called again. */
void shipped_draw_what(struct chance *chance, struct sim_event *event);
/* Makes `event` a retraction of `target`; its ids are set already. */
void shipped_retract(const struct sim_event *target, struct sim_event *event);
const char *shipped_name(const struct sim_event *event);
/* What its record is keyed by; a view into the event. */
struct str shipped_key(const struct sim_event *event);

#endif
