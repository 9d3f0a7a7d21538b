/* The lease: who of several processes with one prefix writes. A key that runs out by itself, set by a script if it is free or ours. */
#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "daemon/redis/inside.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <unistd.h>

#define ASK_US 500000 /* between two questions while another one has it */

static void write_text(struct lease *lease)
{
	struct buf text;
	char host[65] = "";
	gethostname(host, sizeof host - 1);
	buf_init(&text);
	buf_printf(&text, "%s %s %ld %016llx %016llx", lease->instance, *host ? host : "-", (long)getpid(),
		(unsigned long long)lease->config_hash, (unsigned long long)lease->place);
	mem_free(lease->text);
	lease->text = mem_text(text.data);
	buf_release(&text);
}

void writer_want_lease(struct writer *writer, const struct writer_lease *wanted)
{
	struct lease *lease = &writer->lease;
	CHECK(!lease->wanted && strlen(wanted->instance) == LEASE_INSTANCE_LENGTH);
	lease->instance = mem_text(wanted->instance);
	lease->config_hash = wanted->config_hash;
	lease->life_us = wanted->life_ms * 1000;
	lease->wanted = true;
	write_text(lease);
}

void writer_show_place(struct writer *writer, uint64_t place)
{
	writer->lease.place = place;
	writer->lease.next_us = 0;
	if (writer->lease.wanted)
		write_text(&writer->lease);
}

void writer_replace_holder(struct writer *writer)
{
	writer->lease.other_gone = writer->lease.other;
	writer->lease.next_us = 0;
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

size_t lease_put_question(struct writer *writer)
{
	struct lease *lease = &writer->lease;
	struct buf *out = connection_queue(&writer->connection);
	lease->asked_us = clock_steady_us();
	lease->next_us = lease->asked_us + lease->life_us / 3;
	size_t start = writer_begin_script(writer, SCRIPT_LEASE, 1, 5);
	command_put(out, writer_key(writer, "lease", (struct str){0}));
	command_put_text(out, lease->instance);
	command_put_text(out, lease->text);
	command_put_number(out, (uint64_t)lease->life_us / 1000);
	command_put_number(out, lease->asked_us >= lease->other_until_us);
	command_put_text(out, lease->other_gone ? lease->other_text : "");
	return start;
}

void lease_ask(struct writer *writer)
{
	if (!writer->lease.wanted || writer->lease.asking)
		return;
	size_t start = lease_put_question(writer);
	writer->lease.asking = true;
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
	/* Ours already, but not by what we know: a question without an answer has brought it back, after it may have been another one's. */
	bool gained = !without_break || lease->term == 0 || lease->asked_us >= lease->until_us;
	lease->until_us = lease->asked_us + lease->life_us;
	lease->other = lease->other_gone = false;
	lease->other_until_us = 0;
	lease->term += gained;
	writer->stats.leases += gained;
	/* Without a token no other write shows that Redis takes some again. */
	if (writer->state == WRITER_HELD && (!writer->token || writer->fenced))
		writer_set_ready(writer);
}

static struct lease_holder holder_of(const char *text)
{
	struct lease_holder holder = {0};
	unsigned long long place = 0;
	if (sscanf(text, "%*s %64s %ld %16s %llx", holder.host, &holder.pid, holder.config_hash, &place) < 3)
		snprintf(holder.host, sizeof holder.host, "%.64s", text);
	holder.place = place;
	return holder;
}

static void note_other(struct writer *writer, const char *text, int64_t left_ms)
{
	struct lease *lease = &writer->lease;
	writer->stats.leases_lost += lease->until_us > 0;
	lease->until_us = 0;
	lease->next_us = lease->asked_us + ASK_US;
	lease->other_gone = lease->other_gone && strcmp(lease->other_text, text) == 0;
	lease->other = true;
	lease->other_until_us = clock_steady_us() + left_ms * 1000;
	lease->holder = holder_of(text);
	snprintf(lease->other_text, sizeof lease->other_text, "%s", text);
}

void lease_replied(struct writer *writer, const struct redisReply *reply)
{
	struct lease *lease = &writer->lease;
	lease->asking = false;
	if (!lease->wanted)
		return;
	if (reply->type == REDIS_REPLY_ARRAY && reply->elements == 2 && reply->element[0]->type == REDIS_REPLY_STRING)
		note_other(writer, reply->element[0]->str, reply->element[1]->integer);
	else if (reply->integer == SCRIPT_FORGOTTEN)
		lease->next_us = lease->asked_us + ASK_US;
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
