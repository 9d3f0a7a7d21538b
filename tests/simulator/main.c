/* simulator: docs/simulator.md */
#include "base/log.h"
#include "base/mem.h"
#include "tests/simulator/campaign.h"
#include "tests/simulator/shrink.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHRINK_SECONDS 60
#define STOPPED 130 /* as shells say it */

struct options {
	uint64_t seed, seeds, until, oracle_every;
	unsigned jobs;
	bool trace, require, quiet, shrink;
	const char *directory, *shipped;
	const char *only;
};

static const char usage[] =
	"simulator [--seed N] [--seeds N] [--jobs N]   runs seeds from N on; exits with 1 if one fails; SIGINT or "
	"SIGTERM\n"
	"                 stops it: it says what it has found so far, and exits with 130 if none failed\n"
	"    --require    fails, too, when something rare did not happen at all\n"
	"    --no-shrink  does not look for a smaller schedule that fails\n"
	"    --until N    so many failures are enough\n"
	"    --quiet      no progress\n"
	"simulator --seed N --trace [--only r1,r2,f0]  one seed, told step by step; with only some records and faults "
	"of its plan\n"
	"    --config DIR the configuration (tests/simulator/config)\n"
	"    --shipped DIR, --oracle-every N  every so many seeds it is the shipped one (config), and the Python "
	"oracle compares (1000; 0: never)\n";

static bool parse(int count, char **arguments, struct options *options)
{
	static const struct option known[] = {{"seed", required_argument, NULL, 's'},
		{"seeds", required_argument, NULL, 'n'}, {"jobs", required_argument, NULL, 'j'},
		{"trace", no_argument, NULL, 't'}, {"require", no_argument, NULL, 'r'},
		{"quiet", no_argument, NULL, 'q'}, {"no-shrink", no_argument, NULL, 'x'},
		{"only", required_argument, NULL, 'o'}, {"until", required_argument, NULL, 'u'},
		{"config", required_argument, NULL, 'c'}, {"shipped", required_argument, NULL, 'd'},
		{"oracle-every", required_argument, NULL, 'e'}, {NULL, 0, NULL, 0}};
	int found;
	while ((found = getopt_long(count, arguments, "", known, NULL)) != -1) {
		switch (found) {
		case 's':
			options->seed = strtoull(optarg, NULL, 10);
			break;
		case 'n':
			options->seeds = strtoull(optarg, NULL, 10);
			break;
		case 'j':
			options->jobs = (unsigned)strtoul(optarg, NULL, 10);
			break;
		case 't':
			options->trace = true;
			break;
		case 'r':
			options->require = true;
			break;
		case 'q':
			options->quiet = true;
			break;
		case 'x':
			options->shrink = false;
			break;
		case 'u':
			options->until = strtoull(optarg, NULL, 10);
			break;
		case 'o':
			options->only = optarg;
			break;
		case 'd':
			options->shipped = optarg;
			break;
		case 'e':
			options->oracle_every = strtoull(optarg, NULL, 10);
			break;
		case 'c':
			options->directory = optarg;
			break;
		default:
			return false;
		}
	}
	return optind == count && options->jobs > 0;
}

/* ---- one seed ---- */

static int run_one(const struct options *options, const struct variants *variants)
{
	struct plan *plan = NEW(struct plan), *chosen = NEW(struct plan);
	struct choice choice;
	char failure[512];
	choice_all(&choice);
	if (options->only && !choice_parse(options->only, &choice)) {
		fputs(usage, stderr);
		return 2;
	}
	plan_make(plan, options->seed, campaign_is_shipped(options->oracle_every, options->seed));
	choice_apply(&choice, plan, chosen);
	if (options->trace)
		plan_print(chosen);
	bool right = campaign_try(chosen, variants, options->trace, failure);
	printf("seed %llu: %s\n", (unsigned long long)options->seed, right ? "right" : failure);
	mem_free(plan);
	mem_free(chosen);
	return !right;
}

/* ---- many ---- */

static void explain(const struct failure *failure, const struct options *options, const struct variants *variants)
{
	struct plan *plan = NEW(struct plan);
	struct choice choice;
	plan_make(plan, failure->seed, campaign_is_shipped(options->oracle_every, failure->seed));
	printf("seed %llu: %s\n", (unsigned long long)failure->seed, failure->text);
	if (options->shrink) {
		shrink(plan, variants, SHRINK_SECONDS, &choice);
		printf("    simulator --seed %llu --oracle-every %llu --trace --only ",
			(unsigned long long)failure->seed, (unsigned long long)options->oracle_every);
		choice_print(&choice, plan);
		printf("\n");
	}
	fflush(stdout);
	mem_free(plan);
}

/* How many did not happen at all. */
static int print_rare(const struct tally *tally)
{
	int missing = 0;
	for (int i = 0; i < RARE_COUNT; i++) {
		printf("%12llu  %s\n", (unsigned long long)tally->rare[i], rare_sentences[i]);
		missing += tally->rare[i] == 0;
	}
	return missing;
}

static int run_many(const struct options *options, const struct variants *variants)
{
	struct tally *tally = NEW(struct tally);
	struct campaign campaign = {.variants = variants,
		.first = options->seed,
		.count = options->seeds,
		.jobs = options->jobs,
		.until = options->until,
		.oracle_every = options->oracle_every,
		.progress = !options->quiet};
	bool whole = campaign_run(&campaign, tally);
	int missing = print_rare(tally);
	for (size_t i = 0; i < tally->failure_count; i++) {
		struct options told = *options;
		told.shrink = whole && options->shrink && i < 2;
		explain(&tally->failures[i], &told, variants);
	}
	printf("%llu seeds from %llu, %llu turns: %llu failed", (unsigned long long)tally->seeds,
		(unsigned long long)options->seed, (unsigned long long)tally->turns, (unsigned long long)tally->failed);
	if (!whole)
		printf("; stopped before %llu seeds were done\n", (unsigned long long)options->seeds);
	else
		printf(missing && options->require ? "; %d rare things did not happen\n" : "\n", missing);
	bool failed = tally->failed > 0 || (whole && options->require && missing > 0);
	mem_free(tally);
	return failed || whole ? failed : STOPPED;
}

int main(int count, char **arguments)
{
	struct options options = {.seed = 1,
		.seeds = 1,
		.jobs = 2,
		.shrink = true,
		.directory = "tests/simulator/config",
		.shipped = "config",
		.oracle_every = 1000};
	struct variants variants;
	if (!parse(count, arguments, &options)) {
		fputs(usage, stderr);
		return 2;
	}
	if (variants_load(options.directory, options.oracle_every ? options.shipped : NULL, &variants) != RESULT_OK) {
		fprintf(stderr, "%s or %s cannot be loaded: kpictl check says why\n", options.directory,
			options.shipped);
		variants_release(&variants);
		return 2;
	}
	if (!options.trace)
		log_set_level((enum log_level)0);
	int code = options.seeds > 1 ? run_many(&options, &variants) : run_one(&options, &variants);
	variants_release(&variants);
	return code;
}
