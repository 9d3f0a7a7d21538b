#include "base/log.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/text.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MESSAGE_MAX = 4096 };

static _Atomic int most_verbose = LOG_LEVEL_INFO;
static bool to_journal;

/* A program started by hand below a service inherits JOURNAL_STREAM too: it counts only where stderr is that very stream. */
static void find_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat file;
	to_journal = stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 && fstat(STDERR_FILENO, &file) == 0 &&
		file.st_dev == device && file.st_ino == inode;
}

static const char *level_name(enum log_level level)
{
	switch (level) {
	case LOG_LEVEL_ERROR:
		return "error";
	case LOG_LEVEL_WARNING:
		return "warning";
	case LOG_LEVEL_NOTICE:
		return "notice";
	case LOG_LEVEL_INFO:
		return "info";
	case LOG_LEVEL_DEBUG:
		return "debug";
	}
	return "?";
}

static void put_head(struct buf *line, enum log_level level)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, find_journal);
	if (to_journal) {
		buf_printf(line, "<%d>", (int)level);
		return;
	}
	text_put_time(line, clock_wall_ms());
	buf_printf(line, " %s ", level_name(level));
}

void log_set_level(enum log_level level)
{
	atomic_store(&most_verbose, (int)level);
}

void log_write(enum log_level level, const char *format, ...)
{
	if ((int)level > atomic_load_explicit(&most_verbose, memory_order_relaxed))
		return;
	char message[MESSAGE_MAX];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(message, sizeof message, format, arguments);
	va_end(arguments);
	/* One message is one line, whatever text from outside it quotes. */
	for (char *at = message; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = ' ';

	struct buf line;
	buf_init(&line);
	put_head(&line, level);
	buf_put_text(&line, message);
	buf_put_byte(&line, '\n');
	/* A single write keeps lines of several threads apart. */
	ssize_t written = write(STDERR_FILENO, line.data, line.length);
	(void)written;
	buf_release(&line);
}
