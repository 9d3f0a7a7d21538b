/* The command line of kpid. */
#ifndef DAEMON_OPTIONS_H
#define DAEMON_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

struct options {
	const char *directory;  /* --config */
	const char **overrides; /* --set, in order */
	size_t override_count;
	bool check_only;
};

/* True: go on. False: the program ends with *ret_exit. */
bool options_parse(struct options *options, int argc, char **argv, int *ret_exit);
void options_release(struct options *options);

#endif
