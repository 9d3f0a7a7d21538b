/* What a test expects. Every name in it must be one that the configuration has. */
#include "base/text.h"
#include "tools/kpictl/test_case.h"

const char *test_reason_name(unsigned reason)
{
	if (reason == TEST_LATE)
		return "late";
	return reason == TEST_DUPLICATE ? "duplicate" : refusal_name((enum refusal)reason);
}

struct expecting {
	struct config_problems *problems;
	struct arena *arena;
	const struct model *model;
	const struct node *node;
	struct expectation *expectation;
};

/* Which of `count` names the key's value is. */
static bool find_name(struct expecting *expecting, const struct node *node, const char *what,
	const char *(*name_of)(const struct model *, size_t), size_t count, size_t *ret_index)
{
	const char **names = ARENA_ARRAY(expecting->arena, const char *, count + 1);
	struct str text;
	if (!node || !expect_text(expecting->problems, node, what, &text))
		return false;
	for (size_t i = 0; i < count; i++) {
		names[i] = name_of(expecting->model, i);
		if (str_equal(text, str_of(names[i]))) {
			*ret_index = i;
			return true;
		}
	}
	problem_at(expecting->problems, node->mark, "unknown %s '%.*s'%s", what, STR_ARG(text),
		did_you_mean(expecting->problems, text, names, count));
	return false;
}

static const char *kpi_name(const struct model *model, size_t i)
{
	return model->kpis[i].name;
}

static const char *window_name(const struct model *model, size_t i)
{
	return model->windows[i].name;
}

static const char *alert_name(const struct model *model, size_t i)
{
	return model->alerts[i].name;
}

static const char *dimension_name(const struct model *model, size_t i)
{
	return model->dimensions[i].name;
}

static const char *reason_name(const struct model *model, size_t i)
{
	(void)model;
	return test_reason_name((unsigned)i + 1);
}

/* "rep: r01"; the company where no dimension is named. False with a problem. */
static bool read_key(struct expecting *expecting)
{
	const struct model *model = expecting->model;
	struct expectation *expectation = expecting->expectation;
	expectation->dimension = DIMENSION_COMPANY;
	expectation->key = STR("all");
	const char *said = NULL;
	for (uint8_t d = 0; d < model->dimension_count; d++) {
		const struct node *key = node_get(expecting->node, model->dimensions[d].name);
		if (!key)
			continue;
		if (said) {
			problem_at(
				expecting->problems, key->mark, "either '%s' or '%s'", said, model->dimensions[d].name);
			return false;
		}
		said = model->dimensions[d].name;
		expectation->dimension = d;
		if (!expect_text(expecting->problems, key, "a key", &expectation->key))
			return false;
	}
	return true;
}

static bool is_dimension(const struct model *model, struct str key)
{
	for (uint8_t d = 0; d < model->dimension_count; d++)
		if (str_equal(key, str_of(model->dimensions[d].name)))
			return true;
	return false;
}

static const char *known_member(struct str key, const char *const *known, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(key, str_of(known[i])))
			return known[i];
	return NULL;
}

static struct str plain(struct expecting *expecting, const struct node *node)
{
	struct buf text;
	if (node->kind != NODE_SCALAR)
		return STR("");
	buf_init(&text);
	if (!test_plain_decimal(node->text, &text)) {
		buf_clear(&text);
		buf_put_str(&text, node->text);
	}
	struct str kept = arena_str(expecting->arena, buf_str(&text));
	buf_release(&text);
	return kept;
}

/* All keys that are none of `others` and no dimension: members that must be as they say. */
static bool read_checks(struct expecting *expecting, const char *const *others, size_t other_count,
	const char *const *known, size_t known_count)
{
	const struct node *node = expecting->node;
	struct expectation *expectation = expecting->expectation;
	expectation->checks = ARENA_ARRAY(expecting->arena, struct test_check, node->count);
	for (size_t i = 0; i < node->count; i++) {
		const struct node_entry *entry = &node->entries[i];
		if (known_member(entry->key, others, other_count) || is_dimension(expecting->model, entry->key))
			continue;
		const char *name = known_member(entry->key, known, known_count);
		if (!name || (entry->value->kind != NODE_SCALAR && entry->value->kind != NODE_NULL)) {
			problem_at(expecting->problems, entry->mark,
				name ? "'%.*s' must be a value or null" : "unknown key '%.*s'%s", STR_ARG(entry->key),
				did_you_mean(expecting->problems, entry->key, known, known_count));
			return false;
		}
		expectation->checks[expectation->check_count++] =
			(struct test_check){name, entry->value->mark, plain(expecting, entry->value)};
	}
	if (!expectation->check_count)
		problem_at(expecting->problems, node->mark, "it expects nothing: say %s or so", known[0]);
	return expectation->check_count > 0;
}

/* The KPI and its window, which it must have by that dimension. */
static bool read_kpi(struct expecting *expecting, const char *key)
{
	const struct model *model = expecting->model;
	const struct node *window = node_need(expecting->problems, expecting->node, "window");
	size_t kpi, which;
	if (!find_name(expecting, node_get(expecting->node, key), "KPI", kpi_name, model->kpi_count, &kpi) ||
		!find_name(expecting, window, "window", window_name, model->window_count, &which))
		return false;
	expecting->expectation->kpi = (uint16_t)kpi;
	expecting->expectation->window = (uint8_t)which;
	if (!(model->kpis[kpi].windows >> which & 1)) {
		problem_at(expecting->problems, window->mark, "%s has no window %s", model->kpis[kpi].name,
			model->windows[which].name);
		return false;
	}
	uint8_t dimension = expecting->expectation->dimension;
	if (!(model->kpis[kpi].dimensions >> dimension & 1)) {
		problem_at(expecting->problems, expecting->node->mark, "%s has no figures by %s", model->kpis[kpi].name,
			model->dimensions[dimension].name);
		return false;
	}
	return true;
}

static bool read_figure(struct expecting *expecting)
{
	static const char *const own[] = {"kpi", "window"};
	static const char *const members[] = {
		"value", "numerator", "denominator", "n", "from", "to", "complete", "reason", "status"};
	return read_key(expecting) && read_kpi(expecting, "kpi") &&
		read_checks(expecting, own, sizeof own / sizeof *own, members, sizeof members / sizeof *members);
}

static bool read_alert(struct expecting *expecting)
{
	static const char *const own[] = {"alert"};
	static const char *const members[] = {"state", "since"};
	const struct model *model = expecting->model;
	const struct node *node = node_get(expecting->node, "alert");
	size_t rule;
	if (!find_name(expecting, node, "alert", alert_name, model->alert_count, &rule) || !read_key(expecting))
		return false;
	expecting->expectation->rule = (uint16_t)rule;
	if (model->alerts[rule].dimension != expecting->expectation->dimension) {
		problem_at(expecting->problems, node->mark, "the alert is by %s",
			model->dimensions[model->alerts[rule].dimension].name);
		return false;
	}
	return read_checks(expecting, own, 1, members, sizeof members / sizeof *members);
}

static bool read_refused(struct expecting *expecting)
{
	static const char *const own[] = {"refused"};
	static const char *const members[] = {"count"};
	size_t reason;
	if (!find_name(
		    expecting, node_get(expecting->node, "refused"), "reason", reason_name, TEST_REASONS - 1, &reason))
		return false;
	expecting->expectation->reason = (uint16_t)(reason + 1);
	return read_checks(expecting, own, 1, members, 1);
}

static bool has_board(const struct model *model, const struct expectation *expectation)
{
	for (uint16_t i = 0; i < model->board_count; i++)
		if (model->boards[i].kpi == expectation->kpi && model->boards[i].dimension == expectation->dimension &&
			(model->boards[i].windows >> expectation->window & 1))
			return true;
	return false;
}

static bool read_order(struct expecting *expecting)
{
	struct expectation *expectation = expecting->expectation;
	const struct node *order = node_need(expecting->problems, expecting->node, "order");
	if (!order || !expect_sequence(expecting->problems, order, "'order'"))
		return false;
	expectation->order = ARENA_ARRAY(expecting->arena, struct str, order->count + 1);
	for (size_t i = 0; i < order->count; i++)
		if (!expect_text(expecting->problems, order->items[i], "a member", &expectation->order[i]))
			return false;
	expectation->order_count = order->count;
	return true;
}

static bool read_board(struct expecting *expecting)
{
	const struct model *model = expecting->model;
	const struct node *by = node_need(expecting->problems, expecting->node, "by");
	size_t dimension;
	expect_keys(expecting->problems, expecting->node, KEYS("board", "by", "window", "order"));
	if (!find_name(expecting, by, "dimension", dimension_name, model->dimension_count, &dimension))
		return false;
	expecting->expectation->dimension = (uint8_t)dimension;
	if (!read_kpi(expecting, "board") || !read_order(expecting))
		return false;
	if (!has_board(model, expecting->expectation))
		problem_at(expecting->problems, expecting->node->mark, "there is no such board in kpis.yaml");
	return has_board(model, expecting->expectation);
}

bool test_read_expectation(struct test_reading *reading, const struct node *node, struct expectation *ret_expectation)
{
	static const struct {
		const char *key;
		enum expectation_kind kind;
		bool (*read)(struct expecting *);
	} kinds[] = {{"kpi", EXPECT_FIGURE, read_figure}, {"alert", EXPECT_ALERT, read_alert},
		{"refused", EXPECT_REFUSED, read_refused}, {"board", EXPECT_BOARD, read_board}};
	struct expecting expecting = {
		reading->file->problems, reading->file->arena, &reading->test->config->model, node, ret_expectation};
	if (!expect_mapping(expecting.problems, node, "an expectation"))
		return false;
	*ret_expectation = (struct expectation){.mark = node->mark};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (node_get(node, kinds[i].key)) {
			ret_expectation->kind = kinds[i].kind;
			return kinds[i].read(&expecting);
		}
	problem_at(expecting.problems, node->mark, "an expectation begins with kpi, alert, refused or board");
	return false;
}
