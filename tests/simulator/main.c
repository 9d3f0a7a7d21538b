#include "tests/simulator/run.h"

#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv)
{
	struct config *config;
	struct config_problems problems;
	static struct plan plan;
	static struct outcome outcome;
	uint64_t from = argc > 1 ? strtoull(argv[1], NULL, 10) : 1, count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
	bool trace = argc > 3, failed = false;
	uint64_t rare[RARE_COUNT] = {0}, turns = 0;
	if (config_load("tests/simulator/config", NULL, 0, &config, &problems) != RESULT_OK)
		return 2;
	if (!trace)
		log_set_level((enum log_level)0);
	for (uint64_t seed = from; seed < from + count; seed++) {
		plan_make(&plan, seed);
		if (trace)
			plan_print(&plan);
		fflush(stdout);
		run_plan(&plan, config, trace, &outcome);
		if (*outcome.failure) {
			printf("seed %llu: %s\n", (unsigned long long)seed, outcome.failure);
			failed = true;
		}
		for (int i = 0; i < RARE_COUNT; i++)
			rare[i] += outcome.rare[i];
		turns += outcome.turns;
	}
	for (int i = 0; i < RARE_COUNT; i++)
		printf("%10llu  %s\n", (unsigned long long)rare[i], rare_sentences[i]);
	printf("turns %llu\n", (unsigned long long)turns);
	return failed;
}
