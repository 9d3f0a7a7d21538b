/* From a place in a scalar's text back to the place in the file, so that an error in a formula points at its token. */
#include "config/node.h"

struct walk {
	const char *at, *end;
	int line, column;
};

static void step(struct walk *walk)
{
	if (walk->at >= walk->end)
		return;
	if (*walk->at == '\n') {
		walk->line++;
		walk->column = 1;
	} else {
		walk->column++;
	}
	walk->at++;
	while (walk->at < walk->end && (*walk->at & 0xc0) == 0x80)
		walk->at++;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* A line break with the white space around it is one character of the text. */
static bool skip_fold(struct walk *walk)
{
	struct walk ahead = *walk;
	bool breaks = false;
	while (ahead.at < ahead.end && is_space(*ahead.at)) {
		breaks |= *ahead.at == '\n';
		step(&ahead);
	}
	if (breaks)
		*walk = ahead;
	return breaks;
}

static int hex_digits(char escape)
{
	return escape == 'x' ? 2 : escape == 'u' ? 4 : escape == 'U' ? 8 : 0;
}

/* One character of the text, however it was written. */
static void step_text(struct walk *walk, enum node_style style)
{
	if (walk->at >= walk->end || skip_fold(walk))
		return;
	char first = *walk->at;
	step(walk);
	if (style == STYLE_SINGLE && first == '\'') {
		step(walk);
	} else if (style == STYLE_DOUBLE && first == '\\' && walk->at < walk->end) {
		int more = hex_digits(*walk->at);
		step(walk);
		while (more-- > 0)
			step(walk);
	}
}

struct mark node_mark_within(const struct node *node, size_t offset)
{
	if (node->style == STYLE_BLOCK || !node->raw)
		return node->mark;
	struct walk walk = {node->raw, node->raw_end, node->mark.line, node->mark.column};
	if (node->style != STYLE_PLAIN)
		step(&walk);
	for (size_t i = 0; i < offset && i < node->text.length; i++)
		if ((node->text.data[i] & 0xc0) != 0x80)
			step_text(&walk, node->style);
	return (struct mark){node->mark.file, walk.line, walk.column};
}
