#include "tools/kpisim/live.h"

#include "base/clock.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>

#define TURN_MS 20

int signals_open(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool signals_wait(int signals, int timeout_ms)
{
	struct pollfd waited = {.fd = signals, .events = POLLIN};

	return poll(&waited, 1, timeout_ms) > 0;
}

static void serve_sinks(struct run *run)
{
	for (int i = 0; i < run->sink_count; i++)
		if (run->sinks[i]->poll)
			run->sinks[i]->poll(run->sinks[i]);
}

static enum result flush_sinks(struct run *run)
{
	for (int i = 0; i < run->sink_count && run->result == RESULT_OK; i++)
		run->result = run->sinks[i]->flush(run->sinks[i]);
	return run->result;
}

enum result live_run(struct run *run, int64_t rate, int signals)
{
	int64_t begun = clock_steady_us();
	uint32_t first = run->faults.seen;

	while (!signals_wait(signals, TURN_MS) && run->result == RESULT_OK && !run_limit_reached(run)) {
		int64_t due = (clock_steady_us() - begun) * rate / 1000000;

		while ((int64_t)(run->faults.seen - first) < due && run->result == RESULT_OK && !run_limit_reached(run))
			run->result = run_live_step(run, clock_wall_ms());
		serve_sinks(run);
	}
	return flush_sinks(run);
}
