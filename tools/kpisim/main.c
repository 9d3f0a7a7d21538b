/* kpisim: a sales organisation that never sleeps, for tests, benchmarks and the demo. */
#include "base/clock.h"
#include "base/log.h"
#include "tools/kpisim/calendar.h"
#include "tools/kpisim/commands.h"

#include <stdio.h>

#ifndef KPID_VERSION
#define KPID_VERSION "0.1.0"
#endif

static int fail_usage(const struct buf *error)
{
	fprintf(stderr, "kpisim: %s\nTry kpisim --help.\n", error->data);
	return 2;
}

static int print_help(void)
{
	struct buf text;

	buf_init(&text);
	options_put_help(&text);
	fputs(text.data, stdout);
	buf_release(&text);
	return fflush(stdout) == 0 ? 0 : 1;
}

static int command_dispatch(const struct options *options, struct buf *error)
{
	struct zone zone;
	int status;

	if (options->command == COMMAND_BROKER)
		return command_broker(options);
	if (options->command == COMMAND_TOPICS)
		return command_topics(options);
	if (zone_load(&zone, options->zone) != RESULT_OK) {
		buf_printf(error, "--zone %s: there is no such time zone", options->zone);
		return fail_usage(error);
	}
	status = options->roster ? command_roster(options, &zone) : command_run(options, &zone);
	zone_release(&zone);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	struct buf error;
	int status;

	buf_init(&error);
	if (options_read(&options, argc, argv, &error) != RESULT_OK ||
		options_set_period(&options, clock_wall_ms(), &error) != RESULT_OK)
		status = fail_usage(&error);
	else if (options.help)
		status = print_help();
	else if (options.version)
		status = printf("kpisim %s\n", KPID_VERSION) > 0 && fflush(stdout) == 0 ? 0 : 1;
	else
		status = command_dispatch(&options, &error);
	buf_release(&error);
	return status;
}
