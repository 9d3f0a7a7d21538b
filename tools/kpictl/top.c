/* kpictl top: the leaderboard in a terminal, live from Redis. */
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "tools/kpictl/top_draw.h"
#include "tools/kpictl/verbs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define ANSWER_TIMEOUT_MS 3000
#define COLUMNS_DEFAULT 110

static volatile sig_atomic_t ended;

static void on_end(int number)
{
	(void)number;
	ended = 1;
}

static void on_resize(int number)
{
	(void)number;
}

/* ---- arguments ---- */

static int usage(const char *problem)
{
	if (problem)
		fprintf(stderr, "kpictl top: %s\n", problem);
	fputs("usage: kpictl top [OPTION]...\n"
	      "  --redis URL      as redis.url in kpid.yaml (redis://127.0.0.1:6379/0)\n"
	      "  --prefix TEXT    of the keys (kpi:)\n"
	      "  --by DIMENSION   rep or team (rep)\n"
	      "  --window NAME    30d, 7d, month, ... (30d)\n"
	      "  --sort KPI       a KPI that has a board (close_rate)\n"
	      "  --limit N        so many at most (50)\n"
	      "  --once           print it once and end\n"
	      "  --interval TIME  between two looks (1s)\n"
	      "  --no-color       neither colours nor bold\n",
		problem ? stderr : stdout);
	return problem ? EXIT_USAGE : 0;
}

static const char *set_option(struct top_options *options, const char *name, const char *value)
{
	int64_t number;
	if (strcmp(name, "--redis") == 0)
		options->url = value;
	else if (strcmp(name, "--prefix") == 0)
		options->prefix = value;
	else if (strcmp(name, "--by") == 0)
		options->by = value;
	else if (strcmp(name, "--window") == 0)
		options->window = value;
	else if (strcmp(name, "--sort") == 0)
		options->sort = value;
	else if (strcmp(name, "--limit") == 0) {
		if (text_to_i64(str_of(value), &number) != RESULT_OK || number < 1 || number > 10000)
			return "--limit is a number from 1 to 10000";
		options->limit = (int)number;
	} else if (strcmp(name, "--interval") == 0) {
		if (text_to_duration(str_of(value), &number) != RESULT_OK || number < 50 || number > 3600000)
			return "--interval is a time from 50ms to 1h";
		options->interval_ms = (int)number;
	} else
		return "there is no such option";
	return NULL;
}

/* "--name value" or "--name=value" */
static const char *parse_one(struct top_options *options, int argc, char **argv, int *at)
{
	char name[32];
	const char *equals = strchr(argv[*at], '=');
	if (strcmp(argv[*at], "--once") == 0)
		options->once = true;
	else if (strcmp(argv[*at], "--no-color") == 0)
		options->color = false;
	else if (equals && equals - argv[*at] < (ptrdiff_t)sizeof name) {
		snprintf(name, sizeof name, "%.*s", (int)(equals - argv[*at]), argv[*at]);
		return set_option(options, name, equals + 1);
	} else if (*at + 1 < argc) {
		++*at;
		return set_option(options, argv[*at - 1], argv[*at]);
	} else
		return "there is no such option, or it lacks its value";
	return NULL;
}

static const char *parse(struct top_options *options, int argc, char **argv)
{
	const char *problem = NULL;
	for (int i = 1; i < argc && !problem; i++)
		problem = parse_one(options, argc, argv, &i);
	return problem;
}

/* ---- showing ---- */

static struct top_frame frame_of(const struct top_options *options, const char *problem)
{
	struct winsize size = {0};
	struct top_frame frame = {.columns = COLUMNS_DEFAULT, .color = options->color, .problem = problem};
	if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col) {
		frame.columns = size.ws_col;
		frame.lines = options->once ? 0 : size.ws_row;
	}
	frame.now_ms = clock_wall_ms();
	return frame;
}

static int say_empty(const struct top_board *board, const struct top_options *options, struct redis_reader *reader)
{
	struct buf boards;
	buf_init(&boards);
	if (board->published)
		top_put_boards(&boards, options, reader);
	if (!board->published)
		fprintf(stderr,
			"kpictl top: nothing is published at %s under '%s' yet: is kpid running, and writing there?\n",
			options->url, options->prefix);
	else if (boards.length)
		fprintf(stderr, "kpictl top: the board %s by %s for %s is empty. In this window there are: %s\n",
			options->sort, options->by, options->window, boards.data);
	else
		fprintf(stderr, "kpictl top: there is no board for the window %s yet\n", options->window);
	buf_release(&boards);
	return EXIT_FOUND;
}

static int show_once(const struct top_options *options, struct redis_reader *reader)
{
	struct top_board board;
	struct buf text;
	int code = 0;
	top_board_init(&board, options);
	buf_init(&text);
	if (top_board_read(&board, options, reader) != RESULT_OK) {
		fprintf(stderr, "kpictl top: Redis cannot be read: %s\n", redis_reader_problem(reader));
		code = EXIT_FOUND;
	} else if (!board.row_count) {
		code = say_empty(&board, options, reader);
	} else {
		struct top_frame frame = frame_of(options, "");
		top_draw(&text, &board, NULL, options, &frame);
		fwrite(text.data, 1, text.length, stdout);
	}
	buf_release(&text);
	top_board_release(&board);
	return code;
}

/* ---- live ---- */

static void write_out(const char *text, size_t length)
{
	while (length) {
		ssize_t written = write(STDOUT_FILENO, text, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0) {
			ended = 1;
			return;
		}
		text += written;
		length -= (size_t)written;
	}
}

/* Over what stands there, line by line, so that nothing flickers. */
static void show_frame(const struct buf *lines, bool terminal)
{
	struct buf out;
	buf_init(&out);
	if (terminal)
		buf_put_text(&out, "\x1b[H");
	for (size_t i = 0; i < lines->length; i++) {
		if (terminal && lines->data[i] == '\n')
			buf_put_text(&out, i + 1 < lines->length ? "\x1b[K\r" : "\x1b[K");
		if (!terminal || lines->data[i] != '\n' || i + 1 < lines->length)
			buf_put_byte(&out, (uint8_t)lines->data[i]);
	}
	buf_put_text(&out, terminal ? "\x1b[J" : "\n");
	write_out(out.data, out.length);
	buf_release(&out);
}

struct live {
	struct top_board board, before;
	bool any; /* the board was read once */
};

static void show_live(struct live *live, const struct top_options *options, struct redis_reader *reader)
{
	struct top_board fresh;
	struct buf lines;
	top_board_init(&fresh, options);
	buf_init(&lines);
	bool good = top_board_read(&fresh, options, reader) == RESULT_OK;
	if (good) {
		top_board_release(&live->before);
		live->before = live->board;
		live->board = fresh;
	} else {
		top_board_release(&fresh);
	}
	struct top_frame frame = frame_of(options, good ? "" : redis_reader_problem(reader));
	if (live->board.published)
		top_draw(&lines, &live->board, live->any && good ? &live->before : NULL, options, &frame);
	else
		buf_printf(&lines, "\n  Waiting for figures at %s ...\n  %s\n", options->url, frame.problem);
	live->any = live->any || good;
	show_frame(&lines, isatty(STDOUT_FILENO));
	buf_release(&lines);
}

static void catch_signals(sigset_t *ret_waiting)
{
	struct sigaction end = {.sa_handler = on_end}, resize = {.sa_handler = on_resize};
	sigset_t blocked;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGINT);
	sigaddset(&blocked, SIGTERM);
	sigaddset(&blocked, SIGHUP);
	sigaddset(&blocked, SIGWINCH);
	sigaction(SIGINT, &end, NULL);
	sigaction(SIGTERM, &end, NULL);
	sigaction(SIGHUP, &end, NULL);
	sigaction(SIGWINCH, &resize, NULL);
	sigprocmask(SIG_BLOCK, &blocked, ret_waiting);
}

static int run_live(const struct top_options *options, struct redis_reader *reader)
{
	static const char enter[] = "\x1b[?1049h\x1b[?25l\x1b[2J", leave[] = "\x1b[?25h\x1b[?1049l";
	bool terminal = isatty(STDOUT_FILENO);
	struct timespec pause = {options->interval_ms / 1000, options->interval_ms % 1000 * 1000000L};
	struct live live = {0};
	sigset_t waiting;
	catch_signals(&waiting);
	top_board_init(&live.board, options);
	top_board_init(&live.before, options);
	if (terminal)
		write_out(enter, sizeof enter - 1);
	while (!ended) {
		show_live(&live, options, reader);
		ppoll(NULL, 0, &pause, &waiting);
	}
	if (terminal)
		write_out(leave, sizeof leave - 1);
	top_board_release(&live.board);
	top_board_release(&live.before);
	return 0;
}

int kpictl_top(int argc, char **argv)
{
	struct top_options options = {.url = "redis://127.0.0.1:6379/0",
		.prefix = "kpi:",
		.by = "rep",
		.window = "30d",
		.sort = "close_rate",
		.limit = 50,
		.interval_ms = 1000,
		.color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR")};
	struct redis_reader *reader;
	char error[300];
	if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
		return usage(NULL);
	const char *problem = parse(&options, argc, argv);
	if (problem)
		return usage(problem);
	if (redis_reader_new(options.url, ANSWER_TIMEOUT_MS, error, sizeof error, &reader) != RESULT_OK)
		return usage(error);
	int code = options.once ? show_once(&options, reader) : run_live(&options, reader);
	redis_reader_free(reader);
	return code;
}
