/* kpi:meta: the end of every flush. Its sequence shows what Redis has forgotten, its token who may write. */
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/redis/inside.h"

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <unistd.h>

#define BACKOFF_FIRST_US 50000
#define OWN_FIELDS 7

static void put_time(struct buf *out, int64_t time)
{
	struct buf text;
	buf_init(&text);
	if (time > 0)
		text_put_time(&text, time);
	command_put(out, buf_str(&text));
	buf_release(&text);
}

static void put_own_fields(struct writer *writer, struct buf *out)
{
	char host[65] = "";
	gethostname(host, sizeof host - 1);
	command_put(out, STR("contract"));
	command_put(out, STR("1"));
	command_put(out, STR("token"));
	command_put_number(out, writer->token);
	command_put(out, STR("sequence"));
	command_put_number(out, writer->sequence);
	command_put(out, STR("as_of"));
	put_time(out, writer->as_of);
	command_put(out, STR("updated_at"));
	put_time(out, clock_wall_ms());
	command_put(out, STR("host"));
	command_put_text(out, host);
	command_put(out, STR("pid"));
	command_put_number(out, (uint64_t)getpid());
}

void meta_send(struct writer *writer)
{
	struct buf *out = connection_queue(&writer->connection);
	writer->sequence++;
	size_t arguments = 3 + 2 * (OWN_FIELDS + (size_t)writer->meta_count);
	size_t start = writer_begin_script(writer, SCRIPT_META, 1, arguments);
	command_put(out, writer_key(writer, "meta", (struct str){0}));
	command_put_number(out, writer->token);
	command_put_number(out, writer->stats.sequence);
	command_put_number(out, writer->sequence);
	put_own_fields(writer, out);
	buf_put_str(out, buf_str(&writer->meta));
	writer_end_command(writer, start, (struct pending){.kind = PENDING_META, .revision = writer->sequence});
}

static void keep_fields(struct writer *writer, const struct writer_meta_field *fields, size_t field_count)
{
	buf_clear(&writer->meta);
	writer->meta_count = (uint32_t)field_count;
	for (size_t i = 0; i < field_count; i++) {
		command_put_text(&writer->meta, fields[i].name);
		command_put(&writer->meta, fields[i].value);
	}
}

void writer_flush(struct writer *writer, int64_t as_of, const struct writer_meta_field *fields, size_t field_count)
{
	keep_fields(writer, fields, field_count);
	writer->as_of = as_of > writer->as_of ? as_of : writer->as_of;
	if (writer_takes(writer)) {
		board_flush_all(writer);
		if (writer->transitions.again)
			alert_send_again(writer);
		sweep_step(writer);
		changes_send(writer);
		meta_send(writer);
		writer_send_now(writer);
	}
	buf_clear(&writer->changes);
	keys_forget_gone(&writer->keys);
}

/* From ours to `token`, in kpi:meta. Until it is answered nothing is written: it would carry a token that counts no more. */
static void set_token(struct writer *writer, uint64_t token)
{
	writer->raising = true;
	struct buf *out = connection_queue(&writer->connection);
	size_t start = writer_begin_script(writer, SCRIPT_TOKEN, 1, 2);
	command_put(out, writer_key(writer, "meta", (struct str){0}));
	command_put_number(out, writer->token);
	command_put_number(out, token);
	writer_end_command(writer, start, (struct pending){.kind = PENDING_RAISE, .revision = token});
}

/* Another writer's token stands at some key although kpi:meta names ours: kpi:meta was lost once, and what it said of
 * tokens with it. */
static void raise_token(struct writer *writer)
{
	if (writer->raising)
		return;
	log_warning("redis: keys carry the token %llu, kpi:meta %llu: taking a higher one",
		(unsigned long long)writer->token_above, (unsigned long long)writer->token);
	set_token(writer, writer->token_above + 1);
	writer->token_above = 0;
}

/* A later flush of ours can only have come on another connection, and then nobody is told. So this sequence is none of ours:
 * with a token that nobody had before ours counts again. */
static void leave_sequence(struct writer *writer)
{
	if (writer->raising)
		return;
	log_warning("redis: kpi:meta carries a sequence that kpid has not written: taking a higher token");
	set_token(writer, writer->token + 1);
}

/* Before the first flush kpi:meta holds what the writer before us has said, and others still need it. */
void meta_probe(struct writer *writer)
{
	if (writer->raising)
		return;
	if (writer->meta_count)
		meta_send(writer);
	else
		set_token(writer, writer->token);
}

void meta_raised(struct writer *writer, const struct pending *pending, long long answer)
{
	writer->raising = false;
	if (answer != 1) {
		writer_fence(writer);
		return;
	}
	writer->token = pending->revision;
	writer->sequence = writer->stats.sequence = 0;
	if (writer->state == WRITER_HELD)
		writer_set_ready(writer);
	else
		writer_want_all(writer, true);
}

static void acknowledge(struct writer *writer, uint64_t sequence)
{
	writer->stats.flushes++;
	writer->stats.sequence = sequence;
	writer->backoff_us = BACKOFF_FIRST_US;
	if (writer->state == WRITER_HELD)
		writer_set_ready(writer);
	if (writer->token_above > writer->token)
		raise_token(writer);
}

void meta_replied(struct writer *writer, const struct pending *pending, long long answer)
{
	if (answer == SCRIPT_OTHER) {
		writer_fence(writer);
		return;
	}
	/* Sent before a higher token was taken: its sequence counts no more. */
	if (pending->revision > writer->sequence)
		return;
	if (answer == SCRIPT_OLDER) {
		leave_sequence(writer);
		return;
	}
	acknowledge(writer, pending->revision);
	if (answer == SCRIPT_GAP)
		writer_found_loss(writer, "what it had acknowledged is gone");
	writer->loss_known = false;
}

static uint64_t number_of(const struct redisReply *reply)
{
	int64_t number;
	if (reply->type != REDIS_REPLY_STRING ||
		text_to_i64((struct str){reply->str, reply->len}, &number) != RESULT_OK || number < 0)
		return 0;
	return (uint64_t)number;
}

void meta_before(struct writer *writer, const struct redisReply *reply)
{
	if (!writer->token || reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
		return;
	uint64_t token = number_of(reply->element[0]), sequence = number_of(reply->element[1]);
	if (token > writer->token)
		writer_fence(writer);
	else if (token < writer->token || sequence < writer->stats.sequence)
		writer_found_loss(writer, "what it had acknowledged is gone");
}
