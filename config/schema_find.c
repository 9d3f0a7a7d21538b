#include "config/schema_find.h"

int32_t schema_field(const struct schema *schema, struct str name)
{
	for (uint16_t i = 0; i < schema->field_count; i++)
		if (str_equal(name, str_of(schema->fields[i].name)))
			return i;
	return -1;
}

int32_t schema_type(const struct schema *schema, struct str name)
{
	for (uint16_t i = 0; i < schema->type_count; i++)
		if (str_equal(name, str_of(schema->types[i].name)))
			return i;
	return -1;
}

const struct field_rule *schema_rule(const struct event_type *type, uint16_t field)
{
	for (uint16_t i = 0; i < type->rule_count; i++)
		if (type->rules[i].field == field)
			return &type->rules[i];
	return NULL;
}
