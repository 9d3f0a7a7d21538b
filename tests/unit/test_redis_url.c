#include "base/mem.h"
#include "daemon/redis/url.h"
#include "tests/unit/unit.h"

static struct redis_url good(const char *text)
{
	char error[200] = "";
	struct redis_url url;
	if (redis_url_parse(text, error, sizeof error, &url) != RESULT_OK)
		fail_msg("%s: %s", text, error);
	return url;
}

static void assert_bad(const char *text)
{
	char error[200] = "";
	struct redis_url url;
	assert_int_equal(redis_url_parse(text, error, sizeof error, &url), RESULT_INVALID);
	assert_true(*error);
	assert_null(strstr(error, "secret"));
}

static void plain(void **state)
{
	(void)state;
	struct redis_url url = good("redis://127.0.0.1:6380/3");
	assert_string_equal(url.host, "127.0.0.1");
	assert_int_equal(url.port, 6380);
	assert_int_equal(url.database, 3);
	assert_null(url.password);
	redis_url_release(&url);
	url = good("redis://redis.example");
	assert_string_equal(url.host, "redis.example");
	assert_int_equal(url.port, 6379);
	assert_int_equal(url.database, 0);
	redis_url_release(&url);
	url = good("redis://[::1]:7000/");
	assert_string_equal(url.host, "::1");
	assert_int_equal(url.port, 7000);
	redis_url_release(&url);
}

static void login(void **state)
{
	(void)state;
	struct redis_url url = good("redis://kpi:p%40ss%3Aword@host/1");
	assert_string_equal(url.user, "kpi");
	assert_string_equal(url.password, "p@ss:word");
	assert_string_equal(url.host, "host");
	redis_url_release(&url);
	url = good("redis://:only@host");
	assert_null(url.user);
	assert_string_equal(url.password, "only");
	redis_url_release(&url);
}

static void socket_in_the_file_system(void **state)
{
	(void)state;
	struct redis_url url = good("unix:///run/redis.sock?db=2");
	assert_null(url.host);
	assert_string_equal(url.path, "/run/redis.sock");
	assert_int_equal(url.database, 2);
	redis_url_release(&url);
	url = good("unix://:word@/run/redis.sock");
	assert_string_equal(url.password, "word");
	assert_string_equal(url.path, "/run/redis.sock");
	redis_url_release(&url);
}

static void sentinels(void **state)
{
	(void)state;
	struct redis_url url = good("sentinel://kpi:p%40ss@one:26380,two,[::1]:26381/sales/2?sentinel=:s%3Fx");
	assert_null(url.host);
	assert_int_equal(url.sentinel_count, 3);
	assert_string_equal(url.sentinels[0].host, "one");
	assert_int_equal(url.sentinels[0].port, 26380);
	assert_string_equal(url.sentinels[1].host, "two");
	assert_int_equal(url.sentinels[1].port, 26379);
	assert_string_equal(url.sentinels[2].host, "::1");
	assert_int_equal(url.sentinels[2].port, 26381);
	assert_string_equal(url.master, "sales");
	assert_int_equal(url.database, 2);
	assert_string_equal(url.user, "kpi");
	assert_string_equal(url.password, "p@ss");
	assert_null(url.sentinel_user);
	assert_string_equal(url.sentinel_password, "s?x");
	redis_url_release(&url);
	url = good("sentinel://one/sales");
	assert_int_equal(url.sentinel_count, 1);
	assert_int_equal(url.database, 0);
	assert_null(url.password);
	assert_null(url.sentinel_password);
	redis_url_release(&url);
}

static void refused(void **state)
{
	(void)state;
	static const char *const bad[] = {"", "redis", "http://host", "rediss://host", "redis://", "redis://:6379",
		"redis://host:0", "redis://host:65536", "redis://host:x", "redis://host:6379/x", "redis://host/-1",
		"redis://secret@host", "redis://u:secret%zz@host", "redis://u:secret%00@host",
		"redis://u:secret%4@host", "redis://[::1:7000", "redis://[::1]7000", "unix://", "unix://relative",
		"unix:///s?x=1", "unix:///s?db=", "sentinel://", "sentinel://one", "sentinel://one/",
		"sentinel:///sales", "sentinel://one,/sales", "sentinel://,one/sales", "sentinel://one:0/sales",
		"sentinel://one/sales/x", "sentinel://secret@one/sales", "sentinel://one/sales?sentinel=secret",
		"sentinel://one/sales?x=:secret"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_bad(bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(login),
		cmocka_unit_test(socket_in_the_file_system),
		cmocka_unit_test(sentinels),
		cmocka_unit_test(refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
