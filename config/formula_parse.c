/* formula: conjunction {"or" conjunction}; conjunction: condition {"and" condition};
 * condition: "not" condition | sum [("<" | "<=" | ">" | ">=" | "==" | "!=") sum];
 * sum: term {("+" | "-") term}; term: factor {("*" | "/") factor};
 * factor: NUMBER | "-" factor | "(" formula ")" | NAME | NAME "(" [formula {"," formula}] ")" */
#include "base/decimal.h"
#include "config/formula.h"
#include "config/lexer.h"

struct formula_parser {
	struct lexer lexer;
	struct arena *arena;
	int depth;
};

struct spelling {
	const char *text;
	enum formula_code code;
};

/* Operators that bind alike; those of a later level bind tighter. */
struct level {
	enum token_kind kind;
	bool once; /* not one after the other */
	struct spelling operators[7];
};

static const struct level levels[] = {
	{TOKEN_NAME, false, {{"or", FORMULA_OR}}},
	{TOKEN_NAME, false, {{"and", FORMULA_AND}}},
	{TOKEN_SYMBOL, true,
		{{"<", FORMULA_LESS}, {"<=", FORMULA_LESS_EQUAL}, {">", FORMULA_GREATER}, {">=", FORMULA_GREATER_EQUAL},
			{"==", FORMULA_EQUAL}, {"!=", FORMULA_NOT_EQUAL}}},
	{TOKEN_SYMBOL, false, {{"+", FORMULA_ADD}, {"-", FORMULA_SUBTRACT}}},
	{TOKEN_SYMBOL, false, {{"*", FORMULA_MULTIPLY}, {"/", FORMULA_DIVIDE}}},
};
enum { LEVELS = sizeof levels / sizeof *levels, CONDITIONS = 2 };

static struct expression *read_level(struct formula_parser *parser, int level);

static struct expression *new_expression(struct formula_parser *parser, enum expression_kind kind, size_t at)
{
	struct expression *expression = ARENA_NEW(parser->arena, struct expression);
	*expression = (struct expression){.kind = kind, .node = parser->lexer.node, .at = at};
	return expression;
}

static struct expression *read_number(struct formula_parser *parser)
{
	struct token token = parser->lexer.token;
	struct expression *number = new_expression(parser, EXPRESSION_NUMBER, token.at);
	if (decimal_from_text(token.text, &number->number))
		lexer_problem(&parser->lexer, token.at, "'%.*s' is not a number", STR_ARG(token.text));
	lexer_next(&parser->lexer);
	return number;
}

static struct expression *read_arguments(struct formula_parser *parser)
{
	struct expression *first = NULL, **end = &first;
	do {
		*end = read_level(parser, 0);
		if (parser->lexer.failed)
			return NULL;
		end = &(*end)->next;
	} while (lexer_take(&parser->lexer, TOKEN_SYMBOL, ","));
	lexer_need_symbol(&parser->lexer, ")");
	return first;
}

static struct expression *read_name(struct formula_parser *parser)
{
	struct lexer *lexer = &parser->lexer;
	struct token token = lexer->token;
	struct expression *name = new_expression(parser, EXPRESSION_NAME, token.at);
	name->name = token.text;
	lexer_next(lexer);
	if (!lexer_take(lexer, TOKEN_SYMBOL, "("))
		return name;
	name->kind = EXPRESSION_CALL;
	if (!lexer_take(lexer, TOKEN_SYMBOL, ")"))
		name->left = read_arguments(parser);
	return name;
}

static bool enter(struct formula_parser *parser)
{
	if (++parser->depth > EXPRESSION_NESTING_MAX)
		lexer_problem(
			&parser->lexer, parser->lexer.token.at, "nested deeper than %d levels", EXPRESSION_NESTING_MAX);
	return !parser->lexer.failed;
}

static struct expression *read_factor(struct formula_parser *parser)
{
	struct lexer *lexer = &parser->lexer;
	struct expression *factor = NULL;
	size_t at = lexer->token.at;
	if (!enter(parser))
		return NULL;
	if (lexer->token.kind == TOKEN_NUMBER) {
		factor = read_number(parser);
	} else if (lexer->token.kind == TOKEN_NAME) {
		factor = read_name(parser);
	} else if (lexer_take(lexer, TOKEN_SYMBOL, "-")) {
		factor = new_expression(parser, EXPRESSION_NEGATION, at);
		factor->left = read_factor(parser);
	} else if (lexer_take(lexer, TOKEN_SYMBOL, "(")) {
		factor = read_level(parser, 0);
		lexer_need_symbol(lexer, ")");
	} else {
		lexer_expected(lexer, "a measure, a number or '('");
	}
	parser->depth--;
	return factor;
}

static struct expression *read_not(struct formula_parser *parser)
{
	struct expression *negated = new_expression(parser, EXPRESSION_NOT, parser->lexer.token.at);
	lexer_next(&parser->lexer);
	if (!enter(parser))
		return NULL;
	negated->left = read_level(parser, CONDITIONS);
	parser->depth--;
	return negated;
}

static const struct spelling *take_operator(struct lexer *lexer, const struct level *level)
{
	for (const struct spelling *known = level->operators; known->text && !lexer->failed; known++)
		if (lexer_take(lexer, level->kind, known->text))
			return known;
	return NULL;
}

static struct expression *read_level(struct formula_parser *parser, int level)
{
	struct lexer *lexer = &parser->lexer;
	if (level == LEVELS)
		return read_factor(parser);
	if (level == CONDITIONS && lexer_is(lexer, TOKEN_NAME, "not"))
		return read_not(parser);
	struct expression *left = read_level(parser, level + 1);
	for (;;) {
		size_t at = lexer->token.at;
		const struct spelling *taken = take_operator(lexer, &levels[level]);
		if (!taken)
			return left;
		struct expression *operation = new_expression(parser, EXPRESSION_OPERATION, at);
		operation->code = taken->code;
		operation->left = left;
		operation->right = read_level(parser, level + 1);
		left = operation;
		if (levels[level].once)
			return left;
	}
}

struct expression *formula_parse(struct config_problems *problems, struct arena *arena, const struct node *node)
{
	struct formula_parser parser = {.arena = arena};
	if (!lexer_init(&parser.lexer, problems, node, "a formula"))
		return NULL;
	struct expression *expression = read_level(&parser, 0);
	if (!parser.lexer.failed && parser.lexer.token.kind != TOKEN_END)
		lexer_expected(&parser.lexer, "an operator or the end");
	return parser.lexer.failed ? NULL : expression;
}
