/* Looking things up in a schema by name. */
#ifndef CONFIG_SCHEMA_FIND_H
#define CONFIG_SCHEMA_FIND_H

#include "config/schema.h"

int32_t schema_field(const struct schema *schema, struct str name); /* -1 where there is none */
int32_t schema_type(const struct schema *schema, struct str name);
/* What the type says about a field; NULL where it does not carry it. */
const struct field_rule *schema_rule(const struct event_type *type, uint16_t field);

#endif
