#include "base/log.h"
#include "tools/kpisim/commands.h"
#include "tools/kpisim/live.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

static enum result sinks_open(const struct options *options, struct sink **sinks, int *count)
{
	enum result result = RESULT_OK;

	if (options->out || !options->brokers) {
		result = sink_file_new(options->out ? options->out : "-", &sinks[*count]);
		*count += result == RESULT_OK;
	}
	if (options->brokers && result == RESULT_OK) {
		result = sink_kafka_new(options, &sinks[*count]);
		*count += result == RESULT_OK;
	}
	return result;
}

/* Signals end the history at once, and the live part in good order. */
static enum result run_live(struct run *run, const struct options *options)
{
	int signals = signals_open();
	enum result result;

	if (signals < 0) {
		log_error("cannot wait for signals error=%s", strerror(errno));
		return RESULT_IO;
	}
	result = live_run(run, options->rate, signals);
	close(signals);
	return result;
}

static enum result run_all(struct run *run, const struct options *options)
{
	enum result result = run_history(run);

	if (result != RESULT_OK)
		return result;
	log_info("history written records=%llu", (unsigned long long)run->written);
	return options->live ? run_live(run, options) : RESULT_OK;
}

int command_run(const struct options *options, const struct zone *zone)
{
	struct sink *sinks[RUN_SINKS_MAX];
	struct run run;
	int count = 0;
	enum result result;

	signal(SIGPIPE, SIG_IGN);
	result = sinks_open(options, sinks, &count);
	if (result == RESULT_OK) {
		run_init(&run, options, zone, sinks, count);
		result = run_all(&run, options);
		run_release(&run);
	}
	while (count > 0) {
		count--;
		sinks[count]->free(sinks[count]);
	}
	if (result != RESULT_OK)
		log_error("kpisim failed: %s", result_text(result));
	return result == RESULT_OK ? 0 : 1;
}
