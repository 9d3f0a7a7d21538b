#include "pipeline/correlate/groups.h"

#include "base/check.h"
#include "base/decimal.h"
#include "base/mem.h"

#include <stddef.h>

void groups_init(struct groups *groups, const struct model *model, const struct schema *schema,
	const struct roster *roster, uint32_t keys_max)
{
	*groups = (struct groups){.model = model, .schema = schema, .roster = roster, .keys_max = keys_max};
	names_init(&groups->tuples);
	buf_init(&groups->text);
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

/* What the roster said last of a rep. */
struct rep_team {
	struct timespan span; /* empty: nothing */
	uint32_t team;        /* key */
	uint32_t behind;      /* where there are no further dimensions: the group of both, + 1; 0: not asked for yet */
};

static struct rep_team *said_of(struct groups *groups, uint32_t rep)
{
	if (rep >= groups->rep_team_count) {
		uint32_t count = 2 * rep + 16;
		groups->rep_teams =
			mem_extend(groups->rep_teams, groups->rep_team_count, count, sizeof *groups->rep_teams);
		groups->rep_team_count = count;
	}
	return &groups->rep_teams[rep];
}

/* The roster is asked only where its last answer may be another one by now; and of reps that share a key, always. */
static uint32_t team_of(struct groups *groups, const struct event *event, struct str rep, uint32_t rep_key)
{
	if (rep.length == 0)
		return key_id(groups, DIMENSION_TEAM, field_text(groups, event, groups->schema->team_field));
	struct rep_team *said = said_of(groups, rep_key);
	if (event->time >= said->span.from && event->time < said->span.until)
		return said->team;
	struct timespan span;
	int32_t team = roster_team_within(groups->roster, rep, event->time, &span);
	uint32_t key = team < 0 ? GROUPS_UNASSIGNED : key_id(groups, DIMENSION_TEAM, groups->roster->teams[team].id);
	if (rep_key != GROUPS_OTHER && key != GROUPS_OTHER)
		*said = (struct rep_team){span, key, 0};
	return key;
}

/* | parts the parts. */
static void put_part(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '|' || text.data[i] == '%')
			buf_printf(out, "%%%02X", (uint8_t)text.data[i]);
		else
			buf_put_byte(out, (uint8_t)text.data[i]);
	}
}

/* The key of a composite dimension: those of its parts, which the tuple has already. */
static uint32_t composite_key(struct groups *groups, uint8_t dimension, const uint32_t *tuple)
{
	const struct dimension *definition = &groups->model->dimensions[dimension];
	buf_clear(&groups->text);
	for (uint8_t i = 0; i < definition->part_count; i++) {
		uint8_t part = definition->parts[i];
		if (i)
			buf_put_byte(&groups->text, '|');
		put_part(&groups->text, groups_key_text(groups, part, tuple[part]));
	}
	return key_id(groups, dimension, buf_str(&groups->text));
}

/* ---- plain groups ---- */

static uint32_t add_tuple(struct groups *groups, const uint32_t *tuple)
{
	size_t size = groups->model->dimension_count * sizeof *tuple;
	return names_add(&groups->tuples, (struct str){(const char *)tuple, size});
}

/* A rep and a team are all there is to it. */
static uint32_t group_of_rep(struct groups *groups, const uint32_t *tuple)
{
	struct rep_team *said = said_of(groups, tuple[DIMENSION_REP]);
	if (said->team != tuple[DIMENSION_TEAM])
		return add_tuple(groups, tuple);
	if (!said->behind)
		said->behind = add_tuple(groups, tuple) + 1;
	return said->behind - 1;
}

/* As if the event were all of one credited rep; NULL: of its own. */
static uint32_t plain_group(struct groups *groups, const struct event *event, const struct credit *credit)
{
	uint32_t tuple[MODEL_DIMENSIONS_MAX];
	unsigned count = groups->model->dimension_count;
	struct str rep = credit ? credit->rep : field_text(groups, event, groups->schema->rep_field);
	tuple[DIMENSION_COMPANY] = 0;
	tuple[DIMENSION_REP] = key_id(groups, DIMENSION_REP, rep);
	tuple[DIMENSION_TEAM] = team_of(groups, event, rep, tuple[DIMENSION_REP]);
	if (count == DIMENSION_REP + 1)
		return group_of_rep(groups, tuple);
	for (unsigned d = DIMENSION_REP + 1; d < count; d++) {
		const struct dimension *dimension = &groups->model->dimensions[d];
		tuple[d] = dimension->part_count
			? composite_key(groups, (uint8_t)d, tuple)
			: key_id(groups, (uint8_t)d, field_text(groups, event, dimension->field));
	}
	return add_tuple(groups, tuple);
}

/* ---- split groups ---- */

/* A split group begins where a tuple has the company's key, which is 0. */
#define SPLIT UINT32_MAX

struct part {
	uint32_t group; /* plain */
	uint32_t share;
};

struct split {
	uint32_t mark; /* SPLIT */
	struct part parts[GROUPS_PARTS_MAX];
};

static uint32_t add_split(struct groups *groups, const struct split *split, uint32_t count)
{
	size_t size = offsetof(struct split, parts) + count * sizeof split->parts[0];
	return names_add(&groups->tuples, (struct str){(const char *)split, size});
}

/* The parts, in the order of the credits; 0 of a plain group. */
static uint32_t parts_of(const struct groups *groups, uint32_t group, struct part *ret_parts)
{
	uint32_t mark;
	struct str bytes = names_text(&groups->tuples, group);
	memcpy(&mark, bytes.data, sizeof mark);
	if (mark != SPLIT)
		return 0;
	size_t size = bytes.length - offsetof(struct split, parts);
	memcpy(ret_parts, bytes.data + offsetof(struct split, parts), size);
	return (uint32_t)(size / sizeof *ret_parts);
}

bool groups_is_split(const struct groups *groups, uint32_t group)
{
	uint32_t mark;
	memcpy(&mark, names_text(&groups->tuples, group).data, sizeof mark);
	return mark == SPLIT;
}

/* A plain group, or the first part of a split one: but for team and rep all parts are alike. */
static uint32_t first_part(const struct groups *groups, uint32_t group)
{
	struct part parts[GROUPS_PARTS_MAX];
	return parts_of(groups, group, parts) ? parts[0].group : group;
}

void groups_tuple(const struct groups *groups, uint32_t group, uint32_t *ret_tuple)
{
	struct str tuple = names_text(&groups->tuples, first_part(groups, group));
	memcpy(ret_tuple, tuple.data, tuple.length);
}

uint32_t groups_of_event(struct groups *groups, const struct event *event)
{
	struct split split = {.mark = SPLIT};
	if (!event->credit_count)
		return plain_group(groups, event, NULL);
	if (event->credit_count == 1)
		return plain_group(groups, event, &event->credits[0]);
	for (uint32_t i = 0; i < event->credit_count; i++)
		split.parts[i] = (struct part){plain_group(groups, event, &event->credits[i]), event->credits[i].share};
	return add_split(groups, &split, event->credit_count);
}

/* ---- stocks that move ---- */

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
			groups_tuple(groups, group, tuple);
		any = true;
		struct str to = field_text(groups, event, stock->moved_to);
		tuple[stock->moved_dimension] = key_id(groups, stock->moved_dimension, to);
	}
	return any ? add_tuple(groups, tuple) : group;
}

static uint32_t moved_tuple(struct groups *groups, uint32_t group, uint8_t dimension, uint32_t key)
{
	uint32_t tuple[MODEL_DIMENSIONS_MAX];
	groups_tuple(groups, group, tuple);
	tuple[dimension] = key;
	return add_tuple(groups, tuple);
}

uint32_t groups_moved(struct groups *groups, uint32_t group, uint8_t dimension, uint32_t to)
{
	struct split split = {.mark = SPLIT};
	uint32_t key = groups_key(groups, to, dimension), count = parts_of(groups, group, split.parts);
	if (!count)
		return moved_tuple(groups, group, dimension, key);
	for (uint32_t i = 0; i < count; i++)
		split.parts[i].group = moved_tuple(groups, split.parts[i].group, dimension, key);
	return add_split(groups, &split, count);
}

/* ---- keys ---- */

uint32_t groups_key(const struct groups *groups, uint32_t group, uint8_t dimension)
{
	uint32_t key;
	struct str tuple = names_text(&groups->tuples, first_part(groups, group));
	memcpy(&key, tuple.data + dimension * sizeof key, sizeof key);
	return key;
}

/* The place of a key in a list that it is added to where it is not there. */
static struct group_key *place_of(struct group_key *keys, unsigned *count, uint32_t key, uint32_t group)
{
	for (unsigned i = 0; i < *count; i++)
		if (keys[i].key == key)
			return &keys[i];
	keys[*count] = (struct group_key){key, group, 0};
	return &keys[(*count)++];
}

unsigned groups_split(
	const struct groups *groups, uint32_t group, uint8_t dimension, int64_t amount, struct group_key *ret_keys)
{
	struct part parts[GROUPS_PARTS_MAX];
	uint32_t part_count = parts_of(groups, group, parts), through = 0;
	i128 before = 0;
	unsigned count = 0;
	if (part_count == 0) {
		ret_keys[0] = (struct group_key){groups_key(groups, group, dimension), group, amount};
		return 1;
	}
	for (uint32_t i = 0; i < part_count; i++) {
		i128 reached;
		through += parts[i].share;
		CHECK(decimal_divide((i128)amount * through, EVENT_CREDIT_WHOLE, 0, &reached) == RESULT_OK);
		uint32_t key = groups_key(groups, parts[i].group, dimension);
		place_of(ret_keys, &count, key, parts[i].group)->amount += (int64_t)(reached - before);
		before = reached;
	}
	return count;
}

unsigned groups_keys(const struct groups *groups, uint32_t group, uint8_t dimension, struct group_key *ret_keys)
{
	return groups_split(groups, group, dimension, 0, ret_keys);
}

struct str groups_key_text(const struct groups *groups, uint8_t dimension, uint32_t key)
{
	return names_text(&groups->keys[dimension], key);
}

static uint32_t adopt_plain(struct groups *groups, const struct groups *from, uint32_t group)
{
	uint32_t tuple[MODEL_DIMENSIONS_MAX];
	for (unsigned d = 0; d < groups->model->dimension_count; d++) {
		uint32_t key = groups_key(from, group, (uint8_t)d);
		tuple[d] = names_add(&groups->keys[d], groups_key_text(from, (uint8_t)d, key));
	}
	return add_tuple(groups, tuple);
}

uint32_t groups_adopt(struct groups *groups, const struct groups *from, uint32_t group)
{
	struct split split = {.mark = SPLIT};
	uint32_t count = parts_of(from, group, split.parts);
	if (!count)
		return adopt_plain(groups, from, group);
	for (uint32_t i = 0; i < count; i++)
		split.parts[i].group = adopt_plain(groups, from, split.parts[i].group);
	return add_split(groups, &split, count);
}

/* The number of its parts, and these; a plain group has none, and its keys instead. */
static void save_group(const struct groups *groups, uint32_t group, struct buf *out)
{
	struct part parts[GROUPS_PARTS_MAX];
	uint32_t count = parts_of(groups, group, parts);
	buf_put_varint(out, count);
	for (uint32_t i = 0; i < count; i++) {
		buf_put_varint(out, parts[i].group);
		buf_put_varint(out, parts[i].share);
	}
	for (unsigned d = 0; !count && d < groups->model->dimension_count; d++)
		buf_put_varint(out, groups_key(groups, group, (uint8_t)d));
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
		save_group(groups, group, out);
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
		if (in->failed || key >= groups->keys[d].count || (d == DIMENSION_COMPANY && key != 0))
			return false;
		tuple[d] = (uint32_t)key;
	}
	return add_tuple(groups, tuple) == expected;
}

/* Its parts stand before it, are plain, and are the whole together. */
static bool load_split(struct groups *groups, struct reader *in, uint64_t count, uint64_t expected)
{
	struct split split = {.mark = SPLIT};
	uint64_t whole = 0;
	if (count < 2 || count > GROUPS_PARTS_MAX)
		return false;
	for (uint64_t i = 0; i < count; i++) {
		uint64_t group = reader_varint(in), share = reader_varint(in);
		if (in->failed || group >= expected || groups_is_split(groups, (uint32_t)group) || share == 0 ||
			share > EVENT_CREDIT_WHOLE)
			return false;
		split.parts[i] = (struct part){(uint32_t)group, (uint32_t)share};
		whole += share;
	}
	return whole == EVENT_CREDIT_WHOLE && add_split(groups, &split, (uint32_t)count) == expected;
}

static bool load_group(struct groups *groups, struct reader *in, uint64_t expected)
{
	uint64_t parts = reader_varint(in);
	return parts ? load_split(groups, in, parts, expected) : load_tuple(groups, in, expected);
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
		if (in->failed || !load_group(groups, in, i))
			return RESULT_CORRUPT;
	return RESULT_OK;
}

void groups_release(struct groups *groups)
{
	for (unsigned d = 0; d < MODEL_DIMENSIONS_MAX; d++)
		names_release(&groups->keys[d]);
	names_release(&groups->tuples);
	mem_free(groups->rep_teams);
	buf_release(&groups->text);
}
