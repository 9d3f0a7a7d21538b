/* kpid: the main thread. It reads the configuration, starts a run (service.h), and waits for signals; a reload is a new run. */
#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/version.h"
#include "config/config.h"
#include "config/past.h"
#include "daemon/checkpoint/store_settings.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/service.h"
#include "pipeline/shard.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define EXIT_CONFIG 78

/* For jemalloc: what was freed goes back to the system, also when nothing happens any more. Catching up leaves holes, a third of all memory with a
 * million customers. */
const char *malloc_conf = "background_thread:true";

enum request { REQUEST_NONE, REQUEST_STOP, REQUEST_RELOAD };

struct daemon {
	struct options options;
	int signals; /* signalfd */
	struct config *config;
	struct config *next; /* read by a reload, for the next run */
	enum request request;
	char instance[LEASE_INSTANCE_LENGTH + 1];
	struct service_past past;
};

static int open_signals(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	/* Blocked here, before any thread is started, so that only the signalfd sees them. */
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void take_signals(struct daemon *daemon)
{
	struct signalfd_siginfo info;
	while (read(daemon->signals, &info, sizeof info) == (ssize_t)sizeof info) {
		if (info.ssi_signo == SIGHUP && daemon->request == REQUEST_NONE)
			daemon->request = REQUEST_RELOAD;
		else if (info.ssi_signo != SIGHUP)
			daemon->request = REQUEST_STOP;
	}
}

static bool cancelled(void *context)
{
	struct daemon *daemon = context;
	take_signals(daemon);
	notify_watchdog(); /* waiting for brokers is not hanging */
	return daemon->request == REQUEST_STOP;
}

/* A standby has nothing to finish first. */
static bool interrupted(void *context)
{
	const struct daemon *daemon = context;
	return cancelled(context) || daemon->request != REQUEST_NONE;
}

static struct config *load(const struct options *options)
{
	struct config *config = NULL;
	struct config_problems problems;
	enum result result =
		config_load(options->directory, options->overrides, options->override_count, &config, &problems);
	struct buf text;
	buf_init(&text);
	config_problems_print(&problems, options->directory, &text);
	fwrite(text.data, 1, text.length, stderr);
	buf_release(&text);
	config_problems_release(&problems);
	if (result == RESULT_OK)
		return config;
	config_free(config);
	return NULL;
}

/* Whether the next configuration says of the time before `end` what the one in use does; logs what is different. */
static bool keeps_past(const struct daemon *daemon, int64_t end)
{
	struct buf past, difference;
	buf_init(&past);
	buf_init(&difference);
	past_put(daemon->config, &past);
	bool same = past_compare(buf_str(&past), daemon->next, end, &difference) == RESULT_OK;
	if (!same)
		log_error("the new configuration changes the past: %s; the one before stays. Only entries from now on "
			  "can "
			  "change; to count the past anew, restart kpid with another %s",
			difference.data, store_setting(&daemon->config->settings));
	buf_release(&past);
	buf_release(&difference);
	return same;
}

static bool fits(const struct daemon *daemon, int64_t end)
{
	if (!daemon->next) {
		log_error("the new configuration has errors: the one before stays");
		return false;
	}
	if (shard_meaning(daemon->next) == shard_meaning(daemon->config))
		return keeps_past(daemon, end);
	log_error("the new configuration measures other things than the checkpoint holds: the one before "
		  "stays; restart kpid with "
		  "another %s to count again from the beginning",
		store_setting(&daemon->config->settings));
	return false;
}

static void drop_next(struct daemon *daemon)
{
	config_free(daemon->next);
	daemon->next = NULL;
	daemon->request = REQUEST_NONE;
}

/* The new configuration is read while the old one still works: when it does not fit nothing changes. */
static void reload(struct daemon *daemon, const struct service *service)
{
	notify_reloading();
	daemon->next = load(&daemon->options);
	if (fits(daemon, service_end(service)))
		return;
	drop_next(daemon);
	notify_ready();
}

/* As a standby: there is no state yet that it must fit. */
static void reload_early(struct daemon *daemon)
{
	notify_reloading();
	struct config *next = load(&daemon->options);
	daemon->request = REQUEST_NONE;
	if (next) {
		config_free(daemon->config);
		daemon->config = next;
		log_notice("configuration reloaded");
	} else {
		log_error("the new configuration has errors: the one before stays");
	}
	notify_ready();
}

static void ping_watchdog(const struct service *service, int64_t every_ms, int64_t *at_ms)
{
	char status[256];
	int64_t now_ms = clock_steady_us() / 1000;
	if (every_ms == 0 || now_ms < *at_ms || !service_alive(service))
		return;
	service_status(service, status, sizeof status);
	notify_status(status);
	notify_watchdog();
	*at_ms = now_ms + every_ms;
}

/* A reload may have been asked for before there was a run, while it waited for brokers. */
static bool run_is_over(struct daemon *daemon, const struct service *service)
{
	if (daemon->request == REQUEST_RELOAD && !daemon->next)
		reload(daemon, service);
	return daemon->request != REQUEST_NONE;
}

/* The main thread's part while the others work. Ends with a request, or with what went wrong. */
static enum result watch(struct daemon *daemon, struct service *service)
{
	int64_t ping_every = notify_watchdog_interval(), ping_at = 0;
	struct pollfd descriptor = {daemon->signals, POLLIN, 0};
	enum result result = RESULT_OK;
	while (result == RESULT_OK && !run_is_over(daemon, service)) {
		poll(&descriptor, 1, service_turn_ms(service));
		take_signals(daemon);
		result = service_watch(service);
		ping_watchdog(service, ping_every, &ping_at);
	}
	return result;
}

/* For tests: KPID_TEST_FAIL_ALLOCATION=5 fails the fifth allocation, =ready:5 the fifth after the first READY. */
static void fail_allocation(const char *when)
{
	const char *wanted = getenv("KPID_TEST_FAIL_ALLOCATION");
	if (wanted && strncmp(wanted, when, strlen(when)) == 0)
		mem_fail_after(strtoull(wanted + strlen(when), NULL, 10));
}

/* One run. RESULT_CLOSED: start again. */
static enum result run(struct daemon *daemon)
{
	struct service *service;
	log_set_level((enum log_level)(LOG_LEVEL_ERROR + daemon->config->settings.log_level));
	struct service_waits waits = {cancelled, interrupted, daemon};
	enum result result = service_start(daemon->config, &waits, &daemon->past, &service);
	if (result != RESULT_OK) {
		if (result == RESULT_CLOSED && daemon->request == REQUEST_RELOAD)
			reload_early(daemon);
		return daemon->request == REQUEST_STOP ? RESULT_OK : result;
	}
	notify_ready();
	fail_allocation("ready:");
	result = watch(daemon, service);
	if (daemon->request == REQUEST_STOP)
		notify_stopping();
	int64_t end;
	bool goes_on = result == RESULT_CLOSED || daemon->next;
	if (!service_stop(service, goes_on, &end) && result == RESULT_OK)
		result = RESULT_IO;
	if (!daemon->next || result != RESULT_OK)
		return result;
	/* The end moved on until the last checkpoint. */
	if (!keeps_past(daemon, end)) {
		drop_next(daemon);
		return RESULT_CLOSED;
	}
	config_free(daemon->config);
	daemon->config = daemon->next;
	daemon->next = NULL;
	daemon->request = REQUEST_NONE;
	log_notice("configuration reloaded");
	return RESULT_CLOSED;
}

static void draw_instance(struct daemon *daemon)
{
	uint64_t number = 0;
	if (getrandom(&number, sizeof number, 0) != (ssize_t)sizeof number)
		number = (uint64_t)clock_wall_ms() << 24 ^ (uint64_t)getpid();
	snprintf(daemon->instance, sizeof daemon->instance, "%016llx", (unsigned long long)number);
	daemon->past.instance = daemon->instance;
}

static int run_all(struct daemon *daemon)
{
	enum result result = RESULT_CLOSED;
	log_notice("kpid %s starts", KPID_VERSION);
	draw_instance(daemon);
	while (result == RESULT_CLOSED && daemon->request != REQUEST_STOP)
		result = run(daemon);
	if (result == RESULT_OK || result == RESULT_CLOSED) {
		log_notice("kpid ends");
		return EXIT_SUCCESS;
	}
	bool needs_a_hand = result_needs_a_hand(result);
	/* What the matter is was said where it was found. */
	log_error("kpid ends: %s", needs_a_hand ? "what is said above must be mended first" : result_text(result));
	return needs_a_hand ? EXIT_CONFIG : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	struct daemon daemon = {.signals = -1};
	int code;
	fail_allocation("");
	if (!options_parse(&daemon.options, argc, argv, &code)) {
		options_release(&daemon.options);
		return code;
	}
	daemon.config = load(&daemon.options);
	if (!daemon.config)
		code = EXIT_CONFIG;
	else if (daemon.options.check_only)
		code = EXIT_SUCCESS;
	else if ((daemon.signals = open_signals()) < 0)
		code = EXIT_FAILURE;
	else
		code = run_all(&daemon);
	config_free(daemon.config);
	config_free(daemon.next);
	options_release(&daemon.options);
	if (daemon.signals >= 0)
		close(daemon.signals);
	return code;
}
