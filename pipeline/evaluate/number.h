/* Exact rational numbers within 128 bits. Every operation says whether it stayed there; on false its output is not touched.
 *
 * A number is top / bottom * 10^-decimals. It is plain (bottom 1) until something was divided; a fraction has no decimals, a
 * bottom above 0, and is reduced. */
#ifndef PIPELINE_EVALUATE_NUMBER_H
#define PIPELINE_EVALUATE_NUMBER_H

#include "base/decimal.h"

struct number {
	i128 top, bottom;
	uint8_t decimals;
	bool fraction;
};

static inline struct number number_plain(i128 value, uint8_t decimals)
{
	return (struct number){value, 1, decimals, false};
}

MUST_CHECK bool number_add(const struct number *a, const struct number *b, struct number *ret_sum);
MUST_CHECK bool number_subtract(const struct number *a, const struct number *b, struct number *ret_difference);
MUST_CHECK bool number_multiply(const struct number *a, const struct number *b, struct number *ret_product);
/* *ret_sign is below, at or above 0 as a is below, at or above b. */
MUST_CHECK bool number_compare(const struct number *a, const struct number *b, int *ret_sign);
/* A fraction. b is not 0. */
MUST_CHECK bool number_divide(const struct number *a, const struct number *b, struct number *ret_quotient);
/* a / b rounded half-even to `decimals` places, as an integer of 10^-decimals. b is not 0. */
MUST_CHECK bool number_round_quotient(const struct number *a, const struct number *b, int decimals, i128 *ret_scaled);
/* The integer at or below, cut to what 64 bits hold. */
int64_t number_floor(const struct number *a);

#endif
