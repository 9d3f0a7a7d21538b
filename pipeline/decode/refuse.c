#include "pipeline/decode/refuse.h"

#include "pipeline/predicate.h"

static bool look(const struct predicate_step *step, const void *about)
{
	const struct event *event = about;
	bool present = event->present >> step->field & 1;
	const struct event_value *value = &event->values[step->field];
	if (step->code == PREDICATE_TEXT_EQUAL)
		return present && str_equal(value->text, step->text);
	return predicate_number(step, present, present ? value->number : 0);
}

const struct refuse_rule *refuse_find(const struct schema *schema, const struct event *event)
{
	const struct event_type *type = &schema->types[event->type];
	for (uint16_t i = 0; i < type->refuse_count; i++)
		if (predicate_decide(type->refuses[i].where, look, event))
			return &type->refuses[i];
	return NULL;
}
