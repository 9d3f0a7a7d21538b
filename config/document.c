/* libyaml's events to a tree. It has no limits of its own: depth, size, anchors and tags are ours to refuse. */
#include "config/node.h"

#include "base/map.h"
#include "base/mem.h"
#include <yaml.h>

struct parse {
	yaml_parser_t yaml;
	struct arena *arena;
	struct config_problems *problems;
	const char *file;
	struct str source;
	size_t index, byte; /* the last mark that was looked up, in characters and in bytes */
	bool failed;        /* no more events */
	bool broken;        /* what was read is not the whole: it is not looked at */
};

static struct mark mark_of(const struct parse *parse, yaml_mark_t mark)
{
	return (struct mark){parse->file, (int)mark.line + 1, (int)mark.column + 1};
}

static struct mark mark_of_byte(const struct parse *parse, size_t byte)
{
	struct mark mark = {parse->file, 1, 1};
	for (size_t i = 0; i < byte && i < parse->source.length; i++) {
		unsigned char c = (unsigned char)parse->source.data[i];
		if (c == '\n') {
			mark.line++;
			mark.column = 1;
		} else if ((c & 0xc0) != 0x80) {
			mark.column++;
		}
	}
	return mark;
}

/* libyaml counts characters; marks come in rising order, so each byte is walked once. */
static const char *raw_at(struct parse *parse, yaml_mark_t mark)
{
	if (mark.index < parse->index)
		return parse->source.data + parse->byte;
	while (parse->index < mark.index && parse->byte < parse->source.length) {
		parse->byte++;
		while (parse->byte < parse->source.length && (parse->source.data[parse->byte] & 0xc0) == 0x80)
			parse->byte++;
		parse->index++;
	}
	return parse->source.data + parse->byte;
}

static void report_failure(struct parse *parse)
{
	const yaml_parser_t *yaml = &parse->yaml;
	bool by_reader = yaml->error == YAML_READER_ERROR;
	struct mark mark = by_reader ? mark_of_byte(parse, yaml->problem_offset) : mark_of(parse, yaml->problem_mark);
	problem_at(parse->problems, mark, "not valid YAML: %s%s%s", yaml->problem ? yaml->problem : "unknown error",
		yaml->context ? " " : "", yaml->context ? yaml->context : "");
	parse->failed = parse->broken = true;
}

static bool next_event(struct parse *parse, yaml_event_t *ret_event)
{
	if (parse->failed)
		return false;
	if (yaml_parser_parse(&parse->yaml, ret_event))
		return true;
	report_failure(parse);
	return false;
}

static struct node *new_node(struct parse *parse, enum node_kind kind, yaml_mark_t mark)
{
	struct node *node = ARENA_NEW(parse->arena, struct node);
	node->kind = kind;
	node->mark = mark_of(parse, mark);
	return node;
}

static void refuse_properties(struct parse *parse, yaml_mark_t mark, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	if (anchor)
		problem_at(parse->problems, mark_of(parse, mark), "anchors are not allowed");
	if (tag)
		problem_at(parse->problems, mark_of(parse, mark), "tags are not allowed");
}

static bool is_null_text(struct str text)
{
	return text.length == 0 || str_equal(text, STR("~")) || str_equal(text, STR("null")) ||
		str_equal(text, STR("Null")) || str_equal(text, STR("NULL"));
}

static enum node_style style_of(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return STYLE_SINGLE;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return STYLE_DOUBLE;
	case YAML_LITERAL_SCALAR_STYLE:
	case YAML_FOLDED_SCALAR_STYLE:
		return STYLE_BLOCK;
	default:
		return STYLE_PLAIN;
	}
}

static struct node *read_scalar(struct parse *parse, const yaml_event_t *event)
{
	refuse_properties(parse, event->start_mark, event->data.scalar.anchor, event->data.scalar.tag);
	struct node *node = new_node(parse, NODE_SCALAR, event->start_mark);
	struct str text = {(const char *)event->data.scalar.value, event->data.scalar.length};
	node->style = style_of(event->data.scalar.style);
	if (node->style == STYLE_PLAIN && is_null_text(text))
		node->kind = NODE_NULL;
	if (memchr(text.data, '\0', text.length)) {
		problem_at(parse->problems, node->mark, "a text must not hold a NUL character");
		node->kind = NODE_REFUSED;
	}
	node->text = arena_str(parse->arena, text);
	node->raw = raw_at(parse, event->start_mark);
	node->raw_end = raw_at(parse, event->end_mark);
	return node;
}

static struct node *read_node(struct parse *parse, const yaml_event_t *event, int depth);

/* Elements gather in a heap array and move to the arena once their number is known. */
static void read_items(struct parse *parse, struct node *node, int depth)
{
	struct node **items = NULL;
	size_t capacity = 0;
	yaml_event_t event;
	while (next_event(parse, &event)) {
		if (event.type == YAML_SEQUENCE_END_EVENT) {
			yaml_event_delete(&event);
			break;
		}
		GROW(items, node->count, capacity);
		items[node->count++] = read_node(parse, &event, depth + 1);
		yaml_event_delete(&event);
	}
	node->items = ARENA_ARRAY(parse->arena, struct node *, node->count);
	if (node->count)
		memcpy(node->items, items, node->count * sizeof *items);
	mem_free(items);
}

/* False where the key cannot stand: its value is read and forgotten. */
static bool take_key(struct parse *parse, const struct node *key, struct map *seen)
{
	if (key->kind != NODE_SCALAR && key->kind != NODE_NULL) {
		if (key->kind != NODE_REFUSED)
			problem_at(parse->problems, key->mark, "a key must be a plain text");
		return false;
	}
	bool is_new;
	uint64_t *line = map_put(seen, key->text, &is_new);
	if (is_new)
		*line = (uint64_t)key->mark.line;
	else
		problem_at(parse->problems, key->mark, "key '%.*s' was given already in line %d", STR_ARG(key->text),
			(int)*line);
	return is_new;
}

static void read_entries(struct parse *parse, struct node *node, int depth)
{
	struct node_entry *entries = NULL;
	size_t capacity = 0;
	struct map seen;
	map_init(&seen);
	yaml_event_t event;
	while (next_event(parse, &event)) {
		if (event.type == YAML_MAPPING_END_EVENT) {
			yaml_event_delete(&event);
			break;
		}
		struct node *key = read_node(parse, &event, depth + 1);
		yaml_event_delete(&event);
		bool taken = take_key(parse, key, &seen);
		if (!next_event(parse, &event))
			break;
		struct node *value = read_node(parse, &event, depth + 1);
		yaml_event_delete(&event);
		if (!taken)
			continue;
		GROW(entries, node->count, capacity);
		entries[node->count++] = (struct node_entry){key->text, key->mark, value};
	}
	map_release(&seen);
	node->entries = ARENA_ARRAY(parse->arena, struct node_entry, node->count);
	if (node->count)
		memcpy(node->entries, entries, node->count * sizeof *entries);
	mem_free(entries);
}

static struct node *read_collection(struct parse *parse, const yaml_event_t *event, int depth)
{
	bool sequence = event->type == YAML_SEQUENCE_START_EVENT;
	struct node *node = new_node(parse, sequence ? NODE_SEQUENCE : NODE_MAPPING, event->start_mark);
	if (depth >= DOCUMENT_DEPTH_MAX) {
		problem_at(parse->problems, node->mark, "nested deeper than %d levels", DOCUMENT_DEPTH_MAX);
		node->kind = NODE_REFUSED;
		parse->failed = parse->broken = true;
		return node;
	}
	if (sequence)
		refuse_properties(
			parse, event->start_mark, event->data.sequence_start.anchor, event->data.sequence_start.tag);
	else
		refuse_properties(
			parse, event->start_mark, event->data.mapping_start.anchor, event->data.mapping_start.tag);
	if (sequence)
		read_items(parse, node, depth);
	else
		read_entries(parse, node, depth);
	return node;
}

static struct node *read_node(struct parse *parse, const yaml_event_t *event, int depth)
{
	switch (event->type) {
	case YAML_SCALAR_EVENT:
		return read_scalar(parse, event);
	case YAML_SEQUENCE_START_EVENT:
	case YAML_MAPPING_START_EVENT:
		return read_collection(parse, event, depth);
	case YAML_ALIAS_EVENT:
		problem_at(parse->problems, mark_of(parse, event->start_mark), "aliases are not allowed");
		break;
	default:
		break;
	}
	return new_node(parse, NODE_REFUSED, event->start_mark);
}

/* What follows the first document: its end, then the end of the file. */
static void expect_end(struct parse *parse)
{
	yaml_event_t event;
	while (next_event(parse, &event)) {
		yaml_event_type_t type = event.type;
		if (type == YAML_DOCUMENT_START_EVENT)
			problem_at(parse->problems, mark_of(parse, event.start_mark),
				"a file holds one document; this starts another");
		yaml_event_delete(&event);
		if (type != YAML_DOCUMENT_END_EVENT)
			break;
	}
}

static struct node *read_document(struct parse *parse)
{
	struct node *root = NULL;
	yaml_event_t event;
	while (!root && next_event(parse, &event)) {
		if (event.type == YAML_STREAM_END_EVENT) { /* an empty file is an empty mapping */
			root = new_node(parse, NODE_NULL, event.start_mark);
			parse->failed = true;
		} else if (event.type != YAML_STREAM_START_EVENT && event.type != YAML_DOCUMENT_START_EVENT) {
			root = read_node(parse, &event, 0);
		}
		yaml_event_delete(&event);
	}
	expect_end(parse);
	return root;
}

static struct node *refused_file(struct arena *arena, const char *file)
{
	struct node *node = ARENA_NEW(arena, struct node);
	node->kind = NODE_REFUSED;
	node->mark = (struct mark){file, 1, 1};
	return node;
}

struct node *document_parse(struct arena *arena, struct config_problems *problems, const char *file, struct str source)
{
	if (source.length >= 3 && memcmp(source.data, "\xef\xbb\xbf", 3) == 0)
		source = (struct str){source.data + 3, source.length - 3};
	struct parse parse = {.arena = arena, .problems = problems, .file = arena_text(arena, str_of(file))};
	if (source.length > DOCUMENT_BYTES_MAX) {
		problem_at(problems, (struct mark){file, 1, 1}, "the file is larger than %d MiB",
			DOCUMENT_BYTES_MAX >> 20);
		return refused_file(arena, parse.file);
	}
	parse.source = arena_str(arena, source);
	if (!yaml_parser_initialize(&parse.yaml)) {
		problem_at(problems, (struct mark){file, 1, 1}, "out of memory");
		return refused_file(arena, parse.file);
	}
	yaml_parser_set_encoding(&parse.yaml, YAML_UTF8_ENCODING);
	yaml_parser_set_input_string(&parse.yaml, (const unsigned char *)parse.source.data, parse.source.length);
	struct node *root = read_document(&parse);
	yaml_parser_delete(&parse.yaml);
	if (!root || parse.broken)
		return refused_file(arena, parse.file);
	if (root->kind == NODE_NULL) {
		root->kind = NODE_MAPPING;
		root->mark = (struct mark){parse.file, 1, 1};
	} else if (root->kind != NODE_MAPPING && root->kind != NODE_REFUSED) {
		problem_at(problems, root->mark, "the file must be a mapping, not %s", node_kind_name(root));
		return refused_file(arena, parse.file);
	}
	return root;
}
