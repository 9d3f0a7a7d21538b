/* The wall clock against the broker's. What counts up to when follows the wall clock, so a wrong one would move the figures into the future, or
 * stop them for good.
 *
 * What is kept is the broker's clock less the steady one, from the last record that the broker stamped. The steady clock does not step: so a
 * wall clock that does is seen at once, not only at the next record. Pure. */
#ifndef DAEMON_CLOCK_SKEW_H
#define DAEMON_CLOCK_SKEW_H

#include <stdbool.h>
#include <stdint.h>

/* The offset while no record was stamped: then nothing is known to be wrong. */
#define CLOCK_OFFSET_UNKNOWN 0

/* From a record that the broker stamped with `broker_ms`, and whose receipt came at `steady_us`. */
static inline int64_t clock_offset(int64_t broker_ms, int64_t steady_us)
{
	return broker_ms - steady_us / 1000;
}

/* The broker's clock now; the wall clock where it is not known. */
static inline int64_t clock_brokers(int64_t offset, int64_t wall_ms, int64_t steady_us)
{
	return offset == CLOCK_OFFSET_UNKNOWN ? wall_ms : offset + steady_us / 1000;
}

/* How far the wall clock is ahead, ms; below 0: behind. */
static inline int64_t clock_skew(int64_t offset, int64_t wall_ms, int64_t steady_us)
{
	return wall_ms - clock_brokers(offset, wall_ms, steady_us);
}

static inline bool clock_is_wrong(int64_t skew, int64_t limit_ms)
{
	return skew > limit_ms || skew < -limit_ms;
}

#endif
