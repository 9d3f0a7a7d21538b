#include "base/log.h"
#include "tools/kpisim/commands.h"
#include "tools/kpisim/live.h"

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

static enum result run_all(struct run *run, const struct options *options)
{
	int signals = options->live ? signals_open() : -1;
	enum result result = run_history(run);

	if (result == RESULT_OK)
		log_info("history written records=%llu", (unsigned long long)run->written);
	if (result == RESULT_OK && options->live)
		result = signals >= 0 ? live_run(run, options->rate, signals) : RESULT_IO;
	if (signals >= 0)
		close(signals);
	return result;
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
