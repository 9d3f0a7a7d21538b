#include "pipeline/correlate/subject.h"

static bool any_by_product(const struct schema *schema)
{
	for (uint16_t t = 0; t < schema->topic_count; t++)
		if (schema->topics[t].key == TOPIC_KEY_PRODUCT)
			return true;
	return false;
}

static bool belongs_to_product(const struct schema *schema, const struct event *event)
{
	int32_t field = schema->product_field;
	if (field < 0 || !(event->present >> field & 1))
		return false;
	if (event->type == schema->retractions.type)
		return event->customer.length == 0 && any_by_product(schema);
	return schema->topics[schema->types[event->type].topic].key == TOPIC_KEY_PRODUCT;
}

struct subject subject_of(const struct schema *schema, const struct event *event)
{
	if (belongs_to_product(schema, event))
		return (struct subject){SUBJECT_PRODUCT, event->values[schema->product_field].text};
	if (event->customer.length > 0)
		return (struct subject){SUBJECT_CUSTOMER, event->customer};
	bool retracts = event->type == schema->retractions.type;
	return (struct subject){SUBJECT_EVENT, retracts ? event->values[schema->retractions.names].text : event->id};
}

struct str subject_key(const struct schema *schema, const struct event *event)
{
	bool retracts = event->type == schema->retractions.type;
	if (!retracts && schema->topics[schema->types[event->type].topic].key == TOPIC_KEY_ID)
		return event->id;
	return subject_of(schema, event).name;
}
