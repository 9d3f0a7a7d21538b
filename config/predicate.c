/* predicate: conjunction {"or" conjunction}; conjunction: condition {"and" condition};
 * condition: "not" condition | "(" predicate ")" | "has" FIELD | FIELD comparison */
#include "base/check.h"
#include "config/predicate_build.h"
#include "config/schema_find.h"

static bool pushes(uint8_t code)
{
	return code != PREDICATE_AND && code != PREDICATE_OR && code != PREDICATE_NOT;
}

void predicate_emit(struct predicate_build *build, struct predicate_step step)
{
	if (build->lexer.failed)
		return;
	CHECK(build->count < PREDICATE_STEPS_MAX);
	if (pushes(step.code))
		build->stack++;
	else if (step.code != PREDICATE_NOT)
		build->stack--;
	if (build->stack > MODEL_STACK_MAX - 1) /* room for predicate_and */
		lexer_problem(&build->lexer, 0, "the predicate is nested too deeply");
	build->steps[build->count++] = step;
}

static bool is_carried(const struct predicate_build *build, uint16_t field)
{
	for (uint16_t i = 0; i < build->schema->type_count; i++)
		if (type_set_has(build->types, i) && schema_rule(&build->schema->types[i], field))
			return true;
	return false;
}

static const char *first_type(const struct predicate_build *build)
{
	for (uint16_t i = 0; i < build->schema->type_count; i++)
		if (type_set_has(build->types, i))
			return build->schema->types[i].name;
	return "nothing";
}

static int32_t take_field(struct predicate_build *build)
{
	struct lexer *lexer = &build->lexer;
	struct token token = lexer->token;
	if (token.kind != TOKEN_NAME) {
		lexer_expected(lexer, "a field");
		return -1;
	}
	int32_t field = schema_field(build->schema, token.text);
	if (field < 0) {
		const char *names[SCHEMA_FIELDS_MAX];
		for (uint16_t i = 0; i < build->schema->field_count; i++)
			names[i] = build->schema->fields[i].name;
		const char *hint = did_you_mean(lexer->problems, token.text, names, build->schema->field_count);
		lexer_problem(lexer, token.at, "unknown field '%.*s'%s", STR_ARG(token.text), hint);
		return -1;
	}
	if (!is_carried(build, (uint16_t)field)) {
		lexer_problem(lexer, token.at, "'%s' does not carry the field '%.*s'", first_type(build),
			STR_ARG(token.text));
		return -1;
	}
	lexer_next(lexer);
	return field;
}

static void read_or(struct predicate_build *build);

static void read_condition(struct predicate_build *build)
{
	struct lexer *lexer = &build->lexer;
	size_t at = lexer->token.at;
	if (++build->depth > EXPRESSION_NESTING_MAX)
		lexer_problem(lexer, at, "nested deeper than %d levels", EXPRESSION_NESTING_MAX);
	if (lexer->failed)
		return;
	if (lexer_take(lexer, TOKEN_NAME, "not")) {
		read_condition(build);
		predicate_emit(build, (struct predicate_step){.code = PREDICATE_NOT});
	} else if (lexer_take(lexer, TOKEN_SYMBOL, "(")) {
		read_or(build);
		lexer_need_symbol(lexer, ")");
	} else if (lexer_take(lexer, TOKEN_NAME, "has")) {
		int32_t field = take_field(build);
		if (field >= 0)
			predicate_emit(
				build, (struct predicate_step){.code = PREDICATE_PRESENT, .field = (uint16_t)field});
	} else {
		int32_t field = take_field(build);
		if (field >= 0)
			predicate_comparison(build, (uint16_t)field, at);
	}
	build->depth--;
}

static void read_and(struct predicate_build *build)
{
	read_condition(build);
	while (!build->lexer.failed && lexer_take(&build->lexer, TOKEN_NAME, "and")) {
		read_condition(build);
		predicate_emit(build, (struct predicate_step){.code = PREDICATE_AND});
	}
}

static void read_or(struct predicate_build *build)
{
	read_and(build);
	while (!build->lexer.failed && lexer_take(&build->lexer, TOKEN_NAME, "or")) {
		read_and(build);
		predicate_emit(build, (struct predicate_step){.code = PREDICATE_OR});
	}
}

static const struct predicate *keep(struct arena *arena, const struct predicate_step *steps, uint16_t count)
{
	struct predicate *predicate = ARENA_NEW(arena, struct predicate);
	predicate->steps = ARENA_ARRAY(arena, struct predicate_step, count);
	memcpy(predicate->steps, steps, count * sizeof *steps);
	predicate->count = count;
	return predicate;
}

const struct predicate *predicate_compile(struct config_problems *problems, struct arena *arena,
	const struct schema *schema, const struct type_set *types, const struct node *node, const char *what)
{
	struct predicate_build build = {.arena = arena, .schema = schema, .types = types};
	if (!lexer_init(&build.lexer, problems, node, what))
		return NULL;
	read_or(&build);
	if (!build.lexer.failed && build.lexer.token.kind != TOKEN_END)
		lexer_expected(&build.lexer, "'and', 'or' or the end");
	return build.lexer.failed ? NULL : keep(arena, build.steps, build.count);
}

const struct predicate *predicate_and(struct arena *arena, const struct predicate *left, const struct predicate *right)
{
	if (!left || !right)
		return left ? left : right;
	size_t count = (size_t)left->count + right->count + 1;
	struct predicate *both = ARENA_NEW(arena, struct predicate);
	both->steps = ARENA_ARRAY(arena, struct predicate_step, count);
	memcpy(both->steps, left->steps, left->count * sizeof *left->steps);
	memcpy(both->steps + left->count, right->steps, right->count * sizeof *right->steps);
	both->steps[count - 1] = (struct predicate_step){.code = PREDICATE_AND};
	both->count = (uint16_t)count;
	return both;
}
