#include "pipeline/predicate.h"

bool predicate_number(const struct predicate_step *step, bool present, int64_t number)
{
	if (!present)
		return step->code == PREDICATE_NOT_EQUAL;
	switch ((enum predicate_code)step->code) {
	case PREDICATE_EQUAL:
		return number == step->number;
	case PREDICATE_NOT_EQUAL:
		return number != step->number;
	case PREDICATE_LESS:
		return number < step->number;
	case PREDICATE_LESS_EQUAL:
		return number <= step->number;
	case PREDICATE_GREATER:
		return number > step->number;
	case PREDICATE_GREATER_EQUAL:
		return number >= step->number;
	case PREDICATE_IN:
		return number >= 0 && number < 64 && (step->set >> number & 1);
	default:
		return true; /* PREDICATE_PRESENT */
	}
}

bool predicate_decide(const struct predicate *predicate, predicate_look *look, const void *event)
{
	if (!predicate)
		return true;
	bool stack[MODEL_STACK_MAX];
	unsigned depth = 0;
	for (unsigned i = 0; i < predicate->count; i++) {
		const struct predicate_step *step = &predicate->steps[i];
		if (step->code == PREDICATE_NOT) {
			stack[depth - 1] = !stack[depth - 1];
		} else if (step->code == PREDICATE_AND || step->code == PREDICATE_OR) {
			bool right = stack[--depth], left = stack[depth - 1];
			stack[depth - 1] = step->code == PREDICATE_AND ? left && right : left || right;
		} else {
			stack[depth++] = look(step, event);
		}
	}
	return depth == 0 || stack[0];
}
