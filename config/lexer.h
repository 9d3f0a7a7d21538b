/* Tokens of predicates and formulas. Their places are kept as byte offsets into the text. */
#ifndef CONFIG_LEXER_H
#define CONFIG_LEXER_H

#include "config/node.h"

#define EXPRESSION_BYTES_MAX 1000 /* of a predicate or a formula */
#define EXPRESSION_NESTING_MAX 32 /* parentheses, not, - */

enum token_kind { TOKEN_END, TOKEN_NAME, TOKEN_NUMBER, TOKEN_TEXT, TOKEN_SYMBOL, TOKEN_WRONG };

struct token {
	enum token_kind kind;
	size_t at;       /* offset of its first byte */
	struct str text; /* NAME, NUMBER, SYMBOL as written; TEXT without its quotes */
};

/* Invariant: `token` is the token that nobody has taken yet. */
struct lexer {
	struct config_problems *problems;
	const struct node *node;
	size_t next;
	struct token token;
	bool failed; /* a problem was reported: the rest is not read */
};

/* False with a problem where the node is no text or too long. */
bool lexer_init(struct lexer *lexer, struct config_problems *problems, const struct node *node, const char *what);
void lexer_next(struct lexer *lexer);
bool lexer_is(const struct lexer *lexer, enum token_kind kind, const char *text);
/* Takes the token if it is that one. */
bool lexer_take(struct lexer *lexer, enum token_kind kind, const char *text);
/* Takes it, or reports that `what` is expected. */
bool lexer_need_symbol(struct lexer *lexer, const char *symbol);
void lexer_expected(struct lexer *lexer, const char *what);
/* Reports at a place in the text; only the first counts. */
void lexer_problem(struct lexer *lexer, size_t at, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
