#include "tests/unit/unit.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void become_child(void (*run)(void), int out)
{
	dup2(out, STDERR_FILENO);
	close(out);
	run();
	_exit(0);
}

static void read_all(int in, struct buf *said)
{
	char piece[512];
	ssize_t length;
	while ((length = read(in, piece, sizeof piece)) > 0)
		if (said)
			buf_put(said, piece, (size_t)length);
}

int unit_run_child(void (*run)(void), struct buf *said)
{
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		become_child(run, ends[1]);
	close(ends[1]);
	read_all(ends[0], said);
	close(ends[0]);
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

void unit_assert_str(struct str actual, const char *expected, const char *file, int line)
{
	struct buf copy;
	buf_init(&copy);
	buf_put_str(&copy, actual);
	if (copy.length != strlen(expected) || strcmp(copy.data, expected) != 0) {
		print_error("\"%s\" != \"%s\"\n", copy.data, expected);
		buf_release(&copy);
		_fail(file, line);
	}
	buf_release(&copy);
}
