/* Exact fractions for the brute-force computation, and the text of numbers as docs/redis.md has it.
 *
 * Invariant of a brute_fraction: den > 0, and num and den have no common divisor. Everything fits into 128 bits for the small
 * amounts of a simulated log; what does not ends the program (CHECK), since it would be a wrong expectation. */
#ifndef TESTS_SIMULATOR_BRUTE_NUMBER_H
#define TESTS_SIMULATOR_BRUTE_NUMBER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef __int128 brute_int;

struct brute_fraction {
	brute_int num;
	brute_int den;
};

enum { BRUTE_NUMBER_TEXT = 64 };

struct brute_fraction brute_whole(int64_t value);
struct brute_fraction brute_fraction(brute_int num, brute_int den); /* den is not 0; reduced, its sign in num */
struct brute_fraction brute_add(struct brute_fraction a, struct brute_fraction b);
struct brute_fraction brute_subtract(struct brute_fraction a, struct brute_fraction b);
struct brute_fraction brute_multiply(struct brute_fraction a, struct brute_fraction b);
struct brute_fraction brute_divide(struct brute_fraction a, struct brute_fraction b); /* b is not 0 */
int brute_compare(struct brute_fraction a, struct brute_fraction b);                  /* <0, 0, >0 */
static inline bool brute_is_zero(struct brute_fraction a)
{
	return a.num == 0;
}

brute_int brute_round_half_even(struct brute_fraction value); /* to a whole number */

/* `value` rounded half-even to `places` (at most 15) decimals, in its shortest form: "0.35", "-12", "0". `text` has
 * BRUTE_NUMBER_TEXT bytes. */
void brute_decimal_text(struct brute_fraction value, int places, char *text);
/* `value` exactly; it must have at most 15 decimals. */
void brute_exact_text(struct brute_fraction value, char *text);

#endif
