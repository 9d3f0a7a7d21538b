#include "pipeline/publish/view.h"

#include "base/mem.h"
#include "pipeline/publish/encode.h"
#include "pipeline/publish/json.h"

#include <math.h>

/* One piece of memory: the view, then what its pointers point at. There may be millions. */
static struct view *view_alloc(const struct layout *layout, struct str encoded)
{
	struct view *view = mem_new(sizeof *view + layout->rule_count * sizeof *view->alerts +
		layout->slot_count * sizeof *view->hashes + layout->board_count * sizeof *view->scores +
		encoded.length);
	view->layout = layout;
	view->alerts = (struct alert *)(view + 1);
	view->hashes = (uint64_t *)(view->alerts + layout->rule_count);
	view->scores = (double *)(view->hashes + layout->slot_count);
	view->encoded = (struct str){(char *)(view->scores + layout->board_count), encoded.length};
	memcpy((char *)view->encoded.data, encoded.data, encoded.length);
	return view;
}

static struct view *view_new(struct publisher *publisher, struct merged_key *key)
{
	uint8_t dimension = merged_key_dimension(key);
	buf_clear(&publisher->text);
	encode_put(&publisher->text, merged_key_name(key));
	struct view *view = view_alloc(&publisher->layouts[dimension], buf_str(&publisher->text));
	view->key = key;
	view->dimension = publisher->model->dimensions[dimension].name;
	view->fresh = true;
	view->name = roster_name_of(publisher, dimension, merged_key_name(key));
	for (uint32_t i = 0; i < view->layout->board_count; i++)
		view->scores[i] = NAN;
	return view;
}

struct view *view_of(struct publisher *publisher, struct merged_key *key)
{
	void **slot = merged_key_slot(key);
	if (*slot)
		return *slot;
	struct view *view = view_new(publisher, key);
	GROW(publisher->views, publisher->view_count, publisher->view_capacity);
	view->position = publisher->view_count;
	publisher->views[publisher->view_count++] = view;
	*slot = view;
	alerts_claim(publisher, view);
	return view;
}

static void move_view(struct publisher *publisher, uint32_t from, uint32_t to)
{
	publisher->views[to] = publisher->views[from];
	publisher->views[to]->position = to;
}

/* Fills the hole so that those that the refresh has still to reach stay behind its place. */
void view_free(struct publisher *publisher, struct view *view)
{
	uint32_t hole = view->position;
	if (hole < publisher->next_refresh) {
		move_view(publisher, --publisher->next_refresh, hole);
		hole = publisher->next_refresh;
	}
	if (hole != --publisher->view_count)
		move_view(publisher, publisher->view_count, hole);
	*merged_key_slot(view->key) = NULL;
	mem_free(view);
}

static inline uint64_t mix(uint64_t hash, uint64_t word)
{
	hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
	return hash ^ hash >> 29;
}

static inline uint64_t mix_wide(uint64_t hash, i128 value)
{
	return mix(mix(hash, (uint64_t)value), (uint64_t)((unsigned __int128)value >> 64));
}

/* Of all that a reader sees of the figure. */
static uint64_t hash_of(const struct figure *figure)
{
	uint64_t hash = (uint64_t)figure->reason << 32 | (uint64_t)figure->has_quotient << 24 |
		(uint64_t)figure->complete << 16 | (uint64_t)figure->numerator_decimals << 8 |
		figure->denominator_decimals;
	hash = mix(mix(hash + 1, (uint64_t)figure->from), (uint64_t)figure->to);
	hash = mix(mix_wide(hash, figure->value), (uint64_t)figure->n);
	return mix_wide(mix_wide(hash, figure->numerator), figure->denominator);
}

static uint64_t mix_number(uint64_t hash, const struct pace_number *number)
{
	return mix_wide(mix(hash, number->known), number->value);
}

/* Of all that a reader sees of its target. */
static uint64_t mix_aim(uint64_t hash, const struct aim *aim)
{
	if (!aim->target)
		return hash;
	hash = mix(hash,
		(uint64_t)aim->by_day << 32 | (uint64_t)aim->pace.status << 8 | (uint64_t)aim->has_base << 1 |
			aim->has_pace);
	hash = mix_wide(mix_wide(mix(hash, (uintptr_t)aim->reason), aim->goal), aim->base);
	hash = mix_number(mix_number(hash, &aim->pace.expected), &aim->pace.needed_per_day);
	return mix_number(mix_number(hash, &aim->pace.projected), &aim->pace.remaining_days);
}

/* What is to be handed out of one key. */
struct handover {
	struct publisher *publisher;
	const struct evaluation *evaluation;
	struct view *view;
	bool whole;
	const uint64_t *news; /* the components that changed */
	size_t field_count, entry_count;
};

static void add_field(
	struct handover *handover, const struct slot *slot, const struct figure *figure, const struct aim *aim)
{
	struct publisher *publisher = handover->publisher;
	size_t start = publisher->json.length;
	json_put_figure_again(&publisher->json, figure, aim, &publisher->json_spans[slot->window]);
	publisher->fields[handover->field_count++] =
		(struct snapshot_field){slot->name, {NULL, publisher->json.length - start}};
}

static bool same_score(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static void add_entry(struct handover *handover, const struct slot *slot, const struct figure *figure)
{
	double score;
	if (slot->board == LAYOUT_NO_BOARD)
		return;
	if (!evaluate_score(handover->publisher->model, figure, &score))
		score = NAN;
	double *last = &handover->view->scores[slot->board];
	if (!handover->whole && same_score(score, *last))
		return;
	*last = score;
	handover->publisher->entries[handover->entry_count++] = (struct board_entry){slot, score};
}

static bool concerns(const struct handover *handover, const struct slot *slot)
{
	const struct layout *layout = handover->view->layout;
	return handover->whole || layout_overlap(layout, slot->needs, handover->news) ||
		looks_far_at_news(handover->publisher, layout, slot);
}

static void look_at(struct handover *handover, uint32_t index)
{
	struct view *view = handover->view;
	const struct slot *slot = &view->layout->slots[index];
	struct figure figure;
	struct aim aim;
	if (!concerns(handover, slot))
		return;
	evaluate_figure(handover->evaluation, view->key, slot->kpi, slot->window, &figure);
	goals_aim(handover->publisher->goals, handover->evaluation, view->key, &figure, slot->wishes, &aim);
	uint64_t hash = mix_aim(hash_of(&figure), &aim);
	if (!handover->whole && hash == view->hashes[index])
		return;
	view->hashes[index] = hash;
	add_field(handover, slot, &figure, &aim);
	add_entry(handover, slot, &figure);
}

static const struct roster_rep *manager_of(
	const struct publisher *publisher, const struct evaluation *evaluation, const struct view *view)
{
	return roster_manager_of(
		publisher, merged_key_dimension(view->key), merged_key_name(view->key), evaluation->spans->end - 1);
}

static struct snapshot_change change_of(
	struct publisher *publisher, const struct evaluation *evaluation, const struct view *view)
{
	const struct roster_rep *manager = manager_of(publisher, evaluation, view);
	return (struct snapshot_change){
		.dimension = view->dimension,
		.key = view->encoded,
		.name = view->name.length ? view->name : merged_key_name(view->key),
		.manager = manager ? manager->id : (struct str){0},
		.manager_name = manager ? manager->name : (struct str){0},
		.revision = ++publisher->revision,
		.as_of = evaluation->status.as_of,
	};
}

/* The texts lie one after the other; only now do they stay where they are. */
static void hand_out_fields(struct handover *handover)
{
	struct publisher *publisher = handover->publisher;
	struct snapshot_change change = change_of(publisher, handover->evaluation, handover->view);
	const char *text = publisher->json.data;
	for (size_t i = 0; i < handover->field_count; i++) {
		publisher->fields[i].json.data = text;
		text += publisher->fields[i].json.length;
	}
	change.whole = handover->whole;
	change.fields = publisher->fields;
	change.field_count = handover->field_count;
	if (publisher->sink.snapshot)
		publisher->sink.snapshot(publisher->sink.context, &change);
}

static void hand_out_entry(struct publisher *publisher, const struct evaluation *evaluation, const struct view *view,
	const struct board_entry *entry)
{
	struct board_change change = {
		.kpi = publisher->model->kpis[entry->slot->kpi].name,
		.window = publisher->model->windows[entry->slot->window].name,
		.dimension = view->dimension,
		.member = view->encoded,
		.remove = isnan(entry->score),
		.score = isnan(entry->score) ? 0 : entry->score,
		.revision = publisher->revision,
		.as_of = evaluation->status.as_of,
	};
	if (publisher->sink.board)
		publisher->sink.board(publisher->sink.context, &change);
}

/* Only a whole snapshot says who the manager is. */
void view_publish(struct publisher *publisher, const struct evaluation *evaluation, struct view *view, bool whole)
{
	const struct roster_rep *manager = manager_of(publisher, evaluation, view);
	struct handover handover = {publisher, evaluation, view, whole || view->fresh || manager != view->manager,
		merged_key_news(view->key), 0, 0};
	view->manager = manager;
	buf_clear(&publisher->json);
	for (uint32_t i = 0; i < view->layout->slot_count; i++)
		look_at(&handover, i);
	view->fresh = false;
	if (handover.whole)
		view->turn = publisher->turn & INT32_MAX;
	if (handover.field_count || handover.whole)
		hand_out_fields(&handover);
	for (size_t i = 0; i < handover.entry_count; i++)
		hand_out_entry(publisher, evaluation, view, &publisher->entries[i]);
}

void view_remove(struct publisher *publisher, const struct evaluation *evaluation, struct view *view)
{
	struct snapshot_change change = change_of(publisher, evaluation, view);
	change.removed = true;
	if (publisher->sink.snapshot)
		publisher->sink.snapshot(publisher->sink.context, &change);
	for (uint32_t i = 0; i < view->layout->slot_count; i++)
		if (view->layout->slots[i].board != LAYOUT_NO_BOARD)
			hand_out_entry(
				publisher, evaluation, view, &(struct board_entry){&view->layout->slots[i], NAN});
	alerts_end(publisher, evaluation, view);
	view_free(publisher, view);
}
