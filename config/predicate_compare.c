/* One comparison: a field, an operator, and literals of the field's kind. */
#include "base/decimal.h"
#include "base/text.h"
#include "config/predicate_build.h"
#include "config/schema_find.h"

/* The choices that one of the event types allows. */
static uint64_t allowed_choices(const struct predicate_build *build, uint16_t field)
{
	uint64_t allowed = 0;
	for (uint16_t i = 0; i < build->schema->type_count; i++) {
		if (!type_set_has(build->types, i))
			continue;
		const struct field_rule *rule = schema_rule(&build->schema->types[i], field);
		allowed |= rule ? rule->allowed : 0;
	}
	return allowed;
}

static bool read_choice(struct predicate_build *build, uint16_t field, struct str text, int64_t *ret_number)
{
	const struct field *definition = &build->schema->fields[field];
	uint64_t allowed = allowed_choices(build, field);
	const char *names[SCHEMA_CHOICES_MAX];
	size_t count = 0;
	for (uint16_t i = 0; i < definition->choice_count; i++) {
		if (!(allowed >> i & 1))
			continue;
		if (str_equal(text, str_of(definition->choices[i]))) {
			*ret_number = i;
			return true;
		}
		names[count++] = definition->choices[i];
	}
	const char *hint = did_you_mean(build->lexer.problems, text, names, count);
	struct buf list;
	buf_init(&list);
	for (size_t i = 0; i < count; i++)
		buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
	lexer_problem(&build->lexer, build->lexer.token.at, "'%.*s' is not a choice of '%s' (%s)%s", STR_ARG(text),
		definition->name, list.data, hint);
	buf_release(&list);
	return false;
}

static enum result read_by_kind(enum field_kind kind, struct str text, int64_t *ret_number)
{
	switch (kind) {
	case FIELD_DECIMAL:
		return decimal_from_text(text, ret_number);
	case FIELD_TIME:
		return text_to_time(text, ret_number);
	default:
		return text_to_i64(text, ret_number);
	}
}

static bool read_boolean(struct str text, int64_t *ret_number)
{
	*ret_number = str_equal(text, STR("true"));
	return *ret_number || str_equal(text, STR("false"));
}

struct literal {
	struct str text;
	int64_t number;
};

/* What the literal must be, for people. */
static const char *literal_name(enum field_kind kind)
{
	switch (kind) {
	case FIELD_TEXT:
		return "a text in quotes";
	case FIELD_CHOICE:
		return "a choice in quotes";
	case FIELD_DECIMAL:
		return "a number";
	case FIELD_INTEGER:
		return "a whole number";
	case FIELD_BOOLEAN:
		return "true or false";
	default:
		return "a time in quotes, with its zone";
	}
}

static bool read_literal(struct predicate_build *build, uint16_t field, struct literal *ret_literal)
{
	struct lexer *lexer = &build->lexer;
	enum field_kind kind = build->schema->fields[field].kind;
	bool minus = (kind == FIELD_DECIMAL || kind == FIELD_INTEGER) && lexer_take(lexer, TOKEN_SYMBOL, "-");
	struct token token = lexer->token;
	enum token_kind wanted = kind == FIELD_BOOLEAN           ? TOKEN_NAME
		: kind == FIELD_DECIMAL || kind == FIELD_INTEGER ? TOKEN_NUMBER
								 : TOKEN_TEXT;
	*ret_literal = (struct literal){.text = token.text};
	bool good = token.kind == wanted;
	if (good && kind == FIELD_CHOICE && !read_choice(build, field, token.text, &ret_literal->number))
		return false;
	if (good && kind == FIELD_BOOLEAN)
		good = read_boolean(token.text, &ret_literal->number);
	else if (good && kind != FIELD_TEXT && kind != FIELD_CHOICE)
		good = read_by_kind(kind, token.text, &ret_literal->number) == RESULT_OK;
	if (!good) {
		lexer_expected(lexer, literal_name(kind));
		return false;
	}
	if (minus)
		ret_literal->number = -ret_literal->number;
	lexer_next(lexer);
	return true;
}

static void emit_equal(struct predicate_build *build, uint16_t field, const struct literal *literal)
{
	bool text = build->schema->fields[field].kind == FIELD_TEXT;
	predicate_emit(build,
		(struct predicate_step){.code = text ? PREDICATE_TEXT_EQUAL : PREDICATE_EQUAL,
			.field = field,
			.number = literal->number,
			.text = text ? arena_str(build->arena, literal->text) : (struct str){0}});
}

/* in (…): a set for choices, else a chain of "or". */
static void read_list(struct predicate_build *build, uint16_t field)
{
	bool choices = build->schema->fields[field].kind == FIELD_CHOICE;
	uint64_t set = 0;
	int count = 0;
	if (!lexer_need_symbol(&build->lexer, "("))
		return;
	do {
		struct literal literal;
		if (!read_literal(build, field, &literal))
			return;
		set |= choices ? UINT64_C(1) << literal.number : 0;
		if (!choices)
			emit_equal(build, field, &literal);
		if (!choices && count++ > 0)
			predicate_emit(build, (struct predicate_step){.code = PREDICATE_OR});
	} while (lexer_take(&build->lexer, TOKEN_SYMBOL, ","));
	if (choices)
		predicate_emit(build, (struct predicate_step){.code = PREDICATE_IN, .field = field, .set = set});
	lexer_need_symbol(&build->lexer, ")");
}

static const struct {
	const char *symbol;
	enum predicate_code code;
	bool orders;
} operators[] = {{"==", PREDICATE_EQUAL, false}, {"!=", PREDICATE_NOT_EQUAL, false}, {"<", PREDICATE_LESS, true},
	{"<=", PREDICATE_LESS_EQUAL, true}, {">", PREDICATE_GREATER, true}, {">=", PREDICATE_GREATER_EQUAL, true}};
enum { OPERATORS = sizeof operators / sizeof *operators };

static bool has_order(enum field_kind kind)
{
	return kind == FIELD_DECIMAL || kind == FIELD_INTEGER || kind == FIELD_TIME;
}

static void read_operator(struct predicate_build *build, uint16_t field, int operator)
{
	const struct field *definition = &build->schema->fields[field];
	struct literal literal;
	if (operators[operator].orders && !has_order(definition->kind)) {
		lexer_problem(&build->lexer, build->lexer.token.at, "'%s' has no order: == and != compare it",
			definition->name);
		return;
	}
	lexer_next(&build->lexer);
	if (!read_literal(build, field, &literal))
		return;
	if (definition->kind != FIELD_TEXT) {
		predicate_emit(build,
			(struct predicate_step){
				.code = operators[operator].code, .field = field, .number = literal.number});
		return;
	}
	emit_equal(build, field, &literal);
	if (operators[operator].code == PREDICATE_NOT_EQUAL)
		predicate_emit(build, (struct predicate_step){.code = PREDICATE_NOT});
}

void predicate_comparison(struct predicate_build *build, uint16_t field, size_t at)
{
	struct lexer *lexer = &build->lexer;
	enum field_kind kind = build->schema->fields[field].kind;
	if (kind == FIELD_CURRENCY || kind == FIELD_CREDITS) {
		lexer_problem(lexer, at,
			kind == FIELD_CREDITS ? "credits cannot be compared" : "a currency cannot be compared");
		return;
	}
	for (int i = 0; i < OPERATORS; i++)
		if (lexer_is(lexer, TOKEN_SYMBOL, operators[i].symbol)) {
			read_operator(build, field, i);
			return;
		}
	if (lexer_take(lexer, TOKEN_NAME, "in")) {
		read_list(build, field);
	} else if (lexer_take(lexer, TOKEN_NAME, "not")) {
		if (!lexer_take(lexer, TOKEN_NAME, "in"))
			lexer_expected(lexer, "'in'");
		read_list(build, field);
		predicate_emit(build, (struct predicate_step){.code = PREDICATE_NOT});
	} else if (kind == FIELD_BOOLEAN) {
		predicate_emit(build, (struct predicate_step){.code = PREDICATE_EQUAL, .field = field, .number = 1});
	} else {
		lexer_expected(lexer, "a comparison (==, !=, <, <=, >, >=, in, not in)");
	}
}
