#include "tests/unit/redis_fixture.h"

#include "base/clock.h"
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEADLINE_US 20000000

static struct buf answer_text;

static int free_port(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	close(fd);
	return ntohs(address.sin_port);
}

static void run_server(const struct redis_fixture *fixture)
{
	char port[16];
	snprintf(port, sizeof port, "%d", fixture->port);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nothing behind */
	int null = open("/dev/null", O_RDWR);
	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execlp("redis-server", "redis-server", "--port", port, "--bind", "127.0.0.1", "--dir", fixture->folder,
		"--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction", "--enable-debug-command", "yes",
		(char *)NULL);
	_exit(127);
}

static bool answers(struct redis_fixture *fixture)
{
	const struct redisReply *answer;
	redis_reader_free_answers(fixture->reader);
	redis_reader_ask(fixture->reader, "PING", NULL);
	return redis_reader_take(fixture->reader, &answer) == RESULT_OK && !redis_answer_is_error(answer);
}

void redis_fixture_run(struct redis_fixture *fixture)
{
	fixture->pid = fork();
	assert_true(fixture->pid >= 0);
	if (fixture->pid == 0)
		run_server(fixture);
	int64_t until = clock_steady_us() + DEADLINE_US;
	while (!answers(fixture)) {
		assert_int_equal(waitpid(fixture->pid, NULL, WNOHANG), 0);
		assert_true(clock_steady_us() < until);
	}
}

void redis_fixture_start(struct redis_fixture *fixture)
{
	char error[200];
	strcpy(fixture->folder, "/tmp/kpid-redis-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->port = free_port();
	snprintf(fixture->url, sizeof fixture->url, "redis://127.0.0.1:%d/0", fixture->port);
	assert_int_equal(redis_reader_new(fixture->url, 10000, error, sizeof error, &fixture->reader), RESULT_OK);
	redis_fixture_run(fixture);
}

void redis_fixture_kill(struct redis_fixture *fixture)
{
	kill(fixture->pid, SIGKILL);
	waitpid(fixture->pid, NULL, 0);
	fixture->pid = 0;
}

void redis_fixture_stop(struct redis_fixture *fixture)
{
	if (fixture->pid)
		redis_fixture_kill(fixture);
	redis_reader_free(fixture->reader);
	char dump[sizeof fixture->folder + 16];
	snprintf(dump, sizeof dump, "%s/dump.rdb", fixture->folder);
	unlink(dump);
	rmdir(fixture->folder);
	buf_release(&answer_text);
}

/* ---- asking ---- */

static void put_answer(struct buf *out, const struct redisReply *answer)
{
	size_t count = redis_answer_count(answer);
	for (size_t i = 0; i < count; i++) {
		if (i)
			buf_put_byte(out, ' ');
		put_answer(out, redis_answer_at(answer, i));
	}
	if (count)
		return;
	if (redis_answer_is_nil(answer))
		buf_put_text(out, "nil");
	else if (redis_answer_text(answer).length)
		buf_put_str(out, redis_answer_text(answer));
	else if (redis_answer_is_integer(answer))
		buf_printf(out, "%lld", (long long)redis_answer_integer(answer));
}

const char *redis_fixture_ask(struct redis_fixture *fixture, const char *words)
{
	struct str arguments[32];
	size_t count = 0;
	for (const char *at = words; *at; at += strspn(at, " ")) {
		assert_true(count < 32);
		arguments[count].data = at;
		arguments[count].length = strcspn(at, " ");
		at += arguments[count++].length;
	}
	const struct redisReply *answer;
	redis_reader_free_answers(fixture->reader);
	redis_reader_ask_many(fixture->reader, arguments, count);
	if (redis_reader_take(fixture->reader, &answer) != RESULT_OK)
		fail_msg("%s: %s", words, redis_reader_problem(fixture->reader));
	if (!answer_text.data)
		buf_init(&answer_text);
	buf_clear(&answer_text);
	put_answer(&answer_text, answer);
	return answer_text.data;
}

struct redis_fixture redis_shared;

int redis_shared_start(void **state)
{
	(void)state;
	redis_fixture_start(&redis_shared);
	return 0;
}

int redis_shared_stop(void **state)
{
	(void)state;
	redis_fixture_stop(&redis_shared);
	return 0;
}

int redis_shared_empty(void **state)
{
	(void)state;
	redis_fixture_ask(&redis_shared, "CONFIG SET maxmemory 0");
	redis_fixture_ask(&redis_shared, "FLUSHALL");
	return 0;
}

/* ---- the writer ---- */

struct writer *redis_fixture_writer(struct redis_fixture *fixture, uint64_t minimum)
{
	char error[200];
	uint64_t token;
	struct writer *writer;
	struct writer_options options = {.url = fixture->url, .prefix = "kpi:", .sweep_ms = 1};
	assert_int_equal(writer_new(&options, error, sizeof error, &writer), RESULT_OK);
	assert_int_equal(writer_connect(writer, 10000), RESULT_OK);
	assert_int_equal(writer_take_token(writer, minimum, &token), RESULT_OK);
	return writer;
}

void give_snapshot(
	struct writer *writer, int64_t as_of, const char *key, bool whole, const char *name, const char *json)
{
	struct publication_sink sink = writer_sink(writer);
	struct snapshot_field field = {str_of(name), str_of(json)};
	struct snapshot_change change = {.dimension = "rep",
		.key = str_of(key),
		.name = str_of(key),
		.as_of = as_of,
		.whole = whole,
		.fields = &field,
		.field_count = 1};
	sink.snapshot(sink.context, &change);
}

void give_removal(struct writer *writer, int64_t as_of, const char *key)
{
	struct publication_sink sink = writer_sink(writer);
	struct snapshot_change change = {.dimension = "rep", .key = str_of(key), .as_of = as_of, .removed = true};
	sink.snapshot(sink.context, &change);
	give_no_score(writer, as_of, key);
}

static void give_entry(struct writer *writer, int64_t as_of, const char *member, double score, bool remove)
{
	struct publication_sink sink = writer_sink(writer);
	struct board_change change = {.kpi = "close_rate",
		.window = "30d",
		.dimension = "rep",
		.member = str_of(member),
		.score = score,
		.remove = remove,
		.as_of = as_of};
	sink.board(sink.context, &change);
}

void give_score(struct writer *writer, int64_t as_of, const char *member, double score)
{
	give_entry(writer, as_of, member, score, false);
}

void give_no_score(struct writer *writer, int64_t as_of, const char *member)
{
	give_entry(writer, as_of, member, 0, true);
}

bool give_all(struct writer *writer, int64_t as_of, const char *const *keys, size_t count, const char *json)
{
	if (!writer_begin_all(writer))
		return false;
	for (size_t i = 0; i < count; i++) {
		give_snapshot(writer, as_of, keys[i], true, "a@1h", json);
		give_score(writer, as_of, keys[i], 1);
	}
	writer_end_all(writer);
	return true;
}

void flush(struct writer *writer, int64_t as_of)
{
	struct writer_meta_field field = {"name", STR("kpid")};
	writer_flush(writer, as_of, &field, 1);
}

void flush_and_drain(struct writer *writer, int64_t as_of)
{
	flush(writer, as_of);
	assert_int_equal(writer_drain(writer, 10000), RESULT_OK);
}

void writer_until(struct writer *writer, fixture_condition *condition, void *context)
{
	int64_t until = clock_steady_us() + DEADLINE_US;
	while (!condition(context)) {
		writer_poll(writer, 20000);
		if (clock_steady_us() >= until)
			fail_msg("it took too long; the writer says: %s", writer_problem(writer));
	}
}

static bool is_ready(void *context)
{
	return writer_state(context) == WRITER_READY;
}

void writer_until_ready(struct writer *writer)
{
	writer_until(writer, is_ready, writer);
}
