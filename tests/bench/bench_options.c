#include "tests/bench/bench_options.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

static const struct bench_option *find(const struct bench_option *options, size_t count, const char *word)
{
	for (size_t i = 0; i < count && strncmp(word, "--", 2) == 0; i++)
		if (strcmp(word + 2, options[i].name) == 0)
			return &options[i];
	return NULL;
}

static enum result take(const struct bench_option *option, const char *value)
{
	if (option->text) {
		*option->text = value;
		return RESULT_OK;
	}
	enum result result = text_to_i64(str_of(value), option->number);
	return result == RESULT_OK && *option->number < 0 ? RESULT_RANGE : result;
}

enum result bench_options_parse(const struct bench_option *options, size_t count, int argc, char **argv)
{
	for (int i = 1; i < argc; i += 2) {
		const struct bench_option *option = find(options, count, argv[i]);
		if (option && i + 1 < argc && take(option, argv[i + 1]) == RESULT_OK)
			continue;
		fprintf(stderr, "%s: %s\n", argv[i], option ? "its value is wrong" : "no such option; there are:");
		for (size_t k = 0; k < count && !option; k++)
			fprintf(stderr, "  --%s %s\n", options[k].name, options[k].text ? "TEXT" : "NUMBER");
		return RESULT_INVALID;
	}
	return RESULT_OK;
}
