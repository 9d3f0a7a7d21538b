/* One list of results: what a function that can fail returns, and the sentence that a person reads.
 *
 * RESULT_OK is 0; everything else is a failure. A function that fails leaves its `ret_` outputs untouched. */
#ifndef BASE_RESULT_H
#define BASE_RESULT_H

#include <stdbool.h>

#define RESULTS(X)                                         \
	X(OK, "success")                                   \
	X(INVALID, "the input is not valid")               \
	X(RANGE, "a number is out of its range")           \
	X(NOT_FOUND, "there is no such thing")             \
	X(IO, "input or output failed")                    \
	X(CORRUPT, "stored data is damaged")               \
	X(VERSION, "stored data has an unknown version")   \
	X(CONFLICT, "it contradicts what is there")        \
	X(TIMEOUT, "it took too long")                     \
	X(UNREACHABLE, "the other side cannot be reached") \
	X(REFUSED, "the other side refused")               \
	X(CLOSED, "it is closed")

enum result {
#define RESULT_ENUM(name, sentence) RESULT_##name,
	RESULTS(RESULT_ENUM)
#undef RESULT_ENUM
};

#define MUST_CHECK __attribute__((warn_unused_result))

/* Whether a person has to do something first: whoever tries again meets the same. */
static inline bool result_needs_a_hand(enum result result)
{
	return result == RESULT_CONFLICT || result == RESULT_VERSION || result == RESULT_CORRUPT;
}

/* The sentence of a result; static, never NULL. */
const char *result_text(enum result result);

#endif
