#include "tests/simulator/campaign.h"

#include "base/check.h"
#include "base/mem.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A run takes some milliseconds; one of so many seconds hangs. With the oracle it takes seconds. */
#define HANG_SECONDS 60
#define HANG_SHIPPED_SECONDS 600
#define PROGRESS_SECONDS 10

/* What a process shares with its parent. */
struct part {
	struct tally tally;
	uint64_t seed; /* it is at */
	pid_t pid;     /* 0: it is done */
	bool stopped;  /* it ends behind the seed it is at */
};

static void *shared(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(memory != MAP_FAILED);
	return memory;
}

static int64_t seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static void note_failure(struct tally *tally, uint64_t seed, const char *text)
{
	tally->failed++;
	if (tally->failure_count == FAILURES_KEPT)
		return;
	struct failure *failure = &tally->failures[tally->failure_count++];
	failure->seed = seed;
	snprintf(failure->text, sizeof failure->text, "%s", text);
}

bool campaign_is_shipped(uint64_t oracle_every, uint64_t seed)
{
	return oracle_every && seed % oracle_every == 0;
}

/* By processor time, so that a process that is stopped for a while, or a busy machine, is not taken for one that hangs. */
static void watch(const struct plan *plan)
{
	struct itimerval limit = {.it_value.tv_sec = plan->shipped ? HANG_SHIPPED_SECONDS : HANG_SECONDS};
	CHECK(setitimer(ITIMER_PROF, &limit, NULL) == 0);
}

static void run_seed(struct part *part, const struct campaign *campaign, struct plan *plan)
{
	struct outcome outcome;
	plan_make(plan, part->seed, campaign_is_shipped(campaign->oracle_every, part->seed));
	watch(plan);
	run_plan(plan, variants_of_plan(campaign->variants, plan), false, &outcome);
	for (int i = 0; i < RARE_COUNT; i++)
		part->tally.rare[i] += outcome.rare[i];
	part->tally.turns += outcome.turns;
	part->tally.seeds++;
	if (*outcome.failure)
		note_failure(&part->tally, part->seed, outcome.failure);
}

/* From part->seed on, every jobs-th one. */
static void begin(struct part *part, const struct campaign *campaign)
{
	fflush(stdout);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid > 0) {
		part->pid = pid;
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	struct plan *plan = NEW(struct plan);
	for (; part->seed < campaign->first + campaign->count; part->seed += campaign->jobs) {
		if (*(volatile bool *)&part->stopped)
			break;
		run_seed(part, campaign, plan);
		if (campaign->until && part->tally.failed >= campaign->until)
			break;
	}
	_exit(0);
}

static void begin_after_death(struct part *part, const struct campaign *campaign, int status)
{
	char text[64];
	snprintf(text, sizeof text, WIFSIGNALED(status) ? "it died of signal %d" : "it ended with %d",
		WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	note_failure(&part->tally, part->seed, text);
	part->tally.seeds++;
	part->seed += campaign->jobs;
	if (!part->stopped && (!campaign->until || part->tally.failed < campaign->until))
		begin(part, campaign);
}

/* True while any is at work. */
static bool look(struct part *parts, const struct campaign *campaign)
{
	bool any = false;
	for (unsigned i = 0; i < campaign->jobs; i++) {
		int status;
		if (parts[i].pid && waitpid(parts[i].pid, &status, WNOHANG) == parts[i].pid) {
			parts[i].pid = 0;
			if (status != 0)
				begin_after_death(&parts[i], campaign, status);
		}
		any |= parts[i].pid != 0;
	}
	return any;
}

static void add(struct tally *sum, const struct tally *part)
{
	sum->seeds += part->seeds;
	sum->failed += part->failed;
	sum->turns += part->turns;
	for (int i = 0; i < RARE_COUNT; i++)
		sum->rare[i] += part->rare[i];
	for (size_t i = 0; i < part->failure_count && sum->failure_count < FAILURES_KEPT; i++)
		sum->failures[sum->failure_count++] = part->failures[i];
}

static void sum_up(const struct part *parts, const struct campaign *campaign, struct tally *ret_tally)
{
	*ret_tally = (struct tally){0};
	for (unsigned i = 0; i < campaign->jobs; i++)
		add(ret_tally, &parts[i].tally);
}

/* To stderr, so that a report on stdout stays one. */
static void say_progress(const struct part *parts, const struct campaign *campaign, int64_t began, int64_t *said)
{
	struct tally tally;
	int64_t now = seconds();
	if (!campaign->progress || now < *said + PROGRESS_SECONDS)
		return;
	*said = now;
	sum_up(parts, campaign, &tally);
	fprintf(stderr, "%llu of %llu seeds, %llu failed, %.1f seeds/s\n", (unsigned long long)tally.seeds,
		(unsigned long long)campaign->count, (unsigned long long)tally.failed,
		(double)tally.seeds / (double)(now - began));
	for (size_t i = 0; i < tally.failure_count; i++)
		fprintf(stderr, "  seed %llu: %s\n", (unsigned long long)tally.failures[i].seed,
			tally.failures[i].text);
}

/* What wakes the campaign; the processes inherit that SIGINT and SIGTERM are not for them. */
static sigset_t news(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	return set;
}

bool campaign_run(const struct campaign *campaign, struct tally *ret_tally)
{
	struct part *parts = shared(campaign->jobs * sizeof *parts);
	int64_t began = seconds(), said = began;
	bool stopped = false;
	sigset_t set = news();
	for (unsigned i = 0; i < campaign->jobs; i++) {
		parts[i].seed = campaign->first + i;
		begin(&parts[i], campaign);
	}
	while (look(parts, campaign)) {
		int signal = sigtimedwait(&set, NULL, &(struct timespec){.tv_sec = 1});
		stopped |= signal == SIGINT || signal == SIGTERM;
		for (unsigned i = 0; i < campaign->jobs; i++)
			parts[i].stopped = stopped;
		say_progress(parts, campaign, began, &said);
	}
	sum_up(parts, campaign, ret_tally);
	munmap(parts, campaign->jobs * sizeof *parts);
	return !stopped;
}

bool campaign_try(const struct plan *plan, const struct variants *variants, bool trace, char failure[512])
{
	struct outcome *outcome = shared(sizeof *outcome);
	int status = 0;
	fflush(stdout);
	pid_t pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		watch(plan);
		run_plan(plan, variants_of_plan(variants, plan), trace, outcome);
		fflush(stdout);
		_exit(0);
	}
	while (waitpid(pid, &status, 0) != pid)
		;
	if (status != 0)
		snprintf(outcome->failure, sizeof outcome->failure, "it died of %d", status);
	memcpy(failure, outcome->failure, 512);
	munmap(outcome, sizeof *outcome);
	return *failure == '\0';
}
