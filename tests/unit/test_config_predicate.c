#include "config/predicate.h"
#include "config/schema_find.h"
#include "tests/unit/config_text.h"
#include "tests/unit/unit.h"

/* A predicate over deal.closed as postfix words: "outcome=0 deal_type!2 and". */
static void put_steps(const struct schema *schema, const struct predicate *predicate, struct buf *out)
{
	static const char *const signs[] = {"=", "!", "<", "<=", ">", ">=", " in ", "=", "?"};
	static const char *const joints[] = {"and", "or", "not"};
	for (uint16_t i = 0; i < predicate->count; i++) {
		const struct predicate_step *step = &predicate->steps[i];
		buf_put_text(out, i ? " " : "");
		if (step->code >= PREDICATE_AND) {
			buf_put_text(out, joints[step->code - PREDICATE_AND]);
			continue;
		}
		buf_printf(out, "%s%s", schema->fields[step->field].name, signs[step->code]);
		if (step->code == PREDICATE_IN)
			buf_printf(out, "%llx", (unsigned long long)step->set);
		else if (step->code == PREDICATE_TEXT_EQUAL)
			buf_put_str(out, step->text);
		else if (step->code != PREDICATE_PRESENT)
			buf_printf(out, "%lld", (long long)step->number);
	}
}

static void assert_compiles(const char *event, const char *where, const char *expected)
{
	struct config_text text;
	struct buf steps;
	config_text_init(&text);
	buf_init(&steps);
	config_text_load_schema(&text, config_text_events);
	struct type_set types = {0};
	type_set_add(&types, (uint16_t)schema_type(&text.schema, str_of(event)));
	const struct node *node = node_scalar(&text.arena, (struct mark){"x", 1, 1}, str_of(where));
	const struct predicate *predicate =
		predicate_compile(&text.problems, &text.arena, &text.schema, &types, node, "'where'");
	config_text_tell(&text);
	assert_string_equal(text.said.data, "");
	put_steps(&text.schema, predicate, &steps);
	assert_string_equal(steps.data, expected);
	buf_release(&steps);
	config_text_release(&text);
}

static void assert_refused(const char *where, const char *expected)
{
	struct config_text text;
	config_text_init(&text);
	config_text_load_schema(&text, config_text_events);
	struct type_set types = {0};
	type_set_add(&types, (uint16_t)schema_type(&text.schema, STR("deal.closed")));
	struct buf content;
	buf_init(&content);
	buf_printf(&content, "where: \"%s\"\n", where);
	const struct node *node = node_get(config_text_parse(&text, "x.yaml", content.data), "where");
	assert_null(predicate_compile(&text.problems, &text.arena, &text.schema, &types, node, "'where'"));
	config_text_tell(&text);
	assert_string_equal(text.said.data, expected);
	buf_release(&content);
	config_text_release(&text);
}

static void test_compiles(void **state)
{
	(void)state;
	assert_compiles("deal.closed", "outcome == 'won'", "outcome=0");
	assert_compiles("deal.closed", "outcome == 'won' and deal_type != 'renewal'", "outcome=0 deal_type!2 and");
	assert_compiles("deal.closed", "deal_type in ('new', \"renewal\")", "deal_type in 5");
	assert_compiles("deal.closed", "deal_type not in ('new')", "deal_type in 1 not");
	assert_compiles("deal.closed", "deal == 'd1' or deal != 'd2'", "deal=d1 deal=d2 not or");
	assert_compiles("deal.closed", "deal in ('a', 'b')", "deal=a deal=b or");
	assert_compiles("deal.closed", "amount >= 1.5 or score < -3", "amount>=15000 score<-3 or");
	assert_compiles("deal.closed", "created_at < '1970-01-01T00:00:01Z'", "created_at<1000");
	assert_compiles(
		"deal.closed", "has amount and not (score == 1 or score == 2)", "amount? score=1 score=2 or not and");
	assert_compiles("deal.closed", "score == 1 or score == 2 and score == 3", "score=1 score=2 score=3 and or");
	assert_compiles("deal.closed", "has credits", "credits?");
	assert_compiles("email.sent", "auto", "auto=1");
	assert_compiles("email.sent", "not auto and about == 'info'", "auto=1 not about=0 and");
	assert_compiles("email.sent", "auto == false or auto != true", "auto=0 auto!1 or");
}

static void test_refused(void **state)
{
	(void)state;
	assert_refused(
		"outcome == 'wonn'", "1:20: 'wonn' is not a choice of 'outcome' (won, lost); did you mean 'won'?\n");
	assert_refused("outcom == 'won'", "1:9: unknown field 'outcom'; did you mean 'outcome'?\n");
	assert_refused("auto", "1:9: 'deal.closed' does not carry the field 'auto'\n");
	assert_refused("outcome",
		"1:16: a comparison (==, !=, <, <=, >, >=, in, not in) is expected, but the text ends here\n");
	assert_refused("outcome < 'won'", "1:17: 'outcome' has no order: == and != compare it\n");
	assert_refused("amount == 'x'", "1:19: a number is expected, not 'x'\n");
	assert_refused("score == 1.5", "1:18: a whole number is expected, not '1.5'\n");
	assert_refused("deal == d1", "1:17: a text in quotes is expected, not 'd1'\n");
	assert_refused("currency == 'EUR'", "1:9: a currency cannot be compared\n");
	assert_refused("credits == 1", "1:9: credits cannot be compared\n");
	assert_refused("score == 1 score == 2", "1:20: 'and', 'or' or the end is expected, not 'score'\n");
	assert_refused("(score == 1", "1:20: ')' is expected, but the text ends here\n");
	assert_refused("score = 1", "1:15: '=' has no meaning here\n");
	assert_refused("deal == 'x", "1:17: the quote is not closed\n");
	assert_refused("score in ()", "1:19: a whole number is expected, not ')'\n");
	assert_refused("", "1:9: a field is expected, but the text ends here\n");
}

static void repeat(struct buf *out, const char *piece, int times)
{
	for (int i = 0; i < times; i++)
		buf_put_text(out, piece);
}

static void test_limits(void **state)
{
	(void)state;
	struct buf where;
	buf_init(&where);
	repeat(&where, "(", 31);
	buf_put_text(&where, "score==1");
	repeat(&where, ")", 31);
	assert_compiles("deal.closed", where.data, "score=1");
	buf_clear(&where);
	repeat(&where, "(", 400);
	assert_refused(where.data, "1:41: nested deeper than 32 levels\n");
	buf_clear(&where);
	repeat(&where, "not ", 200);
	assert_refused(where.data, "1:137: nested deeper than 32 levels\n");
	buf_clear(&where);
	repeat(&where, "score==1 or ", 100);
	assert_refused(where.data, "1:8: 'where' is longer than 1000 bytes\n");
	buf_clear(&where);
	buf_put_text(&where, "score in (1");
	repeat(&where, ",1", 490);
	buf_put_text(&where, ") and");
	assert_refused(where.data, "1:1005: a field is expected, but the text ends here\n");
	buf_release(&where);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compiles),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
