/* Transitions of alerts. They are kept until Redis has recorded them, and sent again after a new connection: a script records each once.
 * What was not recorded by a writer that ended comes again from the figures. */
#include "base/mem.h"
#include "base/text.h"
#include "daemon/redis/inside.h"

#include <hiredis/hiredis.h>

/* So many are kept while Redis is away; then the oldest go. */
#define TRANSITIONS_MAX 10000

void transitions_init(struct writer *writer)
{
	struct str stream = writer_key(writer, "alerts", (struct str){0});
	map_init(&writer->transitions.active);
	writer->transitions.stream = (struct str){mem_copy(stream.data, stream.length), stream.length};
}

static void drop_first(struct transitions *transitions)
{
	buf_release(&transitions->items[0].arguments);
	transitions->count--;
	memmove(transitions->items, transitions->items + 1, transitions->count * sizeof *transitions->items);
}

void alert_forget_all(struct writer *writer)
{
	struct transitions *transitions = &writer->transitions;
	for (uint32_t i = 0; i < transitions->count; i++)
		buf_release(&transitions->items[i].arguments);
	transitions->count = 0;
}

void transitions_release(struct transitions *transitions)
{
	for (uint32_t i = 0; i < transitions->count; i++)
		buf_release(&transitions->items[i].arguments);
	mem_free(transitions->items);
	map_release(&transitions->active);
	mem_free((char *)transitions->stream.data);
}

bool alert_is_known(const struct writer *writer, struct str fingerprint)
{
	return map_get(&writer->transitions.active, fingerprint) != NULL;
}

static void put_time(struct buf *out, int64_t time)
{
	struct buf text;
	buf_init(&text);
	text_put_time(&text, time);
	command_put(out, buf_str(&text));
	buf_release(&text);
}

static void put_pair(struct transition *transition, const char *name, struct str value)
{
	command_put_text(&transition->arguments, name);
	command_put(&transition->arguments, value);
	transition->argument_count += 2;
}

static struct transition transition_of(const struct alert_change *change)
{
	struct transition transition = {.since = change->since, .argument_count = 5};
	struct buf *out = &transition.arguments;
	memcpy(transition.fingerprint, change->fingerprint, ALERT_FINGERPRINT);
	buf_init(out);
	command_put_text(out, alert_state_name(change->from));
	command_put_text(out, alert_state_name(change->to));
	put_time(out, change->since);
	put_time(out, change->end);
	command_put_text(out, change->repeated ? "r" : change->announce ? "1" : "0");
	if (!*change->rule)
		return transition;
	put_pair(&transition, "rule", str_of(change->rule));
	put_pair(&transition, "kpi", str_of(change->kpi));
	put_pair(&transition, "window", str_of(change->window));
	put_pair(&transition, "dimension", str_of(change->dimension));
	put_pair(&transition, "key", change->key);
	put_pair(&transition, "value", change->value);
	put_pair(&transition, "limit", change->limit);
	command_put_text(out, "n");
	command_put_number(out, (uint64_t)change->n);
	transition.argument_count += 2;
	return transition;
}

static void send(struct writer *writer, const struct transition *transition, bool swept)
{
	struct guard_text guard = guard_alert_text(writer->token, transition->since);
	struct buf *out = connection_queue(&writer->connection);
	size_t start = writer_begin_script(writer, SCRIPT_ALERT, 3, 1 + (size_t)transition->argument_count);
	struct str key = writer_key(writer, "alert:", str_of(transition->fingerprint));
	struct str guard_key = writer_key_beside(writer, key, ":guard");
	command_put(out, key);
	command_put(out, guard_key);
	command_put(out, writer->transitions.stream);
	command_put(out, (struct str){guard.text, GUARD_ALERT_LENGTH});
	buf_put_str(out, buf_str(&transition->arguments));
	writer_end_command(writer, start,
		(struct pending){.kind = PENDING_ALERT,
			.id = PENDING_NO_ID,
			.swept = swept,
			.fields = transition->argument_count / 2,
			.revision = transition->number});
	mem_free((char *)guard_key.data);
}

static bool can_send(const struct writer *writer)
{
	return writer->state == WRITER_READY && writer->token && !writer->fenced;
}

void alert_send_again(struct writer *writer)
{
	writer->transitions.again = false;
	for (uint32_t i = 0; can_send(writer) && i < writer->transitions.count; i++)
		send(writer, &writer->transitions.items[i], false);
}

void alert_keep_sending(struct writer *writer)
{
	writer->transitions.again = true;
}

static void keep(struct writer *writer, struct transition transition)
{
	struct transitions *transitions = &writer->transitions;
	if (transitions->count == TRANSITIONS_MAX) {
		drop_first(transitions);
		writer->stats.dropped++;
	}
	transition.number = ++transitions->last_number;
	GROW(transitions->items, transitions->count, transitions->capacity);
	transitions->items[transitions->count++] = transition;
	if (can_send(writer))
		send(writer, &transition, false);
}

void alert_take(void *context, const struct alert_change *change)
{
	struct writer *writer = context;
	struct str fingerprint = str_of(change->fingerprint);
	if (change->to == ALERT_NORMAL)
		map_remove(&writer->transitions.active, fingerprint);
	else
		*map_put(&writer->transitions.active, fingerprint, NULL) = 1;
	struct transition transition = transition_of(change);
	if (!change->repeated) {
		keep(writer, transition);
		return;
	}
	if (can_send(writer))
		send(writer, &transition, false);
	buf_release(&transition.arguments);
}

void alert_replied(struct writer *writer, const struct pending *pending)
{
	struct transitions *transitions = &writer->transitions;
	if (pending->revision && transitions->count && transitions->items[0].number == pending->revision)
		drop_first(transitions);
}

/* An alert that nobody knows any more is over, without a word. */
void alert_remove(struct writer *writer, struct str fingerprint)
{
	struct alert_change change = {
		.rule = "", .from = ALERT_FIRING, .to = ALERT_NORMAL, .since = writer->as_of, .end = writer->as_of};
	char text[ALERT_FINGERPRINT] = {0};
	memcpy(text, fingerprint.data, fingerprint.length < sizeof text ? fingerprint.length : sizeof text - 1);
	change.fingerprint = text;
	struct transition transition = transition_of(&change);
	send(writer, &transition, true);
	buf_release(&transition.arguments);
}
