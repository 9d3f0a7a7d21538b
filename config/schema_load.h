/* Reading events.yaml into struct schema. */
#ifndef CONFIG_SCHEMA_LOAD_H
#define CONFIG_SCHEMA_LOAD_H

#include "config/node.h"
#include "config/schema.h"

/* What is known of a field beyond struct field, while events.yaml is read. */
struct field_draft {
	struct mark mark;
	int64_t minimum, maximum;
	uint64_t allowed; /* choices of the definition itself; 0: none */
};

struct schema_loading {
	struct config_problems *problems;
	struct arena *arena;
	struct schema *schema;
	struct field_draft drafts[SCHEMA_FIELDS_MAX];
	const char *field_names[SCHEMA_FIELDS_MAX];
	uint16_t common[SCHEMA_FIELDS_MAX];
	uint16_t common_count;
	const struct node *type_nodes[SCHEMA_TYPES_MAX]; /* the mapping of each event type, by index */
	struct mark type_marks[SCHEMA_TYPES_MAX];
	struct event_type retraction; /* without a name where there is none */
	struct mark retraction_mark;
};

void schema_load(struct config_problems *problems, struct arena *arena, const struct node *root, const char *currency,
	struct schema *ret_schema);

/* fields and common */
void schema_load_fields(struct schema_loading *loading, const struct node *root);
/* The index of a field, or -1 with a problem. */
int32_t schema_need_field(struct schema_loading *loading, struct mark mark, struct str name);
/* The bits of the choices in a list, which the field learns. */
uint64_t schema_read_choices(struct schema_loading *loading, struct field *field, const struct node *list);
/* A number as the field stores it. */
bool schema_read_number(
	struct schema_loading *loading, const struct field *field, const struct node *node, int64_t *ret_value);

/* The rules of one event type: what it carries. */
void schema_load_rules(struct schema_loading *loading, const struct node *fields, struct event_type *type);
/* Its `refuse`: a condition or a list of them, on the fields that the type, the one at `index`, carries. */
void schema_load_refuse(struct schema_loading *loading, const struct node *node, uint16_t index);
/* `retractions`: first what they carry, which stands in the messages of every topic; then, behind all others, the type. */
void schema_load_retractions(struct schema_loading *loading, const struct node *node);
void schema_add_retractions(struct schema_loading *loading);
/* An event's or a topic's name: letters, digits, '.', '_' and '-', as Kafka has them. */
bool schema_plain_name(struct schema_loading *loading, struct mark mark, struct str name, const char *what);

/* The common fields, the product, and the field that names the event taken back. */
void schema_retraction_rules(struct schema_loading *loading, uint16_t names, struct event_type *type);
/* A topic's map: where things stand in its messages. Once the rules of all types are known. */
void schema_load_map(struct schema_loading *loading, const struct node *map, struct topic *topic, uint16_t index);

#endif
