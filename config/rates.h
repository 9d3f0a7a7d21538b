/* Exchange rates by date. Read-only after loading.
 *
 * A rate holds from the local day `from` on, until the next one of its currency; before the first there is none. */
#ifndef CONFIG_RATES_H
#define CONFIG_RATES_H

#include "base/str.h"

#define RATES_DECIMALS 10

struct rate {
	int32_t from;    /* days since 1970-01-01 */
	uint64_t scaled; /* one unit in the configured currency, in 10^-RATES_DECIMALS; above 0, below 10^8 units */
};

struct currency_rates {
	struct str code;
	struct rate *rates; /* rising by from */
	uint32_t count;
};

struct rates {
	struct currency_rates *currencies; /* in the order of the file */
	uint32_t count;
};

/* The rate of a currency on a local day, or NULL. */
const struct rate *rates_at(const struct rates *rates, struct str code, int32_t day);

#endif
