/* rates: {USD: [{from: 2026-01-01, rate: 0.8514}]} */
#include "config/rates_load.h"

#include "base/decimal.h"
#include "config/grammar.h"
#include "config/workdays_load.h"

enum { CODE_BYTES_MAX = 16, RATES_MAX = 20000 };
/* 10^8 with RATES_DECIMALS decimals */
#define SCALED_END UINT64_C(1000000000000000000)

static bool scale(const struct decimal *value, uint64_t *ret_scaled)
{
	unsigned __int128 scaled = value->digits;
	if (value->negative || !scaled || value->exponent < -RATES_DECIMALS)
		return false;
	for (int64_t left = value->exponent + RATES_DECIMALS; left > 0 && scaled < SCALED_END; left--)
		scaled *= 10;
	*ret_scaled = (uint64_t)scaled;
	return scaled < SCALED_END;
}

static bool read_value(struct config_problems *problems, const struct node *node, uint64_t *ret_scaled)
{
	struct str text;
	struct decimal value;
	if (!node || !expect_text(problems, node, "'rate'", &text))
		return false;
	enum result result = decimal_read(text, &value);
	if (result == RESULT_INVALID)
		problem_at(problems, node->mark, "'%.*s' is not a number", STR_ARG(text));
	else if (result || !scale(&value, ret_scaled))
		problem_at(problems, node->mark, "a rate is above 0 and below 10^8, with at most %d decimals",
			RATES_DECIMALS);
	else
		return true;
	return false;
}

static void add_rate(struct config_problems *problems, const struct node *node, struct currency_rates *currency)
{
	struct rate rate;
	if (!expect_mapping(problems, node, "a rate"))
		return;
	expect_mapping_keys(problems, node, "rate");
	const struct node *from = node_need(problems, node, "from");
	bool good = expect_date(problems, from, &rate.from);
	if (!read_value(problems, node_need(problems, node, "rate"), &rate.scaled) || !good)
		return;
	if (currency->count && rate.from <= currency->rates[currency->count - 1].from)
		problem_at(problems, from->mark,
			"rates stand in the order of their dates: it must come after the one above");
	else
		currency->rates[currency->count++] = rate;
}

static void read_currency(struct config_problems *problems, struct arena *arena, const struct node_entry *entry,
	struct currency_rates *ret_currency)
{
	*ret_currency = (struct currency_rates){.code = arena_str(arena, entry->key)};
	if (!expect_sequence(problems, entry->value, "the rates of a currency"))
		return;
	if (entry->value->count > RATES_MAX) {
		problem_at(problems, entry->value->mark, "more than %d rates", RATES_MAX);
		return;
	}
	ret_currency->rates = ARENA_ARRAY(arena, struct rate, entry->value->count + 1);
	for (size_t i = 0; i < entry->value->count; i++)
		add_rate(problems, entry->value->items[i], ret_currency);
}

void rates_load(struct config_problems *problems, struct arena *arena, const struct node *root, const char *own,
	struct rates *ret_rates)
{
	*ret_rates = (struct rates){0};
	expect_mapping_keys(problems, root, "rates");
	const struct node *rates = node_get(root, "rates");
	if (!rates || !expect_mapping(problems, rates, "'rates'"))
		return;
	ret_rates->currencies = ARENA_ARRAY(arena, struct currency_rates, rates->count + 1);
	for (size_t i = 0; i < rates->count; i++) {
		const struct node_entry *entry = &rates->entries[i];
		if (!entry->key.length || entry->key.length > CODE_BYTES_MAX)
			problem_at(problems, entry->mark, "a currency's code has 1 to %d bytes", CODE_BYTES_MAX);
		else if (str_equal(entry->key, str_of(own)))
			problem_at(problems, entry->mark, "amounts are in %s: it has no rate", own);
		else
			read_currency(problems, arena, entry, &ret_rates->currencies[ret_rates->count++]);
	}
}
