#include "daemon/standby.h"

#include "base/clock.h"
#include "base/log.h"
#include "daemon/notify.h"

#include <stdio.h>
#include <stdlib.h>

#define TURN_MS 100
#define OPEN_EVERY_US 500000
/* Redis that gives no answer for so long at the start is not waited for. */
#define PATIENCE_US 5000000
#define KEEP_MS 1000

struct wait {
	struct writer *writer;
	const struct standby_needs *needs;
	int64_t began_us, opened_us; /* opened_us: tried to open last */
	bool met;                    /* another one has had the lease */
	char said[256];
	char hash_said[17];
};

/* Ready for systemd: a unit that stands by has started. */
static void say(struct wait *wait, const char *why)
{
	if (strcmp(wait->said, why) == 0)
		return;
	snprintf(wait->said, sizeof wait->said, "%s", why);
	log_notice("stands by: %s", why);
	char status[300];
	snprintf(status, sizeof status, "standing by: %s", why);
	notify_status(status);
	notify_ready();
}

/* It would publish other figures when its turn comes: that is how a change of the configuration is rolled out, so it goes on waiting. */
static void say_other_configuration(struct wait *wait, const char *hash)
{
	if (strcmp(wait->hash_said, hash) == 0)
		return;
	snprintf(wait->hash_said, sizeof wait->hash_said, "%s", hash);
	log_warning("the active process has another configuration (config_hash %s, here %016llx); when this one takes "
		    "over, its own holds",
		hash, (unsigned long long)wait->needs->config->hash);
}

static void look_at_holder(struct wait *wait)
{
	struct lease_holder other;
	char why[256];
	if (!writer_lease_holder(wait->writer, &other))
		return;
	bool same = other.config_hash[0] && strtoull(other.config_hash, NULL, 16) == wait->needs->config->hash;
	snprintf(why, sizeof why, "%s pid %ld is active%s", other.host, other.pid,
		same ? "" : ", with another configuration");
	wait->met = true;
	say(wait, why);
	if (!same)
		say_other_configuration(wait, other.config_hash);
}

static bool may_open(struct wait *wait, int64_t now_us)
{
	bool alone = !wait->met && now_us - wait->began_us >= PATIENCE_US;
	if (!writer_has_lease(wait->writer) && !alone)
		return false;
	if (wait->opened_us && now_us - wait->opened_us < OPEN_EVERY_US)
		return false;
	wait->opened_us = now_us;
	return true;
}

static enum result try_to_open(struct wait *wait)
{
	char problem[512] = "";
	enum result result = wait->needs->open(wait->needs->open_context, problem, sizeof problem);
	if (result == RESULT_CONFLICT)
		say(wait, problem);
	else if (result != RESULT_OK)
		log_error("%s", problem);
	return result;
}

static enum result wait_turns(struct wait *wait)
{
	enum result result = RESULT_CONFLICT;
	while (result == RESULT_CONFLICT) {
		writer_poll(wait->writer, TURN_MS);
		if (wait->needs->interrupted(wait->needs->interrupted_context))
			return RESULT_CLOSED;
		look_at_holder(wait);
		if (may_open(wait, clock_steady_us()))
			result = try_to_open(wait);
	}
	return result;
}

static void *keep(void *context)
{
	struct standby *standby = context;
	while (!atomic_load(&standby->done))
		writer_poll(standby->writer, KEEP_MS);
	return NULL;
}

/* Without a thread the lease runs out, and is asked for again later. */
void standby_keep(struct standby *standby)
{
	atomic_store(&standby->done, false);
	standby->keeping = standby->writer && pthread_create(&standby->thread, NULL, keep, standby) == 0;
}

void standby_end(struct standby *standby)
{
	if (!standby->keeping)
		return;
	atomic_store(&standby->done, true);
	writer_wake(standby->writer);
	pthread_join(standby->thread, NULL);
	standby->keeping = false;
}

enum result standby_wait(struct standby *standby, struct writer *writer, const struct standby_needs *needs)
{
	const struct config *config = needs->config;
	struct wait wait = {.writer = writer, .needs = needs, .began_us = clock_steady_us()};
	standby->writer = writer;
	writer_want_lease(writer, &(struct writer_lease){needs->instance, config->hash, config->settings.redis_lease});
	enum result result = wait_turns(&wait);
	if (result != RESULT_OK)
		return result;
	if (*wait.said) {
		log_notice("takes over");
		notify_status("taking over");
	}
	standby_keep(standby);
	return RESULT_OK;
}
