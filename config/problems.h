/* Collecting problems while a configuration is read: all of them in one go, each at its place. */
#ifndef CONFIG_PROBLEMS_H
#define CONFIG_PROBLEMS_H

#include "config/config.h"

/* A place in a file. The name is borrowed; problems copy it. */
struct mark {
	const char *file;
	int line, column; /* from 1, in characters */
};

/* Further problems are counted but not kept: nobody reads more. */
#define PROBLEMS_KEPT_MAX 200

void problems_init(struct config_problems *problems);
void problem_at(struct config_problems *problems, struct mark mark, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void warning_at(struct config_problems *problems, struct mark mark, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void problems_sort(struct config_problems *problems);

/* "; did you mean 'won'?" or "": for the end of a message about an unknown name. Lives in the problems' arena. */
const char *did_you_mean(struct config_problems *problems, struct str text, const char *const *names, size_t count);

#endif
