#include "pipeline/publish/publisher.h"

#include "base/mem.h"
#include "pipeline/publish/encode.h"
#include "pipeline/publish/view.h"

static void make_layouts(struct publisher *publisher)
{
	uint32_t slots = 0, boards = 0;
	for (uint8_t dimension = 0; dimension < publisher->model->dimension_count; dimension++) {
		struct layout *layout = &publisher->layouts[dimension];
		layout_init(layout, &publisher->arena, publisher->model, publisher->goals, dimension);
		slots = layout->slot_count > slots ? layout->slot_count : slots;
		boards = layout->board_count > boards ? layout->board_count : boards;
		publisher->news[dimension] = ARENA_ARRAY(&publisher->arena, uint64_t, layout->word_count);
	}
	publisher->fields = ARENA_ARRAY(&publisher->arena, struct snapshot_field, slots);
	publisher->entries = ARENA_ARRAY(&publisher->arena, struct board_entry, boards);
}

struct publisher *publisher_new(const struct model *model, const struct roster *roster, struct merge *merge,
	const struct publication_sink *sink)
{
	struct publisher *publisher = NEW(struct publisher);
	publisher->model = model;
	publisher->roster = roster;
	publisher->merge = merge;
	publisher->sink = *sink;
	arena_init(&publisher->arena);
	publisher->goals = goals_new(model, roster);
	make_layouts(publisher);
	map_init(&publisher->teams);
	for (uint32_t i = 0; i < roster->team_count; i++)
		*map_put(&publisher->teams, roster->teams[i].id, NULL) = i;
	publisher->held.reps = NEW_ARRAY(struct merged_key *, roster->rep_count);
	publisher->held.teams = NEW_ARRAY(struct merged_key *, roster->team_count);
	map_init(&publisher->restored.places);
	buf_init(&publisher->json);
	buf_init(&publisher->text);
	return publisher;
}

void publisher_free(struct publisher *publisher)
{
	if (!publisher)
		return;
	roster_let_go(publisher);
	while (publisher->view_count)
		view_free(publisher, publisher->views[publisher->view_count - 1]);
	mem_free(publisher->views);
	mem_free(publisher->held.reps);
	mem_free(publisher->held.teams);
	mem_free(publisher->restored.alerts);
	map_release(&publisher->restored.places);
	map_release(&publisher->teams);
	goals_free(publisher->goals);
	buf_release(&publisher->json);
	buf_release(&publisher->text);
	arena_release(&publisher->arena);
	mem_free(publisher);
}

/* What all figures have in common, beside the end. */
static bool same_status(const struct merge_status *a, const struct merge_status *b)
{
	return a->since == b->since && a->gap == b->gap &&
		memcmp(a->seen_types, b->seen_types, sizeof a->seen_types) == 0;
}

/* Whether time or what all figures have in common concerns every one of them. */
static bool look_at_time(struct publisher *publisher, const struct evaluation *evaluation)
{
	int64_t end = evaluation->spans->end;
	bool moved = !publisher->turned || publisher->end != end;
	bool all = moved || !same_status(&publisher->status, &evaluation->status);
	if (moved)
		roster_hold(publisher, evaluation->spans);
	publisher->turned = true;
	publisher->end = end;
	publisher->status = evaluation->status;
	return all;
}

static bool concerns_far(const struct publisher *publisher, const struct layout *layout)
{
	for (uint32_t s = 0; layout->looks_far && s < layout->slot_count; s++)
		if (looks_far_at_news(publisher, layout, &layout->slots[s]))
			return true;
	return false;
}

static void set_news(struct publisher *publisher, int byte)
{
	for (uint8_t d = 0; d < publisher->model->dimension_count; d++)
		memset(publisher->news[d], byte, publisher->layouts[d].word_count * sizeof *publisher->news[d]);
}

/* All is new everywhere: of keys that are not there, too, which some figure may look at. */
static void look_at_all(struct publisher *publisher)
{
	merge_touch_all(publisher->merge);
	set_news(publisher, 0xff);
}

/* Keys whose figures look at what is new in other keys are looked at, too. */
static void look_far(struct publisher *publisher)
{
	uint8_t dimensions = publisher->model->dimension_count;
	set_news(publisher, 0);
	merge_news(publisher->merge, publisher->news);
	for (uint8_t d = 0; d < dimensions; d++)
		if (concerns_far(publisher, &publisher->layouts[d]))
			merge_touch(publisher->merge, d);
}

void publisher_turn(struct publisher *publisher, const struct evaluation *evaluation)
{
	bool all = look_at_time(publisher, evaluation);
	publisher->turn = (publisher->turn + 1) & INT32_MAX;
	if (goals_turn(publisher->goals, evaluation, publisher->merge) || all)
		look_at_all(publisher);
	else
		look_far(publisher);
	for (struct merged_key *key; (key = merge_take_changed(publisher->merge));) {
		if (!merged_key_gone(key))
			view_publish(publisher, evaluation, view_of(publisher, key), false);
		else if (*merged_key_slot(key))
			view_remove(publisher, evaluation, *merged_key_slot(key));
	}
}

size_t publisher_refresh(struct publisher *publisher, const struct evaluation *evaluation, size_t keys)
{
	if (keys > publisher->view_count)
		keys = publisher->view_count;
	for (size_t i = 0; i < keys; i++) {
		if (publisher->next_refresh >= publisher->view_count)
			publisher->next_refresh = 0;
		view_publish(publisher, evaluation, publisher->views[publisher->next_refresh++], true);
	}
	return keys;
}

void publisher_refresh_all(struct publisher *publisher, const struct evaluation *evaluation)
{
	for (uint32_t v = 0; v < publisher->view_count; v++)
		if (publisher->views[v]->turn != publisher->turn)
			view_publish(publisher, evaluation, publisher->views[v], true);
}

static struct merged_key *find_key(struct publisher *publisher, const char *dimension, struct str encoded)
{
	const struct model *model = publisher->model;
	buf_clear(&publisher->text);
	encode_undo(&publisher->text, encoded);
	for (uint8_t i = 0; i < model->dimension_count; i++)
		if (strcmp(model->dimensions[i].name, dimension) == 0)
			return merge_key(publisher->merge, i, buf_str(&publisher->text), false);
	return NULL;
}

bool publisher_again(
	struct publisher *publisher, const struct evaluation *evaluation, const char *dimension, struct str key)
{
	struct merged_key *found = find_key(publisher, dimension, key);
	struct view *view = found ? *merged_key_slot(found) : NULL;
	if (!view)
		return false;
	view_publish(publisher, evaluation, view, true);
	return true;
}

size_t publisher_key_count(const struct publisher *publisher)
{
	return publisher->view_count;
}

void publisher_each(
	const struct publisher *publisher, const struct evaluation *evaluation, publisher_visit *visit, void *context)
{
	for (uint32_t v = 0; v < publisher->view_count; v++) {
		const struct merged_key *key = publisher->views[v]->key;
		const struct layout *layout = publisher->views[v]->layout;
		for (uint32_t s = 0; s < layout->slot_count; s++) {
			const struct slot *slot = &layout->slots[s];
			struct figure figure;
			struct aim aim;
			evaluate_figure(evaluation, key, slot->kpi, slot->window, &figure);
			goals_aim(publisher->goals, evaluation, key, &figure, slot->wishes, &aim);
			visit(context, merged_key_dimension(key), merged_key_name(key), &figure, &aim);
		}
	}
}

void publisher_aim(const struct publisher *publisher, const struct evaluation *evaluation, const struct merged_key *key,
	const struct figure *figure, struct aim *ret_aim)
{
	const struct layout *layout = &publisher->layouts[merged_key_dimension(key)];
	struct wishes wishes = {0};
	for (uint32_t s = 0; s < layout->slot_count; s++)
		if (layout->slots[s].kpi == figure->kpi && layout->slots[s].window == figure->window)
			wishes = layout->slots[s].wishes;
	goals_aim(publisher->goals, evaluation, key, figure, wishes, ret_aim);
}
