#include "config/identity.h"
#include "pipeline/evaluate/formula.h"
#include "pipeline/evaluate/operand.h"
#include "tools/kpictl/explain_print.h"

/* What a name of the formula stands for inside of a function. */
static const struct {
	const char *name;
	uint8_t code;
	int64_t number;
} functions[] = {{"level", FORMULA_MEASURE, 0}, {"count", FORMULA_COUNT, 0}, {"mean", FORMULA_MEAN, 0},
	{"last", FORMULA_MEASURE, 0}, {"lowest", FORMULA_LOWEST, 0}, {"highest", FORMULA_HIGHEST, 0},
	{"age", FORMULA_AGE, 0}, {"opening", FORMULA_OPENING, 0}, {"median", FORMULA_QUANTILE, 50},
	{"p90", FORMULA_QUANTILE, 90}, {"p95", FORMULA_QUANTILE, 95}, {"p99", FORMULA_QUANTILE, 99}};

void explain_put_number(struct buf *out, const struct number *number)
{
	decimal_put(out, number->top, number->decimals);
	if (number->fraction && number->bottom != 1) {
		buf_put_byte(out, '/');
		decimal_put(out, number->bottom, 0);
	}
}

/* Which interval is looked at, and whose. */
struct look {
	bool previous, company;
};

static void put_operand(struct buf *out, const struct explain_view *view, struct look look, struct formula_step step)
{
	struct place place = {&view->engine->evaluation, view->key, view->explanation->window};
	struct operand left = {0}, right = {0};
	step.previous = look.previous;
	step.company = look.company;
	uint8_t code = step.code;
	if (!operand_of_step(&place, &step, &left, &right) || left.reason != FIGURE_VALUE) {
		buf_put_text(out, "none");
		return;
	}
	if (code == FORMULA_MEAN)
		buf_put_byte(out, '(');
	explain_put_number(out, &left.number);
	if (code == FORMULA_MEAN) {
		buf_put_text(out, " / ");
		explain_put_number(out, &right.number);
		buf_put_byte(out, ')');
	}
}

static bool in_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

static struct str name_at(struct str text, size_t at)
{
	size_t length = 0;
	while (at + length < text.length && in_name(text.data[at + length]))
		length++;
	return (struct str){text.data + at, length};
}

static int find_measure(const struct model *model, struct str name)
{
	for (uint16_t m = 0; m < model->measure_count; m++)
		if (str_equal(name, str_of(model->measures[m].name)))
			return m;
	return -1;
}

static const struct kpi *find_kpi(const struct model *model, struct str name)
{
	for (uint16_t k = 0; k < model->kpi_count; k++)
		if (str_equal(name, str_of(model->kpis[k].name)))
			return &model->kpis[k];
	return NULL;
}

/* "mean(cycle)" at the start of `rest`: its length, or 0. */
static size_t call_of_measure(const struct model *model, struct str rest, size_t *ret_function, int *ret_measure)
{
	struct str name = name_at(rest, 0);
	for (size_t f = 0; f < sizeof functions / sizeof *functions; f++) {
		if (!str_equal(name, str_of(functions[f].name)))
			continue;
		size_t at = name.length;
		while (at < rest.length && (rest.data[at] == ' ' || rest.data[at] == '('))
			at++;
		struct str inner = name_at(rest, at);
		*ret_measure = find_measure(model, inner);
		*ret_function = f;
		const char *close = memchr(rest.data + at, ')', rest.length - at);
		return *ret_measure >= 0 && close ? (size_t)(close + 1 - rest.data) : 0;
	}
	return 0;
}

static size_t length_of_call(struct str rest)
{
	int depth = 0;
	for (size_t i = 0; i < rest.length; i++) {
		depth += (rest.data[i] == '(') - (rest.data[i] == ')');
		if (rest.data[i] == ')' && depth == 0)
			return i + 1;
	}
	return rest.length;
}

static void put_source(struct buf *out, const struct explain_view *view, struct str text, struct look look);

/* "x, before: y" of growth(x), the value before of prev(x), the company's of company(x). False where it is none of them. */
static bool put_elsewhere(
	struct buf *out, const struct explain_view *view, struct str rest, struct look look, size_t *ret_length)
{
	struct str name = name_at(rest, 0);
	bool growth = str_equal(name, STR("growth")), company = str_equal(name, STR("company"));
	if ((!growth && !company && !str_equal(name, STR("prev"))) || name.length == rest.length)
		return false;
	*ret_length = length_of_call(rest);
	struct str inner = {rest.data + name.length + 1, *ret_length - name.length - 2};
	buf_put_str(out, name);
	buf_put_byte(out, '(');
	if (growth) {
		put_source(out, view, inner, look);
		buf_put_text(out, " after ");
	}
	look.company |= company;
	look.previous |= !company;
	put_source(out, view, inner, look);
	buf_put_byte(out, ')');
	return true;
}

/* False where it is none. */
static bool put_constant(struct buf *out, const struct explain_view *view, struct str name)
{
	const struct node *constants = node_get(view->kpis, "constants");
	for (size_t i = 0; constants && i < constants->count; i++) {
		const struct node *value = constants->entries[i].value;
		if (!str_equal(constants->entries[i].key, name))
			continue;
		buf_put(out, value->raw, (size_t)(value->raw_end - value->raw));
		return true;
	}
	return false;
}

/* The name, number or call at the start of `rest`; its length. */
static size_t put_word(struct buf *out, const struct explain_view *view, struct str rest, struct look look)
{
	const struct model *model = &view->engine->config->model;
	struct str name = name_at(rest, 0);
	size_t function, length;
	int measure = find_measure(model, name);
	const struct kpi *kpi = find_kpi(model, name);
	if (put_elsewhere(out, view, rest, look, &length))
		return length;
	bool calls = name.length < rest.length && rest.data[name.length] == '(';
	length = calls ? call_of_measure(model, rest, &function, &measure) : 0;
	if (length) {
		put_operand(out, view, look,
			(struct formula_step){.code = functions[function].code,
				.number = functions[function].number,
				.measure = (uint16_t)measure});
		return length;
	}
	if (calls && str_equal(name, STR("roster"))) {
		put_operand(out, view, look, (struct formula_step){.code = FORMULA_ROSTER});
		return length_of_call(rest);
	}
	if (measure >= 0 && !calls) {
		put_operand(
			out, view, look, (struct formula_step){.code = FORMULA_MEASURE, .measure = (uint16_t)measure});
	} else if (kpi && !calls) {
		buf_put_byte(out, '(');
		put_source(out, view, str_of(kpi->source), look);
		buf_put_byte(out, ')');
	} else if (calls || !put_constant(out, view, name)) {
		buf_put_str(out, name);
	}
	return name.length;
}

/* KPIs cannot name themselves, so this ends. */
static void put_source(struct buf *out, const struct explain_view *view, struct str text, struct look look)
{
	for (size_t at = 0; at < text.length;) {
		struct str rest = {text.data + at, text.length - at};
		if (in_name(*rest.data)) {
			at += put_word(out, view, rest, look);
		} else {
			buf_put_byte(out, (uint8_t)*rest.data);
			at++;
		}
	}
}

void explain_put_formula(struct buf *out, const struct explain_view *view)
{
	if (explain_is_rolled_up(view))
		explain_put_sums(out, view);
	else
		put_source(out, view, str_of(view->engine->config->model.kpis[view->kpi].source), (struct look){0});
}

uint64_t explain_definition(const struct model *model, const struct kpi *kpi)
{
	struct buf bytes;
	buf_init(&bytes);
	for (uint16_t i = 0; i < kpi->formula.count; i++) {
		const struct formula_step *step = &kpi->formula.steps[i];
		buf_put_byte(&bytes, step->code);
		buf_put_byte(&bytes, (uint8_t)(step->previous | step->company << 1));
		buf_put_svarint(&bytes, step->number);
		if (formula_step_measures(step))
			buf_put_u64(&bytes, model->measures[step->measure].identity);
	}
	uint64_t hash = identity_hash(buf_str(&bytes));
	buf_release(&bytes);
	return hash;
}
