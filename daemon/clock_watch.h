/* Learns the broker's clock: a small record a minute to a topic whose records the broker stamps itself, and what the receipt says.
 *
 * The main thread's. It writes control.clock_offset, by which the others judge (clock_skew.h), and says what is wrong, once. A topic that cannot
 * be made, or does not stamp, is a warning: then the clock is not compared. */
#ifndef DAEMON_CLOCK_WATCH_H
#define DAEMON_CLOCK_WATCH_H

#include "daemon/control.h"
#include "daemon/kafka/consumer.h"

struct clock_watch;

/* Makes the topic if it is not there, and sends the first record. `metadata` is only used within. */
struct clock_watch *clock_watch_new(struct control *control, struct consumer *metadata);
/* Waits for the first receipt, so that nothing is announced by a wrong clock: some seconds at most. */
void clock_watch_first(struct clock_watch *watch);
/* A few times a second; never blocks. */
void clock_watch_turn(struct clock_watch *watch);
void clock_watch_free(struct clock_watch *watch);

#endif
