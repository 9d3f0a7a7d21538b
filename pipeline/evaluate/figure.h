/* One figure: what evaluate hands to publish. Exact: numerator and denominator are integers of 10^-numerator_decimals and
 * 10^-denominator_decimals; value is rounded half-even to 6 decimals. */
#ifndef PIPELINE_EVALUATE_FIGURE_H
#define PIPELINE_EVALUATE_FIGURE_H

#include "base/decimal.h"
#include "config/model.h"

enum figure_reason {
	FIGURE_VALUE, /* there is a value */
	FIGURE_NO_DATA,
	FIGURE_ZERO_DENOMINATOR,
	FIGURE_BASE,
	FIGURE_SAMPLE,
	FIGURE_OVERFLOW, /* exact arithmetic left 128 bits */
	FIGURE_MATURING  /* there is a value, and pairs of its cohort may still be made */
};

#define FIGURE_DECIMALS 6

struct figure {
	uint16_t kpi;
	uint8_t window;
	enum figure_reason reason;
	i128 value;        /* 10^-6; only when figure_has_value */
	bool has_quotient; /* numerator and denominator are there (not for quantiles, not for no_data) */
	i128 numerator, denominator;
	uint8_t numerator_decimals, denominator_decimals;
	int64_t n;
	int64_t from, to; /* ms */
	bool complete;
};

static inline bool figure_has_value(const struct figure *figure)
{
	return figure->reason == FIGURE_VALUE || figure->reason == FIGURE_MATURING;
}

/* "zero_denominator"; NULL for FIGURE_VALUE. */
const char *figure_reason_name(enum figure_reason reason);

#endif
