/* Exact numbers: fixed point with 4 decimals in an int64, and quotients of 128-bit integers. No floats.
 *
 * A fixed value v stands for v / 10000. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "base/buf.h"
#include "base/result.h"

typedef __int128 i128;

#define DECIMAL_ONE 10000

/* Reads "12", "-0.5", "1.23456", "1e3", rounding half-even to 4 decimals; |value| at most 10^14, else RESULT_RANGE. Exponents are
 * accepted (JSON numbers have them). */
MUST_CHECK enum result decimal_from_text(struct str text, int64_t *ret_fixed);
/* numerator / denominator rounded half-even to `decimals` places, as an integer of 10^-decimals. denominator != 0. */
MUST_CHECK enum result decimal_divide(i128 numerator, i128 denominator, int decimals, i128 *ret_scaled);
/* Writes value * 10^-decimals in shortest plain form: 2500 with 4 decimals -> "0.25"; never an exponent, never "-0". */
void decimal_put(struct buf *buf, i128 value, int decimals);

#endif
