#include "config/problems.h"

#include "base/mem.h"
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { TEXT_MAX = 600 };

void problems_init(struct config_problems *problems)
{
	*problems = (struct config_problems){0};
	arena_init(&problems->arena);
}

void config_problems_release(struct config_problems *problems)
{
	if (!problems)
		return;
	mem_free(problems->items);
	arena_release(&problems->arena);
	*problems = (struct config_problems){0};
}

/* What stands in a file may hold anything; a message is one line. */
static void make_printable(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			*text = '?';
}

/* A formula that stands in two others is compiled twice, and wrong twice. */
static bool is_known(const struct config_problems *problems, struct mark mark, const char *text)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct config_problem *known = &problems->items[i];
		if (known->line == mark.line && known->column == mark.column && strcmp(known->file, mark.file) == 0 &&
			strcmp(known->text, text) == 0)
			return true;
	}
	return false;
}

static void add(struct config_problems *problems, struct mark mark, bool warning, const char *format, va_list arguments)
{
	char text[TEXT_MAX];
	vsnprintf(text, sizeof text, format, arguments);
	make_printable(text);
	if (is_known(problems, mark, text))
		return;
	if (!warning)
		problems->error_count++;
	if (problems->count >= PROBLEMS_KEPT_MAX)
		return;
	GROW(problems->items, problems->count, problems->capacity);
	problems->items[problems->count++] = (struct config_problem){
		.file = arena_text(&problems->arena, str_of(mark.file)),
		.line = mark.line,
		.column = mark.column,
		.warning = warning,
		.text = arena_text(&problems->arena, str_of(text)),
	};
}

void problem_at(struct config_problems *problems, struct mark mark, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(problems, mark, false, format, arguments);
	va_end(arguments);
}

void warning_at(struct config_problems *problems, struct mark mark, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(problems, mark, true, format, arguments);
	va_end(arguments);
}

static int by_place(const void *left, const void *right)
{
	const struct config_problem *a = left, *b = right;
	int order = strcmp(a->file, b->file);
	if (!order)
		order = (a->line > b->line) - (a->line < b->line);
	if (!order)
		order = (a->column > b->column) - (a->column < b->column);
	return order ? order : strcmp(a->text, b->text);
}

void problems_sort(struct config_problems *problems)
{
	if (problems->count)
		qsort(problems->items, problems->count, sizeof *problems->items, by_place);
}

const char *did_you_mean(struct config_problems *problems, struct str text, const char *const *names, size_t count)
{
	if (problems->count >= PROBLEMS_KEPT_MAX)
		return "";
	const char *nearest = text_nearest(text, names, count);
	if (!nearest)
		return "";
	char sentence[200];
	snprintf(sentence, sizeof sentence, "; did you mean '%.100s'?", nearest);
	return arena_text(&problems->arena, str_of(sentence));
}

void config_problems_print(const struct config_problems *problems, const char *directory, struct buf *out)
{
	for (size_t i = 0; i < problems->count; i++) {
		const struct config_problem *problem = &problems->items[i];
		if (problem->file[0] != '-' && problem->file[0] != '/' && directory && *directory)
			buf_printf(out, "%s/", directory);
		buf_printf(out, "%s:%d:%d: %s: %s\n", problem->file, problem->line, problem->column,
			problem->warning ? "warning" : "error", problem->text);
	}
	if (problems->count >= PROBLEMS_KEPT_MAX)
		buf_printf(out, "more problems were found: %zu errors in all\n", problems->error_count);
}
