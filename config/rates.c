#include "config/rates.h"

static const struct rate *latest(const struct currency_rates *currency, int32_t day)
{
	const struct rate *found = NULL;
	for (uint32_t i = 0; i < currency->count && currency->rates[i].from <= day; i++)
		found = &currency->rates[i];
	return found;
}

const struct rate *rates_at(const struct rates *rates, struct str code, int32_t day)
{
	for (uint32_t i = 0; i < rates->count; i++)
		if (str_equal(rates->currencies[i].code, code))
			return latest(&rates->currencies[i], day);
	return NULL;
}
