#include "pipeline/decode/envelope.h"

#include "base/text.h"
#include "pipeline/decode/value.h"

/* The attributes of an envelope; the customer may stand in `subject`. */
enum { ENVELOPE_DATA = SLOT_FIELDS, ENVELOPE_SLOTS };
static const struct str attributes[ENVELOPE_SLOTS] = {
	[SLOT_ID] = {"id", 2},
	[SLOT_TYPE] = {"type", 4},
	[SLOT_TIME] = {"time", 4},
	[SLOT_SOURCE] = {"source", 6},
	[SLOT_CUSTOMER] = {"subject", 7},
	[SLOT_SPECVERSION] = {"specversion", 11},
	[ENVELOPE_DATA] = {"data", 4},
};

static struct field_path attribute_path(enum envelope_slot slot)
{
	return (struct field_path){(struct str *)&attributes[slot], 1};
}

static void topic_plan_init(struct topic_plan *plan, struct arena *arena, const struct topic *topic)
{
	size_t count = SLOT_FIELDS + (size_t)topic->binding_count;
	struct field_path *paths = ARENA_ARRAY(arena, struct field_path, count);
	paths[SLOT_ID] = topic->id;
	paths[SLOT_TYPE] = topic->type;
	paths[SLOT_TIME] = topic->time;
	paths[SLOT_SOURCE] = topic->source;
	paths[SLOT_CUSTOMER] = topic->customer;
	paths[SLOT_SPECVERSION] = attribute_path(SLOT_SPECVERSION);
	for (uint16_t i = 0; i < topic->binding_count; i++) {
		paths[SLOT_FIELDS + i] = topic->bindings[i].path;
		plan->slot_of_field[topic->bindings[i].field] = (uint16_t)(SLOT_FIELDS + i);
	}
	places_init(&plan->places, arena, paths, count);
}

void envelope_plan_init(struct envelope_plan *plan, struct arena *arena, const struct schema *schema)
{
	struct field_path paths[ENVELOPE_SLOTS];
	for (size_t i = 0; i < ENVELOPE_SLOTS; i++)
		paths[i] = attribute_path((enum envelope_slot)i);
	places_init(&plan->envelope, arena, paths, ENVELOPE_SLOTS);
	plan->found_max = plan->envelope.slot_count;
	plan->topics = ARENA_ARRAY(arena, struct topic_plan, schema->topic_count);
	for (uint16_t i = 0; i < schema->topic_count; i++) {
		topic_plan_init(&plan->topics[i], arena, &schema->topics[i]);
		if (plan->topics[i].places.slot_count > plan->found_max)
			plan->found_max = plan->topics[i].places.slot_count;
	}
}

void envelope_read_headers(const struct message *message, struct header_nodes *ret_headers)
{
	memset(ret_headers, 0, sizeof *ret_headers);
	for (size_t i = 0; i < message->header_count; i++) {
		struct str name = message->headers[i].name;
		if (name.length < 3 || memcmp(name.data, "ce_", 3) != 0)
			continue;
		name = (struct str){name.data + 3, name.length - 3};
		for (size_t slot = 0; slot < SLOT_FIELDS; slot++) {
			struct json_node *node = &ret_headers->nodes[slot];
			if (node->kind != JSON_NULL || !str_equal(name, attributes[slot]))
				continue;
			node->kind = JSON_TEXT;
			node->text = message->headers[i].value;
			ret_headers->used = true;
			ret_headers->not_utf8 |= !text_is_utf8(node->text);
		}
	}
}

static const struct json_node *present(const struct json_node *node)
{
	return value_absent(node) ? NULL : node;
}

/* The attributes take the places of what the topic's map would have found; the customer in the data goes before the
 * subject. */
static void put_attributes(const struct json_node **found, const struct json_node *const *attribute)
{
	for (size_t slot = SLOT_ID; slot <= SLOT_SOURCE; slot++)
		found[slot] = attribute[slot];
	if (value_absent(found[SLOT_CUSTOMER]))
		found[SLOT_CUSTOMER] = attribute[SLOT_CUSTOMER];
}

static void find_in_data(const struct envelope_plan *plan, const struct places *places, const struct json_node *nodes,
	const struct json_node **found)
{
	places_find(&plan->envelope, nodes, 0, found);
	const struct json_node *attribute[ENVELOPE_SLOTS];
	memcpy(attribute, found, sizeof attribute);
	const struct json_node *data = attribute[ENVELOPE_DATA];
	if (data && data->kind == JSON_OBJECT)
		places_find(places, nodes, (uint32_t)(data - nodes), found);
	else
		memset(found, 0, places->slot_count * sizeof *found);
	put_attributes(found, attribute);
}

void envelope_find(const struct envelope_plan *plan, int32_t topic, const struct header_nodes *headers,
	const struct json_node *nodes, const struct json_node **found)
{
	const struct places *places = &plan->topics[topic].places;
	places_find(places, nodes, 0, found);
	if (headers->used) {
		const struct json_node *attribute[SLOT_FIELDS];
		for (size_t i = 0; i < SLOT_FIELDS; i++)
			attribute[i] = present(&headers->nodes[i]);
		put_attributes(found, attribute);
	} else if (!value_absent(found[SLOT_SPECVERSION])) {
		find_in_data(plan, places, nodes, found);
	}
}
