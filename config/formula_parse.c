/* formula: term {("+" | "-") term}; term: factor {("*" | "/") factor};
 * factor: NUMBER | "-" factor | "(" formula ")" | NAME | NAME "(" [formula] ")" */
#include "base/decimal.h"
#include "config/formula.h"
#include "config/lexer.h"

struct formula_parser {
	struct lexer lexer;
	struct arena *arena;
	int depth;
};

static struct expression *read_sum(struct formula_parser *parser);

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
	if (lexer_take(lexer, TOKEN_SYMBOL, ")"))
		return name;
	name->left = read_sum(parser);
	lexer_need_symbol(lexer, ")");
	return name;
}

static struct expression *read_factor(struct formula_parser *parser)
{
	struct lexer *lexer = &parser->lexer;
	struct expression *factor = NULL;
	size_t at = lexer->token.at;
	if (++parser->depth > EXPRESSION_NESTING_MAX)
		lexer_problem(lexer, at, "nested deeper than %d levels", EXPRESSION_NESTING_MAX);
	if (lexer->failed)
		return NULL;
	if (lexer->token.kind == TOKEN_NUMBER) {
		factor = read_number(parser);
	} else if (lexer->token.kind == TOKEN_NAME) {
		factor = read_name(parser);
	} else if (lexer_take(lexer, TOKEN_SYMBOL, "-")) {
		factor = new_expression(parser, EXPRESSION_NEGATION, at);
		factor->left = read_factor(parser);
	} else if (lexer_take(lexer, TOKEN_SYMBOL, "(")) {
		factor = read_sum(parser);
		lexer_need_symbol(lexer, ")");
	} else {
		lexer_expected(lexer, "a measure, a number or '('");
	}
	parser->depth--;
	return factor;
}

static bool take_either(struct lexer *lexer, const char *one, const char *other, char *ret_symbol)
{
	if (lexer->failed || (!lexer_is(lexer, TOKEN_SYMBOL, one) && !lexer_is(lexer, TOKEN_SYMBOL, other)))
		return false;
	*ret_symbol = lexer->token.text.data[0];
	lexer_next(lexer);
	return true;
}

static struct expression *read_operations(struct formula_parser *parser, const char *one, const char *other,
	struct expression *(*read_operand)(struct formula_parser *parser))
{
	struct expression *left = read_operand(parser);
	for (;;) {
		size_t at = parser->lexer.token.at;
		char symbol;
		if (!take_either(&parser->lexer, one, other, &symbol))
			return left;
		struct expression *operation = new_expression(parser, EXPRESSION_OPERATION, at);
		operation->operation = symbol;
		operation->left = left;
		operation->right = read_operand(parser);
		left = operation;
	}
}

static struct expression *read_product(struct formula_parser *parser)
{
	return read_operations(parser, "*", "/", read_factor);
}

static struct expression *read_sum(struct formula_parser *parser)
{
	return read_operations(parser, "+", "-", read_product);
}

struct expression *formula_parse(struct config_problems *problems, struct arena *arena, const struct node *node)
{
	struct formula_parser parser = {.arena = arena};
	if (!lexer_init(&parser.lexer, problems, node, "a formula"))
		return NULL;
	struct expression *expression = read_sum(&parser);
	if (!parser.lexer.failed && parser.lexer.token.kind != TOKEN_END)
		lexer_expected(&parser.lexer, "an operator or the end");
	return parser.lexer.failed ? NULL : expression;
}
