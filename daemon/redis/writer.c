#include "daemon/redis/inside.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"

#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define CONNECT_DEFAULT_MS 1000
#define COMMAND_DEFAULT_MS 5000
#define SWEEP_DEFAULT_MS 60000
#define BACKOFF_FIRST_US 50000
#define BACKOFF_MAX_US 2000000
#define ALL_GAP_US 2000000 /* between two times that all is wanted */

/* ---- life ---- */

static const char *check_prefix(const char *prefix)
{
	if (!prefix || !*prefix)
		return "the prefix of the keys of Redis is empty";
	for (const char *at = prefix; *at; at++)
		if ((unsigned char)*at <= ' ' || *at == '}')
			return "the prefix of the keys of Redis has a space, a control character or a closing brace";
	return NULL;
}

static int64_t duration_us(int64_t ms, int64_t otherwise_ms)
{
	return (ms > 0 ? ms : otherwise_ms) * 1000;
}

static void init_parts(struct writer *writer)
{
	connection_init(&writer->connection);
	keys_init(&writer->keys);
	map_init(&writer->boards.by_name);
	buf_init(&writer->boards.name);
	buf_init(&writer->changes);
	buf_init(&writer->meta);
	buf_init(&writer->key);
	transitions_init(writer);
	sweep_init(writer);
}

enum result writer_new(const struct writer_options *options, char *error, size_t error_size, struct writer **ret_writer)
{
	struct redis_url url;
	const char *problem = check_prefix(options->prefix);
	if (problem) {
		snprintf(error, error_size, "%s", problem);
		return RESULT_INVALID;
	}
	if (redis_url_parse(options->url, error, error_size, &url) != RESULT_OK)
		return RESULT_INVALID;
	signal(SIGPIPE, SIG_IGN);
	struct writer *writer = NEW(struct writer);
	writer->url = url;
	writer->prefix = mem_text(options->prefix);
	writer->connect_us = duration_us(options->connect_timeout_ms, CONNECT_DEFAULT_MS);
	writer->command_us = duration_us(options->command_timeout_ms, COMMAND_DEFAULT_MS);
	writer->sweep_us = duration_us(options->sweep_ms, SWEEP_DEFAULT_MS);
	writer->backoff_us = BACKOFF_FIRST_US;
	writer->epoch = 1;
	writer->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	init_parts(writer);
	*ret_writer = writer;
	return RESULT_OK;
}

void writer_free(struct writer *writer)
{
	if (!writer)
		return;
	connection_release(&writer->connection);
	pending_release(&writer->pending);
	keys_release(&writer->keys);
	boards_release(&writer->boards);
	transitions_release(&writer->transitions);
	sweep_release(&writer->sweep);
	lease_release(&writer->lease);
	buf_release(&writer->changes);
	buf_release(&writer->meta);
	buf_release(&writer->key);
	redis_url_release(&writer->url);
	close(writer->wake_fd);
	mem_free(writer->prefix);
	mem_free(writer);
}

/* ---- the state ---- */

void writer_move(struct writer *writer, enum writer_state state)
{
	writer->state = state;
}

/* Once for each kind of problem, until it is over. */
static void say_problem(struct writer *writer, const char *problem)
{
	snprintf(writer->problem, sizeof writer->problem, "%s", problem);
	if (strncmp(writer->logged, problem, sizeof writer->logged - 1) == 0)
		return;
	snprintf(writer->logged, sizeof writer->logged, "%.*s", (int)sizeof writer->logged - 1, problem);
	log_warning("redis: %s", problem);
}

static void back_off(struct writer *writer)
{
	writer->deadline_us = clock_steady_us() + writer->backoff_us;
	writer->backoff_us = 2 * writer->backoff_us < BACKOFF_MAX_US ? 2 * writer->backoff_us : BACKOFF_MAX_US;
}

void writer_set_ready(struct writer *writer)
{
	bool greeted = writer->state == WRITER_GREETING;
	writer->stats.connects += greeted;
	writer_move(writer, WRITER_READY);
	if (*writer->logged || greeted)
		log_notice("redis: %s", greeted ? "connected" : "takes writes again");
	*writer->problem = *writer->logged = '\0';
	writer->checked_us = clock_steady_us();
	writer->lease.next_us = 0;
	writer_want_all(writer, true);
	alert_send_again(writer);
}

void writer_lose(struct writer *writer, const char *problem)
{
	char text[200];
	bool was_up = writer->state == WRITER_READY || writer->state == WRITER_HELD;
	snprintf(text, sizeof text, "%s", problem);
	writer->stats.disconnects += was_up;
	writer->stats.failures += !was_up;
	connection_close(&writer->connection);
	pending_clear(&writer->pending);
	writer->stats.unacknowledged_bytes = 0;
	writer->calling = writer->loading = writer->sweep.asked = writer->lease.asking = writer->raising = false;
	writer_move(writer, WRITER_CLOSED);
	back_off(writer);
	say_problem(writer, text);
}

void writer_hold(struct writer *writer, const char *problem)
{
	if (writer->state != WRITER_READY && writer->state != WRITER_HELD)
		return;
	writer->stats.holds += writer->state == WRITER_READY;
	writer_move(writer, WRITER_HELD);
	back_off(writer);
	say_problem(writer, problem);
}

void writer_fence(struct writer *writer)
{
	if (writer->fenced)
		return;
	writer->fenced = true;
	writer->stats.refused_token++;
	alert_forget_all(writer);
	log_error("redis: another writer has taken a higher token than %llu; nothing is written any more",
		(unsigned long long)writer->token);
}

bool writer_takes(const struct writer *writer)
{
	return writer->state == WRITER_READY && writer->token && !writer->fenced && !writer->all_wanted &&
		!writer->raising;
}

void writer_want_all(struct writer *writer, bool now)
{
	int64_t now_us = clock_steady_us();
	if (!now && now_us < writer->all_us + ALL_GAP_US) {
		writer->all_due = true;
		return;
	}
	writer->all_due = false;
	writer->all_us = now_us;
	writer->stats.wanted_all += !writer->all_wanted;
	writer->all_wanted = true;
	writer->complete = false;
	writer->epoch++;
	keys_want_none(&writer->keys, writer->epoch - 1);
}

void writer_found_loss(struct writer *writer, const char *what)
{
	if (writer->loss_known)
		return;
	writer->loss_known = true;
	writer->stats.losses++;
	log_warning("redis: %s; all is written again", what);
	writer_want_all(writer, false);
}

void writer_complain(struct writer *writer, const char *name, const char *error, bool *complained)
{
	writer->stats.key_errors++;
	if (!*complained)
		log_error("redis: %s cannot be written: %s", name, error);
	*complained = true;
}

bool writer_begin_all(struct writer *writer)
{
	if (!writer->all_wanted || writer->state != WRITER_READY || !writer->token || writer->fenced)
		return false;
	writer->all_wanted = false;
	writer->begun_epoch = writer->epoch;
	return true;
}

void writer_end_all(struct writer *writer)
{
	if (writer->begun_epoch != writer->epoch || writer->all_wanted)
		return;
	writer->complete = true;
	board_flush_empty(writer);
	writer->sweep.next_us = 0;
	strcpy(writer->sweep.cursor, "0");
	buf_clear(&writer->changes);
	buf_put_byte(&writer->changes, '*');
}

/* ---- questions ---- */

bool writer_is_whole(const struct writer *writer)
{
	return writer->complete && !writer->all_due;
}

struct publication_sink writer_sink(struct writer *writer)
{
	return (struct publication_sink){writer, snapshot_take, board_take, alert_take};
}

bool writer_next_wanted(struct writer *writer, const char **ret_dimension, struct str *ret_key)
{
	uint32_t id = writer_takes(writer) ? keys_next_wanted(&writer->keys) : KEYS_NONE;
	if (id == KEYS_NONE)
		return false;
	const struct key *key = &writer->keys.items[id];
	buf_clear(&writer->key);
	buf_put(&writer->key, key->name, key->name_length + 1);
	writer->key.data[key->dimension_length] = '\0';
	*ret_dimension = writer->key.data;
	*ret_key = (struct str){
		writer->key.data + key->dimension_length + 1, key->name_length - key->dimension_length - 1};
	return true;
}

enum writer_state writer_state(const struct writer *writer)
{
	return writer->state;
}

bool writer_fenced(const struct writer *writer)
{
	return writer->fenced;
}

uint64_t writer_token(const struct writer *writer)
{
	return writer->token;
}

const char *writer_problem(const struct writer *writer)
{
	return writer->problem;
}

void writer_stats_add(struct writer_stats *stats, const struct writer_stats *more)
{
#define ADD(name) stats->name += more->name;
	WRITER_COUNTS(ADD)
#undef ADD
}

const struct writer_stats *writer_stats(const struct writer *writer)
{
	return &writer->stats;
}
