#include "tests/simulator/brute.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "tests/simulator/brute_config.h"
#include "tests/simulator/brute_value.h"

/* ---- one run ----------------------------------------------------------------------------------------------------- */

enum { MOST_WINDOWS = 32 };

struct shown { /* a window at `end` */
	const char *name;
	bool to_now; /* not a whole period */
	struct brute_span now;
	struct brute_span before;
	char from[24];
	char to[24];
};

struct run {
	const struct brute_facts *facts;
	const struct brute_reader *reader;
	struct shown windows[MOST_WINDOWS];
	size_t window_count;
	int64_t end;
	bool gap;
};

static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static bool ranks(const struct brute_kpi *kpi, const char *dimension)
{
	for (size_t i = 0; i < brute_board_count; i++) {
		if (same(brute_boards[i].kpi, kpi->name) && same(brute_boards[i].dimension, dimension))
			return true;
	}
	return false;
}

/* ---- figures and ranks ------------------------------------------------------------------------------------------- */

static double score_of(const struct brute_kpi *kpi, const struct brute_value *value)
{
	if (kpi->shape == BRUTE_SHARE) {
		double bound = brute_wilson(
			(int64_t)value->numerator.num, (int64_t)value->denominator.num, kpi->lower_is_better);
		return kpi->lower_is_better ? -bound : bound;
	}
	char text[BRUTE_NUMBER_TEXT];
	brute_decimal_text(value->value, 6, text);
	double shown = strtod(text, NULL);
	return kpi->lower_is_better ? -shown : shown;
}

static void say_rank(const struct run *run, const struct brute_kpi *kpi, const struct brute_question *question,
	const struct shown *window, const struct brute_value *value)
{
	if (value->reason || !run->reader->rank || !ranks(kpi, question->dimension))
		return;
	struct brute_rank rank = {question->dimension, question->key, kpi->name, window->name, score_of(kpi, value)};
	run->reader->rank(run->reader->context, &rank);
}

static bool complete(const struct run *run, const struct brute_kpi *kpi, const struct brute_question *question)
{
	int64_t first = kpi->shape == BRUTE_GROWTH ? question->before.from : question->now.from;
	return !run->gap && first >= run->facts->since;
}

static void say_figure(const struct run *run, const struct brute_kpi *kpi, const struct brute_question *question,
	const struct shown *window, const struct brute_value *value)
{
	struct brute_figure figure = {.dimension = question->dimension,
		.key = question->key,
		.kpi = kpi->name,
		.window = window->name,
		.value = "null",
		.numerator = "null",
		.denominator = "null",
		.n = value->n,
		.complete = complete(run, kpi, question),
		.reason = value->reason};
	if (!value->reason)
		brute_decimal_text(value->value, 6, figure.value);
	if (value->has_sides) {
		brute_exact_text(value->numerator, figure.numerator);
		brute_exact_text(value->denominator, figure.denominator);
	}
	memcpy(figure.from, window->from, sizeof figure.from);
	memcpy(figure.to, window->to, sizeof figure.to);
	if (run->reader->figure)
		run->reader->figure(run->reader->context, &figure);
}

static bool has_kpi(const char *dimension, const struct brute_kpi *kpi)
{
	return same(dimension, "company") || same(dimension, "product") == kpi->by_product;
}

static void say_key(const struct run *run, const char *dimension, const char *key, const char *name)
{
	if (run->reader->key)
		run->reader->key(run->reader->context, dimension, key, name);
	for (size_t k = 0; k < brute_kpi_count; k++) {
		const struct brute_kpi *kpi = &brute_kpis[k];
		for (size_t w = 0; has_kpi(dimension, kpi) && w < run->window_count; w++) {
			struct brute_question question = {
				run->facts, dimension, key, run->windows[w].now, run->windows[w].before};
			struct brute_value value = brute_value_of(kpi, &question);
			say_figure(run, kpi, &question, &run->windows[w], &value);
			say_rank(run, kpi, &question, &run->windows[w], &value);
		}
	}
}

/* ---- which keys -------------------------------------------------------------------------------------------------- */

struct keys {
	const char *all[1024];
	const char *name[1024];
	size_t count;
};

static void add_key(struct keys *keys, const char *key, const char *name)
{
	for (size_t i = 0; i < keys->count; i++) {
		if (same(keys->all[i], key))
			return;
	}
	CHECK(keys->count < sizeof keys->all / sizeof *keys->all);
	keys->all[keys->count] = key;
	keys->name[keys->count++] = name;
}

static bool in_some_window(const struct run *run, enum brute_measure measure, const struct brute_fact *fact)
{
	for (size_t w = 0; w < run->window_count; w++) {
		if (brute_counts_in(measure, fact, run->windows[w].now))
			return true;
	}
	return false;
}

/* Whether the product has a price that counts, in some window. */
static bool has_price(const struct run *run, const char *product)
{
	for (size_t w = 0; w < run->window_count; w++) {
		struct brute_question question = {
			run->facts, "product", product, run->windows[w].now, run->windows[w].before};
		if (brute_current_prices(&question) > 0)
			return true;
	}
	return false;
}

static void add_products(const struct run *run, struct keys *keys)
{
	for (size_t i = 0; i < run->facts->count[BRUTE_PRICE]; i++) {
		const char *product = run->facts->of[BRUTE_PRICE][i].owner;
		if (has_price(run, product))
			add_key(keys, product, product);
	}
}

/* Teams and reps for which something counts in some window. */
static void add_keys_that_count(const struct run *run, const char *dimension, struct keys *keys)
{
	for (int measure = 0; measure < BRUTE_MEASURES; measure++) {
		for (size_t i = 0; i < run->facts->count[measure]; i++) {
			const struct brute_fact *fact = &run->facts->of[measure][i];
			const char *key = same(dimension, "team") ? fact->team : fact->rep;
			if (in_some_window(run, (enum brute_measure)measure, fact))
				add_key(keys, key, key);
		}
	}
}

/* The longest of the windows that reach `end`: it begins first. */
static int64_t longest_begins(const struct run *run)
{
	int64_t begins = INT64_MAX;
	for (size_t w = 0; w < run->window_count; w++) {
		if (run->windows[w].to_now && run->windows[w].now.from < begins)
			begins = run->windows[w].now.from;
	}
	return begins;
}

static void add_roster(const struct run *run, const char *dimension, struct keys *keys)
{
	for (size_t i = 0; same(dimension, "team") && i < brute_team_count; i++)
		add_key(keys, brute_teams[i].id, brute_teams[i].name);
	for (size_t i = 0; same(dimension, "rep") && i < brute_member_count; i++) {
		struct brute_span span = brute_member_span(&brute_members[i]);
		if (span.from < run->end && span.to > longest_begins(run))
			add_key(keys, brute_members[i].rep, brute_members[i].name);
	}
}

static void say_dimension(const struct run *run, const char *dimension)
{
	struct keys keys;
	keys.count = 0;
	if (same(dimension, "company")) {
		add_key(&keys, "all", "all");
	} else if (same(dimension, "product")) {
		add_products(run, &keys);
	} else {
		add_roster(run, dimension, &keys);
		add_keys_that_count(run, dimension, &keys);
	}
	for (size_t i = 0; i < keys.count; i++)
		say_key(run, dimension, keys.all[i], keys.name[i]);
}

static void show(
	const struct brute_config *config, const struct brute_window *window, int64_t end, struct shown *ret_shown)
{
	*ret_shown = (struct shown){.name = window->name,
		.to_now = window->back == 0,
		.now = brute_span(&config->calendar, window, end),
		.before = brute_span_before(&config->calendar, window, end)};
	brute_time_text(ret_shown->now.from, ret_shown->from);
	brute_time_text(ret_shown->now.to, ret_shown->to);
}

void brute_run(const struct brute_config *config, const struct sim_event *events, size_t count, int64_t end, bool gap,
	const struct brute_reader *reader)
{
	CHECK(config->window_count <= MOST_WINDOWS);
	brute_time_use(&config->calendar);
	struct brute_events counting = brute_events_count(config, events, count, end);
	struct brute_facts *facts = brute_facts_new(&counting);
	struct run run = {
		.facts = facts, .reader = reader, .window_count = config->window_count, .end = end, .gap = gap};
	for (size_t w = 0; w < config->window_count; w++)
		show(config, &config->windows[w], end, &run.windows[w]);
	static const char *const dimensions[] = {"company", "team", "rep", "product"};
	for (size_t i = 0; i < sizeof dimensions / sizeof *dimensions; i++)
		say_dimension(&run, dimensions[i]);
	brute_facts_free(facts);
	mem_free(counting.all);
}

/* ---- texts ------------------------------------------------------------------------------------------------------- */

void brute_figure_text(const struct brute_figure *figure, struct buf *text)
{
	char n[24];
	snprintf(n, sizeof n, "%lld", (long long)figure->n);
	const char *const parts[] = {"{\"value\":", figure->value, ",\"numerator\":", figure->numerator,
		",\"denominator\":", figure->denominator, ",\"n\":", n, ",\"from\":\"", figure->from, "\",\"to\":\"",
		figure->to, "\",\"complete\":", figure->complete ? "true" : "false"};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		buf_put_text(text, parts[i]);
	if (figure->reason) {
		buf_put_text(text, ",\"reason\":\"");
		buf_put_text(text, figure->reason);
		buf_put_text(text, "\"");
	}
	buf_put_text(text, "}");
}

void brute_encode(const char *key, struct buf *text)
{
	for (; *key; key++) {
		unsigned char byte = (unsigned char)*key;
		if (byte < 0x20 || byte == 0x7f || strchr(":@%", byte))
			buf_printf(text, "%%%02X", byte);
		else
			buf_put_byte(text, byte);
	}
}
