#include "pipeline/decode/reading.h"

#include "pipeline/decode/value.h"

#include <stddef.h>

static bool says(const struct field_rule *rule, const struct json_node *node)
{
	return (node && node->kind != JSON_NULL) || rule->required || rule->has_default;
}

void reading_find_rules(struct reading *reading, const struct schema *schema, const struct json_document *document)
{
	const struct event_type *type = reading->type;
	reading->rule_count = 0;
	reading->currency = NULL;
	for (uint16_t i = 0; i < type->rule_count; i++) {
		const struct field_rule *rule = &type->rules[i];
		const struct json_node *node = reading_node(reading, document, rule->field);
		if (rule->field == schema->currency_field)
			reading->currency = node;
		if (says(rule, node))
			reading->rules[reading->rule_count++] = (struct reading_rule){rule, node};
	}
}

size_t reading_size(const struct reading *reading)
{
	return offsetof(struct reading, rules) + reading->rule_count * sizeof *reading->rules;
}
