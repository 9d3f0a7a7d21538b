#include "config/lexer.h"

#include <stdarg.h>
#include <stdio.h>

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static char byte_at(const struct lexer *lexer, size_t at)
{
	return at < lexer->node->text.length ? lexer->node->text.data[at] : '\0';
}

void lexer_problem(struct lexer *lexer, size_t at, const char *format, ...)
{
	if (lexer->failed)
		return;
	lexer->failed = true;
	char text[500];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	problem_at(lexer->problems, node_mark_within(lexer->node, at), "%s", text);
}

static void take_quoted(struct lexer *lexer, char quote)
{
	size_t from = lexer->next + 1, to = from;
	while (to < lexer->node->text.length && byte_at(lexer, to) != quote)
		to++;
	if (to >= lexer->node->text.length) {
		lexer->token.kind = TOKEN_WRONG;
		lexer_problem(lexer, lexer->next, "the quote is not closed");
		return;
	}
	lexer->token = (struct token){TOKEN_TEXT, lexer->next, {lexer->node->text.data + from, to - from}};
	lexer->next = to + 1;
}

static size_t symbol_length(const struct lexer *lexer)
{
	char first = byte_at(lexer, lexer->next), second = byte_at(lexer, lexer->next + 1);
	if (second == '=' && (first == '=' || first == '!' || first == '<' || first == '>'))
		return 2;
	return first && strchr("<>()+-*/,", first) ? 1 : 0;
}

static size_t word_length(const struct lexer *lexer, bool number)
{
	size_t to = lexer->next;
	while (is_digit(byte_at(lexer, to)) || byte_at(lexer, to) == '.' || (!number && is_letter(byte_at(lexer, to))))
		to++;
	return to - lexer->next;
}

void lexer_next(struct lexer *lexer)
{
	while (lexer->next < lexer->node->text.length && is_space(byte_at(lexer, lexer->next)))
		lexer->next++;
	char first = byte_at(lexer, lexer->next);
	lexer->token = (struct token){TOKEN_WRONG, lexer->next, {lexer->node->text.data + lexer->next, 0}};
	if (lexer->failed)
		return;
	if (lexer->next >= lexer->node->text.length) {
		lexer->token.kind = TOKEN_END;
	} else if (first == '\'' || first == '"') {
		take_quoted(lexer, first);
		return;
	} else if (is_letter(first)) {
		lexer->token.kind = TOKEN_NAME;
		lexer->token.text.length = word_length(lexer, false);
	} else if (is_digit(first)) {
		lexer->token.kind = TOKEN_NUMBER;
		lexer->token.text.length = word_length(lexer, true);
	} else if ((lexer->token.text.length = symbol_length(lexer))) {
		lexer->token.kind = TOKEN_SYMBOL;
	} else {
		lexer_problem(lexer, lexer->next, "'%c' has no meaning here", first);
	}
	lexer->next += lexer->token.text.length;
}

bool lexer_init(struct lexer *lexer, struct config_problems *problems, const struct node *node, const char *what)
{
	struct str text;
	if (!expect_text(problems, node, what, &text))
		return false;
	if (text.length > EXPRESSION_BYTES_MAX) {
		problem_at(problems, node->mark, "%s is longer than %d bytes", what, EXPRESSION_BYTES_MAX);
		return false;
	}
	*lexer = (struct lexer){.problems = problems, .node = node};
	lexer_next(lexer);
	return true;
}

bool lexer_is(const struct lexer *lexer, enum token_kind kind, const char *text)
{
	return lexer->token.kind == kind && str_equal(lexer->token.text, str_of(text));
}

bool lexer_take(struct lexer *lexer, enum token_kind kind, const char *text)
{
	if (!lexer_is(lexer, kind, text))
		return false;
	lexer_next(lexer);
	return true;
}

void lexer_expected(struct lexer *lexer, const char *what)
{
	if (lexer->token.kind == TOKEN_END)
		lexer_problem(lexer, lexer->token.at, "%s is expected, but the text ends here", what);
	else
		lexer_problem(lexer, lexer->token.at, "%s is expected, not '%.*s'", what, STR_ARG(lexer->token.text));
}

bool lexer_need_symbol(struct lexer *lexer, const char *symbol)
{
	if (lexer_take(lexer, TOKEN_SYMBOL, symbol))
		return true;
	char what[8];
	snprintf(what, sizeof what, "'%s'", symbol);
	lexer_expected(lexer, what);
	return false;
}
