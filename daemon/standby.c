#include "daemon/standby.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/log.h"
#include "daemon/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TURN_US 100000
#define OPEN_EVERY_US 500000
/* Redis that gives no answer for so long at the start is not waited for. */
#define PATIENCE_US 5000000
#define KEEP_US 1000000

struct wait {
	struct writer *writer;
	const struct standby_needs *needs;
	int64_t began_us, tried_us; /* tried_us: to open */
	bool met;                   /* another one has had the lease */
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

/* A number for the file as it is on this host; 0: it is not there. */
static uint64_t identity_of(const char *file)
{
	struct stat status;
	char text[200], host[65] = "";
	if (!file || stat(file, &status) != 0)
		return 0;
	gethostname(host, sizeof host - 1);
	snprintf(text, sizeof text, "%s %llu %llu %lld.%09ld", host, (unsigned long long)status.st_dev,
		(unsigned long long)status.st_ino, (long long)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
	return hash_sip((struct hash_key){0}, str_of(text));
}

static bool may_be_active(const struct wait *wait)
{
	bool alone = !wait->met && clock_steady_us() - wait->began_us >= PATIENCE_US;
	return alone || writer_has_lease(wait->writer);
}

static bool shares_lock(const struct wait *wait)
{
	struct lease_holder other;
	return writer_lease_holder(wait->writer, &other) && other.place &&
		other.place == identity_of(wait->needs->lock);
}

/* RESULT_CONFLICT: not yet. */
static enum result try_to_open(struct wait *wait)
{
	char problem[512] = "";
	bool active = may_be_active(wait);
	int64_t now_us = clock_steady_us();
	if ((wait->tried_us && now_us - wait->tried_us < OPEN_EVERY_US) || (!active && !shares_lock(wait)))
		return RESULT_CONFLICT;
	wait->tried_us = now_us;
	enum result result = wait->needs->open(wait->needs->open_context, problem, sizeof problem);
	if (result == RESULT_CONFLICT && active)
		say(wait, problem);
	else if (result != RESULT_CONFLICT && result != RESULT_OK)
		log_error("%s", problem);
	if (result == RESULT_OK && !active) {
		log_notice("who held the lease is gone: its lock is free");
		writer_replace_holder(wait->writer);
	}
	return result;
}

static enum result wait_turns(struct wait *wait)
{
	enum result opened = RESULT_CONFLICT;
	while (opened != RESULT_OK || !may_be_active(wait)) {
		writer_poll(wait->writer, TURN_US);
		if (wait->needs->interrupted(wait->needs->interrupted_context))
			return RESULT_CLOSED;
		look_at_holder(wait);
		if (opened == RESULT_CONFLICT)
			opened = try_to_open(wait);
		if (opened != RESULT_OK && opened != RESULT_CONFLICT)
			return opened;
	}
	return RESULT_OK;
}

static void *keep(void *context)
{
	struct standby *standby = context;
	while (!atomic_load(&standby->done))
		writer_poll(standby->writer, KEEP_US);
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
	writer_show_place(writer, identity_of(needs->lock));
	if (*wait.said) {
		log_notice("takes over");
		notify_status("taking over");
	}
	standby_keep(standby);
	return RESULT_OK;
}
