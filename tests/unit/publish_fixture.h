/* What the publisher hands out, as lines of text:
 *
 *     snap rep ann (Ann A.) + close_rate@30d=0.35     `+` for whole, `-` for removed
 *     board close_rate@30d rep ann 0.181148           or: out
 *     alert low rep ann normal>firing 0.1 < 0.25 n=10 announce
 */
#ifndef TESTS_UNIT_PUBLISH_FIXTURE_H
#define TESTS_UNIT_PUBLISH_FIXTURE_H

#include "pipeline/publish/publisher.h"
#include "tests/unit/little_model.h"
#include "tests/unit/unit.h"

extern struct little_model published;
extern struct publisher *publisher; /* of it */
extern struct buf said;
extern struct alert_rule rules[2]; /* of the model, though it counts none of them */

/* cmocka's. Only reps have figures, close_rate over 30 days and 1 hour; a board of it over 30 days. */
int publish_set_up(void **state);
int publish_tear_down(void **state);
struct publisher *new_publisher(void);
/* As the only shard. */
void say_record(const struct buf *record);
void say(const char *key, int64_t won, int64_t lost);
void turn(void);
#define expect(expected)                                  \
	do {                                              \
		assert_string_equal(said.data, expected); \
		buf_clear(&said);                         \
	} while (0)

#endif
