/* What a board ranks by. The only place with floating point: a score orders, it is never shown. */
#include "pipeline/evaluate/evaluate.h"

#include <math.h>

#define Z 1.96

static double real_of(i128 value, int decimals)
{
	double real = (double)value;
	for (; decimals > 0; decimals--)
		real /= 10;
	return real;
}

/* The bound of Wilson's interval of k out of n on the given side (+1 upper, -1 lower). n > 0. None of n is exactly 0 and all of n exactly
 * 1, so that no rounding orders those that are equal. */
static double wilson(double k, double n, int side)
{
	if (side < 0 ? k <= 0 : k >= n)
		return side < 0 ? 0 : 1;
	double share = k / n;
	double spread = share * (1 - share) / n + Z * Z / (4 * n * n);
	double width = Z * sqrt(spread > 0 ? spread : 0);
	return (share + Z * Z / (2 * n) + side * width) / (1 + Z * Z / n);
}

bool evaluate_score(const struct model *model, const struct figure *figure, double *ret_score)
{
	const struct kpi *kpi = &model->kpis[figure->kpi];
	if (!figure_has_value(figure))
		return false;
	double score = real_of(figure->value, FIGURE_DECIMALS);
	double n = real_of(figure->denominator, figure->denominator_decimals);
	if (kpi->ranks_by_wilson && figure->has_quotient && n > 0)
		score = wilson(
			real_of(figure->numerator, figure->numerator_decimals), n, kpi->higher_is_better ? -1 : 1);
	/* 0 - score, so that a score of 0 is never -0. */
	*ret_score = kpi->higher_is_better ? score : 0 - score;
	return true;
}
