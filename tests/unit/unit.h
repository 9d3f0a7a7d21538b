/* What every unit test includes: cmocka with what it needs, and a way to watch a process end. */
#ifndef TESTS_UNIT_UNIT_H
#define TESTS_UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"

/* Runs `run` in a child process. Its exit code, or minus the signal that ended it; what it wrote to stderr is added to `said`
 * (may be NULL). */
int unit_run_child(void (*run)(void), struct buf *said);

#define assert_str(actual, expected) unit_assert_str((actual), (expected), __FILE__, __LINE__)
void unit_assert_str(struct str actual, const char *expected, const char *file, int line);

#endif
