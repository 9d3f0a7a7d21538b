/* An event of a test as the message that its topic would carry: every value at the place that events.yaml says. */
#include "base/decimal.h"
#include "base/mem.h"
#include "base/text.h"
#include "config/schema_find.h"
#include "pipeline/publish/json.h"
#include "tools/kpictl/test_case.h"

/* A value and where it stands. */
struct member {
	const struct field_path *path;
	const struct node *node; /* or NULL: `text`, quoted */
	struct str text;
	bool as_text; /* a field of texts: a number is one, too */
	bool done;
};

struct message_members {
	struct member items[SCHEMA_FIELDS_MAX + 8];
	size_t count;
};

static bool is_json_word(struct str text)
{
	int64_t fixed;
	return str_equal(text, STR("true")) || str_equal(text, STR("false")) ||
		decimal_from_text(text, &fixed) == RESULT_OK;
}

static void put_node(struct buf *out, const struct node *node, bool as_text)
{
	if (node->kind == NODE_SEQUENCE) {
		for (size_t i = 0; i < node->count; i++) {
			buf_put_byte(out, i ? ',' : '[');
			put_node(out, node->items[i], false);
		}
		buf_put_text(out, node->count ? "]" : "[]");
	} else if (node->kind == NODE_MAPPING) {
		for (size_t i = 0; i < node->count; i++) {
			buf_put_byte(out, i ? ',' : '{');
			json_put_string(out, node->entries[i].key);
			buf_put_byte(out, ':');
			put_node(out, node->entries[i].value, false);
		}
		buf_put_text(out, node->count ? "}" : "{}");
	} else if (node->kind != NODE_SCALAR) {
		buf_put_text(out, "null");
	} else if (!as_text && node->style == STYLE_PLAIN && is_json_word(node->text)) {
		buf_put_str(out, node->text);
	} else {
		json_put_string(out, node->text);
	}
}

/* The members [from, count) that share their path with `from` as far as `depth`. */
static void put_object(struct buf *out, struct message_members *members, size_t from, uint16_t depth)
{
	const struct member *first = &members->items[from];
	bool any = false;
	buf_put_byte(out, '{');
	for (size_t i = from; i < members->count; i++) {
		struct member *member = &members->items[i];
		bool inside = !member->done && member->path->count > depth;
		for (uint16_t d = 0; inside && d < depth; d++)
			inside = str_equal(first->path->steps[d], member->path->steps[d]);
		if (!inside)
			continue;
		buf_put_text(out, any ? "," : "");
		any = true;
		json_put_string(out, member->path->steps[depth]);
		buf_put_byte(out, ':');
		if (member->path->count > depth + 1) {
			put_object(out, members, i, (uint16_t)(depth + 1));
			continue;
		}
		if (member->node)
			put_node(out, member->node, member->as_text);
		else
			json_put_string(out, member->text);
		member->done = true;
	}
	buf_put_byte(out, '}');
}

static void add_member(
	struct message_members *members, const struct field_path *path, const struct node *node, struct str text)
{
	bool taken = path && path->count > 0 && (node || text.length > 0);
	if (taken && members->count < sizeof members->items / sizeof members->items[0])
		members->items[members->count++] =
			(struct member){.path = path, .node = node, .text = text, .as_text = !node};
}

/* ---- one event ---- */

struct event_reading {
	struct test_reading *reading;
	struct config_problems *problems;
	const struct schema *schema;
	const struct event_type *type;
	const struct topic *topic;
	struct message_members members;
};

/* What every event may say beside its fields. */
static const char *const own_keys[] = {"at", "after", "time", "type", "id", "source", "customer", "received_at"};
enum { OWN_KEYS = sizeof own_keys / sizeof own_keys[0] };

static bool is_own_key(struct str key)
{
	for (int i = 0; i < OWN_KEYS; i++)
		if (str_equal(key, str_of(own_keys[i])))
			return true;
	return false;
}

static const char *nearest_field(const struct event_reading *event, struct str key)
{
	const char *names[SCHEMA_FIELDS_MAX + OWN_KEYS];
	size_t count = 0;
	for (uint16_t i = 0; i < event->type->rule_count; i++)
		names[count++] = event->schema->fields[event->type->rules[i].field].name;
	for (int i = 0; i < OWN_KEYS; i++)
		names[count++] = own_keys[i];
	return did_you_mean(event->problems, key, names, count);
}

static bool is_text(enum field_kind kind)
{
	return kind == FIELD_TEXT || kind == FIELD_CHOICE || kind == FIELD_CURRENCY;
}

static void add_field(struct event_reading *event, const struct node_entry *entry)
{
	int32_t field = schema_field(event->schema, entry->key);
	if (field < 0 || !schema_rule(event->type, (uint16_t)field)) {
		problem_at(event->problems, entry->mark, "%s carries no '%.*s'%s", event->type->name,
			STR_ARG(entry->key), nearest_field(event, entry->key));
		return;
	}
	for (uint16_t i = 0; i < event->topic->binding_count; i++)
		if (event->topic->bindings[i].field == field) {
			add_member(&event->members, &event->topic->bindings[i].path, entry->value, STR(""));
			event->members.items[event->members.count - 1].as_text =
				is_text(event->schema->fields[field].kind);
		}
}

static bool has_text(const struct node *node, const char *key)
{
	const struct node *value = node_get(node, key);
	return value && value->kind == NODE_SCALAR && value->text.length > 0;
}

/* The first topic whose records have such a key. */
static const struct topic *topic_keyed(const struct schema *schema, enum topic_key key, enum topic_key or)
{
	for (uint16_t i = 0; i < schema->topic_count; i++)
		if (schema->topics[i].key == key || schema->topics[i].key == or)
			return &schema->topics[i];
	return &schema->topics[0];
}

/* A retraction comes where the event comes that it names; if the test gives none of that name, where one of its subject would. */
static const struct topic *topic_of_retraction(const struct event_reading *event, const struct node *node)
{
	const struct schema *schema = event->schema;
	const struct test_case *test = event->reading->test;
	const struct node *named = node_get(node, schema->fields[schema->retractions.names].name);
	for (size_t i = 0; named && named->kind == NODE_SCALAR && i < test->event_count; i++)
		if (test->events[i].topic >= 0 && str_equal(test->events[i].id, named->text))
			return &schema->topics[test->events[i].topic];
	if (has_text(node, "customer"))
		return topic_keyed(schema, TOPIC_KEY_CUSTOMER, TOPIC_KEY_CUSTOMER_OR_ID);
	if (has_text(node, "product"))
		return topic_keyed(schema, TOPIC_KEY_PRODUCT, TOPIC_KEY_PRODUCT);
	return topic_keyed(schema, TOPIC_KEY_ID, TOPIC_KEY_CUSTOMER_OR_ID);
}

static bool find_type(struct event_reading *event, const struct node *node)
{
	const struct node *named = node_need(event->problems, node, "type");
	const char *names[SCHEMA_TYPES_MAX];
	for (uint16_t i = 0; i < event->schema->type_count; i++)
		names[i] = event->schema->types[i].name;
	size_t index;
	struct str text;
	if (!named || !expect_text(event->problems, named, "'type'", &text))
		return false;
	int32_t type = schema_type(event->schema, text);
	if (type < 0) {
		problem_at(event->problems, named->mark, "unknown event type '%.*s'%s", STR_ARG(text),
			did_you_mean(event->problems, text, names, event->schema->type_count));
		return false;
	}
	index = (size_t)type;
	event->type = &event->schema->types[index];
	event->topic = event->type->topic == SCHEMA_EVERY_TOPIC ? topic_of_retraction(event, node)
								: &event->schema->topics[event->type->topic];
	return true;
}

/* Of what the test does not say: an id of its own. Returns the id. */
static struct str add_envelope(struct event_reading *event, const struct node *node, int64_t time)
{
	struct arena *arena = event->reading->file->arena;
	const struct topic *topic = event->topic;
	const struct node *id = node_get(node, "id"), *source = node_get(node, "source");
	const struct node *customer = node_get(node, "customer");
	struct buf text;
	buf_init(&text);
	buf_printf(&text, "event-%u", ++event->reading->names);
	struct str name = id ? id->text : arena_str(arena, buf_str(&text));
	add_member(&event->members, &topic->id, NULL, name);
	add_member(&event->members, &topic->type, NULL, str_of(event->type->name));
	buf_clear(&text);
	text_put_time(&text, time);
	add_member(&event->members, &topic->time, NULL, arena_str(arena, buf_str(&text)));
	add_member(&event->members, &topic->source, NULL, source ? source->text : STR(""));
	add_member(&event->members, &topic->customer, NULL, customer ? customer->text : STR(""));
	buf_release(&text);
	return name;
}

static bool read_received(struct test_reading *reading, const struct node *node, int64_t time, int64_t *ret_received)
{
	struct config_problems *problems = reading->file->problems;
	const struct node *received = node_get(node, "received_at");
	*ret_received = reading->step > time ? reading->step : time;
	struct str text;
	if (!received)
		return true;
	if (!expect_text(problems, received, "'received_at'", &text))
		return false;
	if (text_to_time(text, ret_received) != RESULT_OK) {
		problem_at(
			problems, received->mark, "'%.*s' is not a time such as 2026-03-02T09:00:00Z", STR_ARG(text));
		return false;
	}
	if (*ret_received < reading->step) {
		problem_at(problems, received->mark, "it cannot be received before the step that stands before it");
		return false;
	}
	return true;
}

static void add_event(struct test_case *test, struct test_event event)
{
	event.position = (uint32_t)test->event_count;
	GROW(test->events, test->event_count, test->event_capacity);
	test->events[test->event_count++] = event;
}

static void read_event(struct test_reading *reading, const struct node *node)
{
	struct test_case *test = reading->test;
	struct event_reading event = {
		.reading = reading, .problems = reading->file->problems, .schema = &test->config->schema};
	int64_t time, received;
	bool timed = test_read_time(reading, node, &time);
	if (!find_type(&event, node) || !timed || !read_received(reading, node, time, &received))
		return;
	reading->now = time;
	struct str id = add_envelope(&event, node, time);
	for (size_t i = 0; i < node->count; i++)
		if (!is_own_key(node->entries[i].key))
			add_field(&event, &node->entries[i]);
	struct buf text;
	buf_init(&text);
	put_object(&text, &event.members, 0, 0);
	add_event(test,
		(struct test_event){.mark = node->mark,
			.received = received,
			.topic = (int32_t)(event.topic - event.schema->topics),
			.id = id,
			.text = arena_str(reading->file->arena, buf_str(&text))});
	buf_release(&text);
}

/* ---- files ---- */

static const char *path_beside(struct test_reading *reading, struct str name)
{
	const char *own = reading->file->name, *slash = strrchr(own, '/');
	struct buf path;
	buf_init(&path);
	if (slash && name.length && name.data[0] != '/')
		buf_put(&path, own, (size_t)(slash + 1 - own));
	buf_put_str(&path, name);
	const char *kept = arena_text(reading->file->arena, buf_str(&path));
	buf_release(&path);
	return kept;
}

static void read_file(struct test_reading *reading, const struct node *node)
{
	struct test_case *test = reading->test;
	const struct node *file = node_get(node, "file");
	struct str name;
	expect_keys(reading->file->problems, node, KEYS("file"));
	if (!expect_text(reading->file->problems, file, "'file'", &name))
		return;
	const char *path = path_beside(reading, name);
	test->files = mem_resize(test->files, test->file_count + 1, sizeof *test->files);
	struct replay_input *input = &test->files[test->file_count++];
	if (replay_input_read(input, path, test->decoder, true) != RESULT_OK) {
		problem_at(reading->file->problems, file->mark, "the file '%s' cannot be read", path);
		return;
	}
	for (size_t i = 0; i < input->count; i++) {
		const struct replay_line *line = &input->lines[i];
		int64_t received = line->kafka_time > reading->step ? line->kafka_time : reading->step;
		add_event(test,
			(struct test_event){.mark = {path, (int)line->number, 1},
				.received = received,
				.topic = -1,
				.text = line->text});
	}
}

void test_read_given(struct test_reading *reading, const struct node *given)
{
	if (!given || !expect_sequence(reading->file->problems, given, "'given'"))
		return;
	for (size_t i = 0; i < given->count; i++) {
		const struct node *node = given->items[i];
		if (!expect_mapping(reading->file->problems, node, "an event"))
			continue;
		if (node_get(node, "file"))
			read_file(reading, node);
		else
			read_event(reading, node);
	}
}
