#include "pipeline/correlate/groups.h"

#include "base/check.h"

void groups_init(struct groups *groups, const struct model *model, const struct schema *schema,
	const struct roster *roster, uint32_t keys_max)
{
	*groups = (struct groups){.model = model, .schema = schema, .roster = roster, .keys_max = keys_max};
	names_init(&groups->tuples);
	for (unsigned d = 0; d < model->dimension_count; d++) {
		names_init(&groups->keys[d]);
		if (d == DIMENSION_COMPANY) {
			names_add(&groups->keys[d], STR("all"));
			continue;
		}
		names_add(&groups->keys[d], STR("unassigned"));
		names_add(&groups->keys[d], STR("__other__"));
	}
}

static uint32_t key_id(struct groups *groups, uint8_t dimension, struct str text)
{
	struct names *keys = &groups->keys[dimension];
	if (text.length == 0)
		return GROUPS_UNASSIGNED;
	if (keys->count < groups->keys_max)
		return names_add(keys, text);
	uint32_t known = names_find(keys, text);
	if (known != NAMES_NONE)
		return known;
	groups->over_limit++;
	return GROUPS_OTHER;
}

/* The text of a field, or of the choice that it holds; empty where absent. */
static struct str field_text(const struct groups *groups, const struct event *event, int32_t field)
{
	if (field < 0 || !(event->present >> field & 1))
		return (struct str){NULL, 0};
	const struct field *definition = &groups->schema->fields[field];
	if (definition->kind == FIELD_CHOICE)
		return str_of(definition->choices[event->values[field].number]);
	return event->values[field].text;
}

static struct str team_of_event(const struct groups *groups, const struct event *event)
{
	struct str rep = field_text(groups, event, groups->schema->rep_field);
	if (rep.length == 0)
		return field_text(groups, event, groups->schema->team_field);
	int32_t team = roster_team_at(groups->roster, rep, event->time);
	return team < 0 ? (struct str){NULL, 0} : groups->roster->teams[team].id;
}

static uint32_t add_tuple(struct groups *groups, const uint32_t *tuple)
{
	size_t size = groups->model->dimension_count * sizeof *tuple;
	return names_add(&groups->tuples, (struct str){(const char *)tuple, size});
}

static void copy_tuple(const struct groups *groups, uint32_t group, uint32_t *ret_tuple)
{
	struct str tuple = names_text(&groups->tuples, group);
	memcpy(ret_tuple, tuple.data, tuple.length);
}

uint32_t groups_of_event(struct groups *groups, const struct event *event)
{
	uint32_t tuple[MODEL_DIMENSIONS_MAX];
	unsigned count = groups->model->dimension_count;
	for (unsigned d = 0; d < count; d++) {
		struct str text;
		if (d == DIMENSION_TEAM)
			text = team_of_event(groups, event);
		else
			text = field_text(groups, event, groups->model->dimensions[d].field);
		tuple[d] = d == DIMENSION_COMPANY ? 0 : key_id(groups, (uint8_t)d, text);
	}
	return add_tuple(groups, tuple);
}

static bool moves(const struct stock *stock, uint16_t type)
{
	for (unsigned i = 0; i < stock->moves.count; i++)
		if (stock->moves.items[i].index == type)
			return true;
	return false;
}

uint32_t groups_of_moves(struct groups *groups, const struct event *event, uint32_t group)
{
	uint32_t tuple[MODEL_DIMENSIONS_MAX];
	bool any = false;
	for (unsigned s = 0; s < groups->model->stock_count; s++) {
		const struct stock *stock = &groups->model->stocks[s];
		if (!moves(stock, event->type))
			continue;
		if (!any)
			copy_tuple(groups, group, tuple);
		any = true;
		struct str to = field_text(groups, event, stock->moved_to);
		tuple[stock->moved_dimension] = key_id(groups, stock->moved_dimension, to);
	}
	return any ? add_tuple(groups, tuple) : group;
}

uint32_t groups_moved(struct groups *groups, uint32_t group, uint8_t dimension, uint32_t to)
{
	uint32_t tuple[MODEL_DIMENSIONS_MAX];
	copy_tuple(groups, group, tuple);
	tuple[dimension] = groups_key(groups, to, dimension);
	return add_tuple(groups, tuple);
}

uint32_t groups_key(const struct groups *groups, uint32_t group, uint8_t dimension)
{
	uint32_t key;
	struct str tuple = names_text(&groups->tuples, group);
	memcpy(&key, tuple.data + dimension * sizeof key, sizeof key);
	return key;
}

struct str groups_key_text(const struct groups *groups, uint8_t dimension, uint32_t key)
{
	return names_text(&groups->keys[dimension], key);
}

void groups_save(const struct groups *groups, struct buf *out)
{
	unsigned dimensions = groups->model->dimension_count;
	buf_put_varint(out, dimensions);
	for (unsigned d = 0; d < dimensions; d++) {
		const struct names *keys = &groups->keys[d];
		buf_put_varint(out, keys->count);
		for (uint32_t i = 0; i < keys->count; i++)
			buf_put_counted(out, names_text(keys, i));
	}
	buf_put_varint(out, groups->tuples.count);
	for (uint32_t group = 0; group < groups->tuples.count; group++)
		for (unsigned d = 0; d < dimensions; d++)
			buf_put_varint(out, groups_key(groups, group, (uint8_t)d));
}

static bool load_keys(struct names *keys, struct reader *in)
{
	uint64_t count = reader_varint(in);
	for (uint64_t i = 0; i < count && !in->failed; i++) {
		struct str text = reader_counted(in);
		if (!in->failed && names_add(keys, text) != i)
			return false;
	}
	return !in->failed;
}

static bool load_tuple(struct groups *groups, struct reader *in, uint64_t expected)
{
	uint32_t tuple[MODEL_DIMENSIONS_MAX];
	unsigned dimensions = groups->model->dimension_count;
	for (unsigned d = 0; d < dimensions; d++) {
		uint64_t key = reader_varint(in);
		if (in->failed || key >= groups->keys[d].count)
			return false;
		tuple[d] = (uint32_t)key;
	}
	return add_tuple(groups, tuple) == expected;
}

enum result groups_load(struct groups *groups, struct reader *in)
{
	unsigned dimensions = groups->model->dimension_count;
	if (reader_varint(in) != dimensions)
		return RESULT_CORRUPT;
	for (unsigned d = 0; d < dimensions; d++)
		if (!load_keys(&groups->keys[d], in))
			return RESULT_CORRUPT;
	uint64_t count = reader_varint(in);
	for (uint64_t i = 0; i < count; i++)
		if (in->failed || !load_tuple(groups, in, i))
			return RESULT_CORRUPT;
	return RESULT_OK;
}

void groups_release(struct groups *groups)
{
	for (unsigned d = 0; d < MODEL_DIMENSIONS_MAX; d++)
		names_release(&groups->keys[d]);
	names_release(&groups->tuples);
}
