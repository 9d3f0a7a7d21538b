#include "tests/simulator/brute_value.h"

#include <math.h>
#include <string.h>

enum { MONEY = 10000, MILLISECONDS = 1000 };

/* A price counts for so long: `max_age` of the measure price. */
static const int64_t max_age = BRUTE_DAY;

/* ---- what a measure says in an interval ---------------------------------------------------------------------------- */

/* The next fact, from `*at` on, that counts for the question in `span`; NULL: no more. */
static const struct brute_fact *next(
	const struct brute_question *question, enum brute_measure measure, struct brute_span span, size_t *at)
{
	const struct brute_facts *facts = question->facts;
	while (*at < facts->count[measure]) {
		const struct brute_fact *fact = &facts->of[measure][(*at)++];
		if (brute_counts_for(fact, question->dimension, question->key) && brute_counts_in(measure, fact, span))
			return fact;
	}
	return NULL;
}

static int64_t count_of(const struct brute_question *question, enum brute_measure measure, struct brute_span span)
{
	int64_t count = 0;
	for (size_t at = 0; next(question, measure, span, &at);)
		count++;
	return count;
}

static int64_t total_of(const struct brute_question *question, enum brute_measure measure, struct brute_span span)
{
	int64_t total = 0;
	const struct brute_fact *fact = NULL;
	for (size_t at = 0; (fact = next(question, measure, span, &at));)
		total += fact->amount;
	return total;
}

/* Whether an earlier fact than the one before `end` of the list has the same owner. */
static bool met_before(const struct brute_question *question, enum brute_measure measure, size_t end)
{
	const char *owner = question->facts->of[measure][end - 1].owner;
	const struct brute_fact *fact = NULL;
	for (size_t at = 0; (fact = next(question, measure, question->now, &at)) && at < end;) {
		if (strcmp(fact->owner, owner) == 0)
			return true;
	}
	return false;
}

static int64_t owners_of(const struct brute_question *question, enum brute_measure measure)
{
	int64_t owners = 0;
	for (size_t at = 0; next(question, measure, question->now, &at);)
		owners += !met_before(question, measure, at);
	return owners;
}

/* ---- shapes of a value ------------------------------------------------------------------------------------------- */

static struct brute_value exact(struct brute_fraction value, int64_t n)
{
	return (struct brute_value){
		.has_sides = true, .numerator = value, .denominator = brute_whole(1), .value = value, .n = n};
}

static struct brute_value quotient(struct brute_fraction numerator, struct brute_fraction denominator, int64_t n)
{
	struct brute_value value = {.has_sides = true, .numerator = numerator, .denominator = denominator, .n = n};
	if (brute_is_zero(denominator))
		value.reason = "zero_denominator";
	else
		value.value = brute_divide(numerator, denominator);
	return value;
}

static struct brute_value growth(const struct brute_question *question, enum brute_measure measure)
{
	int64_t now = total_of(question, measure, question->now);
	int64_t before = total_of(question, measure, question->before);
	int64_t n = count_of(question, measure, question->now);
	struct brute_value value = quotient(brute_fraction(now - before, MONEY), brute_fraction(before, MONEY), n);
	if (before <= 0)
		value.reason = "base";
	return value;
}

/* How many of the times are less than `limit`. */
static int64_t shorter(const struct brute_question *question, enum brute_measure measure, int64_t limit)
{
	int64_t count = 0;
	const struct brute_fact *fact = NULL;
	for (size_t at = 0; (fact = next(question, measure, question->now, &at));)
		count += fact->amount < limit;
	return count;
}

static struct brute_value median(const struct brute_question *question, enum brute_measure measure)
{
	int64_t n = count_of(question, measure, question->now);
	if (n == 0)
		return (struct brute_value){.reason = "zero_denominator"};
	int64_t rank = (50 * n + 99) / 100;
	int64_t low = 0;
	int64_t high = 1;
	while (shorter(question, measure, high) < rank) {
		low = high;
		high = low + low / 50 > low + 1 ? low + low / 50 : low + 1;
	}
	return (struct brute_value){.value = brute_fraction((low + high) / 2, MILLISECONDS), .n = n};
}

/* ---- prices ------------------------------------------------------------------------------------------------------ */

/* Whether a later price of the same product than the one before `end` of the list was set before `to`. */
static bool replaced(const struct brute_question *question, size_t end)
{
	const struct brute_fact *prices = question->facts->of[BRUTE_PRICE];
	for (size_t later = end; later < question->facts->count[BRUTE_PRICE]; later++) {
		if (prices[later].time < question->now.to && strcmp(prices[later].owner, prices[end - 1].owner) == 0)
			return true;
	}
	return false;
}

/* The next current price, as next. */
static const struct brute_fact *next_price(const struct brute_question *question, size_t *at)
{
	struct brute_span young = {question->now.to - 1 - max_age, question->now.to};
	const struct brute_fact *fact = NULL;
	while ((fact = next(question, BRUTE_PRICE, young, at)) && replaced(question, *at))
		;
	return fact;
}

int64_t brute_current_prices(const struct brute_question *question)
{
	int64_t count = 0;
	for (size_t at = 0; next_price(question, &at);)
		count++;
	return count;
}

static struct brute_value last_price(const struct brute_question *question)
{
	int64_t count = brute_current_prices(question);
	if (count == 0)
		return (struct brute_value){.reason = "no_data"};
	int64_t sum = 0;
	const struct brute_fact *fact = NULL;
	for (size_t at = 0; (fact = next_price(question, &at));)
		sum += fact->amount;
	return exact(brute_fraction(sum, MONEY), count);
}

/* ---- all --------------------------------------------------------------------------------------------------------- */

static bool types_seen(const struct brute_facts *facts, const struct brute_kpi *kpi)
{
	for (unsigned type = 0; type < SIM_TYPE_COUNT; type++) {
		if (facts->seen[type] && (kpi->types & BRUTE_TYPE(type)))
			return true;
	}
	return false;
}

struct brute_value brute_value_of(const struct brute_kpi *kpi, const struct brute_question *question)
{
	if (!types_seen(question->facts, kpi))
		return (struct brute_value){.reason = "no_data"};
	int64_t count = count_of(question, kpi->measure, question->now);
	int64_t total = total_of(question, kpi->measure, question->now);
	switch (kpi->shape) {
	case BRUTE_AMOUNT:
		return exact(brute_fraction(total, MONEY), count);
	case BRUTE_GROWTH:
		return growth(question, kpi->measure);
	case BRUTE_SHARE: {
		int64_t all = count + count_of(question, kpi->other, question->now);
		return quotient(brute_whole(count), brute_whole(all), all);
	}
	case BRUTE_COUNT:
		return exact(brute_whole(count), count);
	case BRUTE_DISTINCT:
		count = owners_of(question, kpi->measure);
		return exact(brute_whole(count), count);
	case BRUTE_MEDIAN:
		return median(question, kpi->measure);
	case BRUTE_MEAN_TIME:
		return quotient(brute_fraction(total, MILLISECONDS), brute_whole(count), count);
	case BRUTE_MEAN_TOUCHES:
		return quotient(brute_whole(total), brute_whole(count), count);
	case BRUTE_LAST_PRICE:
		break;
	}
	return last_price(question);
}

double brute_wilson(int64_t k, int64_t n, bool upper)
{
	const double z = 1.96;
	double p = (double)k / (double)n;
	double squared = z * z / (double)n;
	double middle = p + squared / 2;
	double margin = z * sqrt(p * (1 - p) / (double)n + squared / (4 * (double)n));
	return (upper ? middle + margin : middle - margin) / (1 + squared);
}
