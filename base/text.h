/* Strict reading of numbers, durations and times from text: the whole text, in range, or RESULT_INVALID / RESULT_RANGE. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/buf.h"
#include "base/result.h"
#include "base/str.h"

MUST_CHECK enum result text_to_i64(struct str text, int64_t *ret_value);
/* "250ms", "30s", "5m", "24h", "7d", "2w": a whole number with one unit; to milliseconds. */
MUST_CHECK enum result text_to_duration(struct str text, int64_t *ret_ms);
/* "64KiB", "1MiB", "2GiB", or plain bytes. */
MUST_CHECK enum result text_to_bytes(struct str text, int64_t *ret_bytes);
/* RFC 3339 with zone ("2026-11-23T21:00:00.123Z", "...+02:00"; also a space or lower-case t, z), years 1970 to 9999; cut to ms.
 * Leap second 60 is taken as the first instant of the next minute. */
MUST_CHECK enum result text_to_time(struct str text, int64_t *ret_ms);
/* "2026-11-23"; days since 1970-01-01 */
MUST_CHECK enum result text_to_date(struct str text, int32_t *ret_day);

/* In decimal. */
void text_put_number(struct buf *buf, uint64_t number);
/* RFC 3339 in UTC; milliseconds are written only when they are not 0. */
void text_put_time(struct buf *buf, int64_t ms);
/* The largest unit up to days that divides it: 3600000 -> "1h"; 0 -> "0s". */
void text_put_duration(struct buf *buf, int64_t ms);
/* The name in `names` closest to `text` (edit distance at most a third of its length, at least 1), or NULL. */
const char *text_nearest(struct str text, const char *const *names, size_t count);
bool text_is_utf8(struct str text);

#endif
