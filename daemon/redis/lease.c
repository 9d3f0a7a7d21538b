/* The lease: who of several processes with one prefix writes. A key that runs out by itself, set by a script if it is free or ours. */
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "daemon/redis/inside.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <unistd.h>

#define ASK_US 500000 /* between two questions while another one has it */

void writer_want_lease(struct writer *writer, const struct writer_lease *wanted)
{
	struct lease *lease = &writer->lease;
	struct buf text;
	char host[65] = "";
	CHECK(!lease->wanted && strlen(wanted->instance) == LEASE_INSTANCE_LENGTH);
	gethostname(host, sizeof host - 1);
	buf_init(&text);
	buf_printf(&text, "%s %s %ld %016llx", wanted->instance, *host ? host : "-", (long)getpid(),
		(unsigned long long)wanted->config_hash);
	lease->instance = mem_text(wanted->instance);
	lease->text = mem_text(text.data);
	lease->life_us = wanted->life_ms * 1000;
	lease->wanted = true;
	buf_release(&text);
}

bool writer_has_lease(const struct writer *writer)
{
	const struct lease *lease = &writer->lease;
	return !lease->instance || clock_steady_us() < lease->until_us;
}

uint64_t writer_lease_term(const struct writer *writer)
{
	return writer->lease.term;
}

bool writer_lease_holder(const struct writer *writer, struct lease_holder *ret_holder)
{
	if (!writer->lease.other)
		return false;
	*ret_holder = writer->lease.holder;
	return true;
}

void lease_ask(struct writer *writer)
{
	struct lease *lease = &writer->lease;
	if (!lease->wanted || lease->asking)
		return;
	struct buf *out = connection_queue(&writer->connection);
	size_t start = writer_begin_script(writer, SCRIPT_LEASE, 1, 3);
	command_put(out, writer_key(writer, "lease", (struct str){0}));
	command_put_text(out, lease->instance);
	command_put_text(out, lease->text);
	command_put_number(out, (uint64_t)lease->life_us / 1000);
	lease->asking = true;
	lease->asked_us = clock_steady_us();
	writer_end_command(writer, start, (struct pending){.kind = PENDING_LEASE, .id = PENDING_NO_ID});
}

void lease_keep(struct writer *writer, int64_t now_us)
{
	if (now_us >= writer->lease.next_us)
		lease_ask(writer);
}

/* ---- answers ---- */

static void take(struct writer *writer, bool without_break)
{
	struct lease *lease = &writer->lease;
	bool gained = !without_break || lease->term == 0;
	lease->until_us = lease->asked_us + lease->life_us;
	lease->next_us = lease->asked_us + lease->life_us / 3;
	lease->other = false;
	lease->term += gained;
	writer->stats.leases += gained;
	/* Without a token no other write shows that Redis takes some again. */
	if (writer->state == WRITER_HELD && (!writer->token || writer->fenced))
		writer_set_ready(writer);
}

static void note_other(struct writer *writer, const char *text)
{
	struct lease *lease = &writer->lease;
	struct lease_holder holder = {0};
	if (sscanf(text, "%*s %64s %ld %16s", holder.host, &holder.pid, holder.config_hash) != 3)
		snprintf(holder.host, sizeof holder.host, "%.64s", text);
	writer->stats.leases_lost += lease->until_us > 0;
	lease->until_us = 0;
	lease->next_us = lease->asked_us + ASK_US;
	lease->other = true;
	lease->holder = holder;
}

void lease_replied(struct writer *writer, const struct redisReply *reply)
{
	writer->lease.asking = false;
	if (!writer->lease.wanted)
		return;
	if (reply->type == REDIS_REPLY_STRING)
		note_other(writer, reply->str);
	else
		take(writer, reply->integer == SCRIPT_KEPT);
}

void lease_failed(struct writer *writer)
{
	writer->lease.asking = false;
	writer->lease.next_us = clock_steady_us() + ASK_US;
}

void lease_release(struct lease *lease)
{
	mem_free(lease->instance);
	mem_free(lease->text);
}
