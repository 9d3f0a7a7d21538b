/* CHECK stops the process when the program itself is wrong, in every build. A bad event or a lost broker is never a
 * reason for it: those are results. The condition must have no side effects. */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#define CHECK(condition)                                              \
	do {                                                          \
		if (__builtin_expect(!(condition), 0))                \
			check_failed(#condition, __FILE__, __LINE__); \
	} while (0)

#ifdef __cplusplus
extern "C" {
#endif
__attribute__((noreturn)) void check_failed(const char *condition, const char *file, int line);
#ifdef __cplusplus
}
#endif

#endif
