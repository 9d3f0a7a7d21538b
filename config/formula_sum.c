#include "config/formula_sum.h"

enum growth { GROWTH_NONE, GROWTH_LINEAR, GROWTH_OTHER }; /* of a part of a formula, with what is counted */

static enum growth growth_of(const struct model *model, const struct formula_step *step)
{
	if (step->code == FORMULA_NUMBER)
		return GROWTH_NONE;
	if (step->previous || step->company || (step->code != FORMULA_MEASURE && step->code != FORMULA_COUNT))
		return GROWTH_OTHER;
	uint8_t kind = model->measures[step->measure].kind;
	bool linear = kind == MEASURE_COUNT || kind == MEASURE_SUM || kind == MEASURE_ELAPSED;
	return linear ? GROWTH_LINEAR : GROWTH_OTHER;
}

static enum growth joined(uint8_t code, enum growth left, enum growth right)
{
	bool scaled = code == FORMULA_MULTIPLY && (left == GROWTH_NONE) != (right == GROWTH_NONE);
	scaled |= code == FORMULA_DIVIDE && right == GROWTH_NONE;
	if (left == GROWTH_OTHER || right == GROWTH_OTHER)
		return GROWTH_OTHER;
	if (scaled)
		return left > right ? left : right;
	bool adds = code == FORMULA_ADD || code == FORMULA_SUBTRACT;
	return left == right && (adds || left == GROWTH_NONE) ? left : GROWTH_OTHER;
}

bool formula_adds_up(const struct model *model, const struct formula *formula)
{
	enum growth stack[MODEL_STACK_MAX];
	int depth = 0;
	for (uint16_t i = 0; i < formula->count; i++) {
		const struct formula_step *step = &formula->steps[i];
		if (step->code > FORMULA_DIVIDE)
			return false;
		if (step->code < FORMULA_ADD) {
			stack[depth++] = growth_of(model, step);
			continue;
		}
		depth--;
		stack[depth - 1] = joined(step->code, stack[depth - 1], stack[depth]);
	}
	return depth == 1 && stack[0] == GROWTH_LINEAR;
}
