/* Linked into the programs of a build with the thread sanitizer: see the header. */
#include "tests/unit/c11_threads.h"
