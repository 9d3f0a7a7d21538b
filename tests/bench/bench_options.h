/* Options of the programs here: `--name value`, as a table. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include "base/result.h"

#include <stddef.h>
#include <stdint.h>

/* One of `text` and `number` is set: where the value goes. Numbers are whole and not negative. */
struct bench_option {
	const char *name;
	const char **text;
	int64_t *number;
};

/* RESULT_INVALID with a complaint on standard error: an unknown name, no value, no number, or a word that belongs to no option. */
MUST_CHECK enum result bench_options_parse(const struct bench_option *options, size_t count, int argc, char **argv);

#endif
