/* Commands out, replies in, and the clock of the connection. */
#include "base/clock.h"
#include "base/mem.h"
#include "daemon/redis/inside.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define SEND_BYTES 65536 /* queued: sent right away */
/* Under way: no further turn; and whoever hands out waits. Enough to keep Redis at work; of ten times as much each value takes 4 % longer. */
#define BUSY_BYTES (1 << 20)
#define TOO_MUCH_BYTES (2 << 20)
#define CHECK_US 2000000 /* between two looks at the run id */

/* ---- commands ---- */

struct str writer_key(struct writer *writer, const char *kind, struct str name)
{
	buf_clear(&writer->key);
	buf_put_text(&writer->key, writer->prefix);
	buf_put_text(&writer->key, kind);
	buf_put_str(&writer->key, name);
	return buf_str(&writer->key);
}

struct str writer_key_beside(const struct writer *writer, struct str key, const char *what)
{
	struct buf text;
	buf_init(&text);
	bool tagged = strchr(writer->prefix, '{') != NULL;
	buf_put_text(&text, tagged ? "" : "{");
	buf_put_str(&text, key);
	buf_put_text(&text, tagged ? "" : "}");
	buf_put_text(&text, what);
	return (struct str){text.data, text.length};
}

struct guard_text writer_next_guard(struct writer *writer, int64_t as_of)
{
	return guard_text(writer->token, as_of, ++writer->revision);
}

size_t writer_begin_script(struct writer *writer, enum script script, size_t keys, size_t arguments)
{
	struct buf *out = connection_queue(&writer->connection);
	size_t start = out->length;
	command_begin(out, 3 + keys + arguments);
	command_put(out, STR("EVALSHA"));
	command_put(out, (struct str){writer->sha[script], SHA_LENGTH});
	command_put_number(out, keys);
	return start;
}

void writer_end_command(struct writer *writer, size_t start, struct pending pending)
{
	pending.bytes = (uint32_t)(connection_queue(&writer->connection)->length - start);
	if (!writer->pending.count)
		writer->heard_us = clock_steady_us();
	pending_push(&writer->pending, &pending);
	writer->stats.unacknowledged_bytes = writer->pending.bytes;
}

/* ---- sending and receiving ---- */

static bool is_connecting(const struct writer *writer)
{
	return writer->state == WRITER_SEEKING || writer->state == WRITER_CONNECTING;
}

void writer_send_now(struct writer *writer)
{
	if (writer->state == WRITER_CLOSED || is_connecting(writer))
		return;
	if (connection_has_output(&writer->connection) && connection_send(&writer->connection) != RESULT_OK)
		writer_lose(writer, writer->connection.problem);
}

static void receive(struct writer *writer)
{
	if (connection_receive(&writer->connection) != RESULT_OK) {
		char problem[sizeof writer->connection.problem];
		memcpy(problem, writer->connection.problem, sizeof problem);
		replies_take(writer); /* it may have said why */
		if (writer->state != WRITER_CLOSED)
			writer_lose(writer, problem);
		return;
	}
	replies_take(writer);
}

void writer_pump(struct writer *writer)
{
	size_t queued = connection_queue(&writer->connection)->length - writer->connection.sent;
	if (queued >= SEND_BYTES) {
		writer_send_now(writer);
		if (writer->state == WRITER_READY)
			receive(writer);
	}
	while (writer->state == WRITER_READY && writer->pending.bytes > TOO_MUCH_BYTES)
		writer_poll(writer, writer->command_us);
}

/* ---- turns of the poll loop ---- */

static void start(struct writer *writer)
{
	if (writer->url.sentinel_count) {
		sentinel_start(writer);
		return;
	}
	if (connection_start(&writer->connection, &writer->url) != RESULT_OK) {
		writer_lose(writer, writer->connection.problem);
		return;
	}
	writer_move(writer, WRITER_CONNECTING);
	writer->deadline_us = clock_steady_us() + writer->connect_us;
}

static void finish(struct writer *writer)
{
	if (connection_finish(&writer->connection) != RESULT_OK) {
		writer_lose(writer, writer->connection.problem);
		return;
	}
	if (writer->state == WRITER_SEEKING) {
		sentinel_connected(writer);
		return;
	}
	writer_move(writer, WRITER_GREETING);
	greeting_send(writer);
	writer_send_now(writer);
}

static void check_ready(struct writer *writer, int64_t now_us)
{
	if (writer->all_due)
		writer_want_all(writer, false);
	lease_keep(writer, now_us);
	if (now_us - writer->checked_us >= CHECK_US) {
		writer->checked_us = now_us;
		greeting_ask_run_id(writer);
	}
	writer_send_now(writer);
}

static void probe(struct writer *writer, int64_t now_us)
{
	if (now_us < writer->deadline_us || writer->pending.count)
		return;
	writer->deadline_us = now_us + writer->backoff_us;
	lease_ask(writer);
	if (writer->token && !writer->fenced)
		meta_probe(writer);
	writer_send_now(writer);
}

/* What is due by now. */
static void keep_time(struct writer *writer)
{
	int64_t now_us = clock_steady_us();
	if (writer->pending.count && now_us - writer->heard_us >= writer->command_us)
		writer_lose(writer, "it does not answer");
	else if (writer->state == WRITER_CLOSED && now_us >= writer->deadline_us)
		start(writer);
	else if (is_connecting(writer) && now_us >= writer->deadline_us)
		writer_lose(writer, "it does not accept the connection");
	else if (writer->state == WRITER_READY)
		check_ready(writer, now_us);
	else if (writer->state == WRITER_HELD)
		probe(writer, now_us);
}

/* When keep_time must be called again at the latest. */
static int64_t next_us(const struct writer *writer)
{
	bool ready = writer->state == WRITER_READY;
	int64_t next = ready ? writer->checked_us + CHECK_US : writer->deadline_us;
	if (ready && writer->lease.wanted && !writer->lease.asking && writer->lease.next_us < next)
		next = writer->lease.next_us;
	if (writer->pending.count) {
		int64_t silent = writer->heard_us + writer->command_us;
		next = ready && next < silent ? next : silent;
	}
	return next;
}

static void clear_wake(struct writer *writer)
{
	uint64_t count;
	if (read(writer->wake_fd, &count, sizeof count) < 0)
		return;
}

static void serve(struct writer *writer, short events)
{
	if (!events)
		return;
	if (is_connecting(writer)) {
		finish(writer);
		return;
	}
	if (events & POLLOUT)
		writer_send_now(writer);
	if (events & (POLLIN | POLLERR | POLLHUP) && writer->connection.context)
		receive(writer);
}

/* One wait; true when it was woken. */
static bool wait_once(struct writer *writer, int64_t until_us)
{
	int64_t next = next_us(writer), now_us = clock_steady_us();
	int64_t left = (next < until_us ? next : until_us) - now_us;
	left = left > 0 ? left : 0;
	struct timespec wait = {.tv_sec = left / 1000000, .tv_nsec = left % 1000000 * 1000};
	bool writing = is_connecting(writer) || connection_has_output(&writer->connection);
	struct pollfd fds[2] = {{.fd = writer->wake_fd, .events = POLLIN},
		{.fd = connection_fd(&writer->connection), .events = (short)(POLLIN | (writing ? POLLOUT : 0))}};
	if (ppoll(fds, 2, &wait, NULL) <= 0)
		return false;
	serve(writer, fds[1].revents);
	if (!(fds[0].revents & POLLIN))
		return false;
	clear_wake(writer);
	return true;
}

/* On the way to READY: nothing that a caller waits for. */
static bool is_opening(const struct writer *writer)
{
	return is_connecting(writer) || writer->state == WRITER_ASKING || writer->state == WRITER_GREETING;
}

void writer_poll(struct writer *writer, int64_t timeout_us)
{
	int64_t until_us = clock_steady_us() + timeout_us;
	enum writer_state state = writer->state;
	bool calling = writer->calling, busy = writer_busy(writer), wanted = writer->all_wanted;
	bool leased = writer_has_lease(writer);
	keep_time(writer);
	for (;;) {
		bool woken = wait_once(writer, until_us);
		keep_time(writer);
		if (woken || clock_steady_us() >= until_us)
			return;
		/* What the caller waits for may have come. */
		if (writer->calling != calling || writer_busy(writer) != busy || writer->all_wanted != wanted ||
			writer_has_lease(writer) != leased)
			return;
		if (writer->state != state && !is_opening(writer))
			return;
	}
}

void writer_wake(struct writer *writer)
{
	uint64_t one = 1;
	if (write(writer->wake_fd, &one, sizeof one) < 0)
		return;
}

enum result writer_drain(struct writer *writer, int timeout_ms)
{
	int64_t until_us = clock_steady_us() + (int64_t)timeout_ms * 1000;
	while (!writer->fenced && writer->state == WRITER_READY && writer->pending.count) {
		if (clock_steady_us() >= until_us)
			return RESULT_TIMEOUT;
		wait_once(writer, until_us);
		keep_time(writer);
	}
	if (writer->fenced)
		return RESULT_CLOSED;
	return writer->state == WRITER_READY ? RESULT_OK : RESULT_UNREACHABLE;
}

bool writer_busy(const struct writer *writer)
{
	return writer->pending.bytes > BUSY_BYTES;
}
