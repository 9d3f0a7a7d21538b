/* Exact numbers: fixed point with 4 decimals in an int64, and quotients of 128-bit integers. No floats.
 *
 * A fixed value v stands for v / 10000. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include "base/buf.h"
#include "base/result.h"

typedef __int128 i128;

#define DECIMAL_ONE 10000

/* A number just as it is written: digits x 10^exponent. Equal numbers are equal in all members. */
struct decimal {
	unsigned __int128 digits; /* below 10^20; no zero at the end */
	int64_t exponent;
	bool negative;
};

/* Reads "12", "-0.5", "1.23456", "1e3", rounding half-even to 4 decimals; |value| at most 10^14, else RESULT_RANGE. Exponents are
 * accepted (JSON numbers have them). */
MUST_CHECK enum result decimal_from_text(struct str text, int64_t *ret_fixed);
/* The same forms, nothing rounded; RESULT_RANGE where it has more than 20 digits from the first to the last that is not 0. */
MUST_CHECK enum result decimal_read(struct str text, struct decimal *ret_decimal);
/* The product, rounded half-even to 4 decimals; RESULT_RANGE above 10^14, and where the digits' product leaves 128 bits. */
MUST_CHECK enum result decimal_multiply(const struct decimal *a, const struct decimal *b, int64_t *ret_fixed);
/* numerator / denominator rounded half-even to `decimals` places, as an integer of 10^-decimals. denominator != 0. */
MUST_CHECK enum result decimal_divide(i128 numerator, i128 denominator, int decimals, i128 *ret_scaled);
/* Writes value * 10^-decimals in shortest plain form: 2500 with 4 decimals -> "0.25"; never an exponent, never "-0". */
void decimal_put(struct buf *buf, i128 value, int decimals);

#endif
