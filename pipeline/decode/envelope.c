#include "pipeline/decode/envelope.h"

#include "base/text.h"

/* The attributes of an envelope; the customer may stand in `subject`. */
static const struct str attributes[ENVELOPE_SLOTS] = {
	[SLOT_ID] = {"id", 2},
	[SLOT_TYPE] = {"type", 4},
	[SLOT_TIME] = {"time", 4},
	[SLOT_SOURCE] = {"source", 6},
	[SLOT_CUSTOMER] = {"subject", 7},
	[SLOT_SPECVERSION] = {"specversion", 11},
};

static uint32_t add_name(struct places *places, struct arena *arena, struct str name)
{
	return places_add(places, arena, &(struct field_path){&name, 1});
}

/* What a path leads to within `data`. */
static uint32_t add_in_data(struct places *places, struct arena *arena, const struct field_path *path)
{
	if (path->count == 0)
		return PLACE_NOWHERE;
	struct str *steps = ARENA_ARRAY(arena, struct str, path->count + (size_t)1);
	steps[0] = STR("data");
	memcpy(steps + 1, path->steps, path->count * sizeof *steps);
	return places_add(places, arena, &(struct field_path){steps, (uint16_t)(path->count + 1)});
}

static void flat_view_init(
	struct topic_view *view, struct places *places, struct arena *arena, const struct topic *topic)
{
	view->slots[SLOT_ID] = places_add(places, arena, &topic->id);
	view->slots[SLOT_TYPE] = places_add(places, arena, &topic->type);
	view->slots[SLOT_TIME] = places_add(places, arena, &topic->time);
	view->slots[SLOT_SOURCE] = places_add(places, arena, &topic->source);
	view->slots[SLOT_CUSTOMER] = places_add(places, arena, &topic->customer);
	for (uint16_t i = 0; i < topic->binding_count; i++)
		view->fields[topic->bindings[i].field] = places_add(places, arena, &topic->bindings[i].path);
}

/* The customer in the data goes before the subject. */
static void enveloped_view_init(
	struct topic_view *view, struct places *places, struct arena *arena, const struct topic *topic)
{
	for (int slot = SLOT_ID; slot <= SLOT_SOURCE; slot++)
		view->slots[slot] = add_name(places, arena, attributes[slot]);
	view->slots[SLOT_CUSTOMER] = add_in_data(places, arena, &topic->customer);
	view->customer_else = add_name(places, arena, attributes[SLOT_CUSTOMER]);
	for (uint16_t i = 0; i < topic->binding_count; i++)
		view->fields[topic->bindings[i].field] = add_in_data(places, arena, &topic->bindings[i].path);
}

void envelope_plan_init(struct envelope_plan *plan, struct arena *arena, const struct schema *schema)
{
	struct places *places = &plan->places;
	places_init(places);
	plan->specversion = add_name(places, arena, attributes[SLOT_SPECVERSION]);
	plan->received_at = add_name(places, arena, STR("received_at"));
	plan->wrong_partition = add_name(places, arena, STR("wrong_partition"));
	plan->topics = ARENA_ARRAY(arena, struct topic_plan, schema->topic_count);
	for (uint16_t i = 0; i < schema->topic_count; i++) {
		flat_view_init(&plan->topics[i].flat, places, arena, &schema->topics[i]);
		enveloped_view_init(&plan->topics[i].enveloped, places, arena, &schema->topics[i]);
		places_expect_few(places, plan->topics[i].flat.slots[SLOT_TYPE]);
		places_expect_few(places, plan->topics[i].enveloped.slots[SLOT_TYPE]);
	}
	places_expect_few(places, plan->specversion);
	places_settle(places, arena);
}

void envelope_read_headers(const struct message *message, struct header_nodes *ret_headers)
{
	ret_headers->used = ret_headers->not_utf8 = false;
	if (message->header_count)
		memset(ret_headers->nodes, 0, sizeof ret_headers->nodes);
	for (size_t i = 0; i < message->header_count; i++) {
		struct str name = message->headers[i].name;
		if (name.length < 3 || memcmp(name.data, "ce_", 3) != 0)
			continue;
		name = (struct str){name.data + 3, name.length - 3};
		for (size_t slot = 0; slot < ENVELOPE_SLOTS; slot++) {
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

/* The attributes take the places of what the topic's map would have found; the customer in the body goes before the subject. */
static void put_attributes(const struct header_nodes *headers, struct envelope *envelope)
{
	for (int slot = SLOT_ID; slot <= SLOT_SOURCE; slot++)
		envelope->slots[slot] = present(&headers->nodes[slot]);
	envelope->customer_else = present(&headers->nodes[SLOT_CUSTOMER]);
}

void envelope_find(const struct envelope_plan *plan, int32_t topic, const struct header_nodes *headers,
	const struct json_document *document, struct envelope *ret_envelope)
{
	bool enveloped = !headers->used && !value_absent(json_at(document, plan->specversion));
	const struct topic_view *view = enveloped ? &plan->topics[topic].enveloped : &plan->topics[topic].flat;
	for (int slot = 0; slot < SLOTS_READ; slot++)
		ret_envelope->slots[slot] = json_at(document, view->slots[slot]);
	ret_envelope->customer_else = json_at(document, view->customer_else);
	ret_envelope->fields = view->fields;
	if (headers->used)
		put_attributes(headers, ret_envelope);
}
