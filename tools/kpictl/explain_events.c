#include "tools/kpictl/explain_events.h"

#include "base/mem.h"
#include "pipeline/evaluate/formula.h"

#include <stdlib.h>

/* ---- which measures ---- */

static void add_use(struct explanation *explanation, const struct engine *engine, struct use use)
{
	for (unsigned u = 0; u < explanation->use_count; u++) {
		const struct use *known = &explanation->uses[u];
		if (known->measure == use.measure && known->previous == use.previous && known->opening == use.opening &&
			known->company == use.company)
			return;
	}
	if (explanation->use_count == EXPLAIN_USES_MAX)
		return;
	use.view = explanation->window + (use.previous ? engine->config->model.window_count : 0u);
	use.span = engine->spans.views[use.view];
	use.span.to = use.opening ? use.span.from : use.span.to;
	explanation->uses[explanation->use_count++] = use;
}

static void add_uses(struct explanation *explanation, const struct engine *engine, const struct formula *formula)
{
	for (uint16_t i = 0; i < formula->count; i++) {
		const struct formula_step *step = &formula->steps[i];
		const struct use use = {
			.measure = step->measure,
			.previous = step->previous || step->code == FORMULA_PREVIOUS,
			.opening = step->code == FORMULA_OPENING,
			.company = step->company && explanation->key != explanation->company,
		};
		if (formula_step_measures(step))
			add_use(explanation, engine, use);
	}
}

void explanation_init(struct explanation *explanation, const struct engine *engine, uint16_t kpi, uint8_t window,
	const struct merged_key *key)
{
	*explanation = (struct explanation){.config = engine->config,
		.key = key,
		.company = merge_first(engine->merge, DIMENSION_COMPANY),
		.window = window};
	arena_init(&explanation->arena);
	add_uses(explanation, engine, &engine->config->model.kpis[kpi].formula);
	add_uses(explanation, engine, &engine->config->model.kpis[kpi].sample);
}

const struct merged_key *explanation_key(const struct explanation *explanation, const struct use *use)
{
	return use->company ? explanation->company : explanation->key;
}

/* What a component adds to the measure's value: +1, -1 or nothing. */
static int weight_of(const struct explanation *explanation, const struct measure *measure, uint32_t component)
{
	uint32_t part = window_part(&explanation->config->model, explanation->window);
	switch (measure->kind) {
	case MEASURE_DISTINCT:
		return component == part;
	case MEASURE_STAYED:
		return component == 0 ? 1 : -(int)(component == 1 + part);
	case MEASURE_LAST:
		return component == 1;
	default:
		return component == 0;
	}
}

int64_t explanation_value(const struct explanation *explanation, const struct use *use)
{
	const struct merged_key *key = explanation_key(explanation, use);
	const struct measure *measure = &explanation->config->model.measures[use->measure];
	int64_t value = use->opening ? -merged_key_total(key, measure->component + LEVEL_CHANGE, use->view) : 0;
	for (uint32_t c = 0; c < measure->component_count; c++) {
		int weight = weight_of(explanation, measure, c);
		if (weight)
			value += weight * merged_key_total(key, measure->component + c, use->view);
	}
	return value;
}

/* ---- attribution ---- */

struct attribution {
	struct explanation *explanation;
	const struct groups *groups;
	const struct correlate_visit *visit;
	uint32_t event;       /* the visited one */
	uint32_t first_event; /* of the history */
	uint32_t first_row;   /* of the history */
	struct str name;
	enum correlate_owner owner;
};

static const struct measure *measure_of(const struct explanation *explanation, const struct use *use)
{
	return &explanation->config->model.measures[use->measure];
}

static bool same_history(const struct attribution *attribution, const struct correlate_visit *visit)
{
	return attribution->event != EXPLAIN_NONE && visit->owner != OWNER_EVENT &&
		attribution->owner == visit->owner && str_equal(attribution->name, visit->name);
}

static void keep_event(struct attribution *attribution, const struct correlate_visit *visit)
{
	struct explanation *explanation = attribution->explanation;
	const struct record *record = visit->record;
	struct arena *arena = &explanation->arena;
	if (!same_history(attribution, visit)) {
		attribution->first_event = explanation->event_count;
		attribution->first_row = explanation->row_count;
		attribution->owner = visit->owner;
		attribution->name = visit->owner == OWNER_EVENT ? (struct str){0} : arena_str(arena, visit->name);
	}
	attribution->visit = visit;
	attribution->event = explanation->event_count;
	GROW(explanation->events, explanation->event_count, explanation->event_capacity);
	explanation->events[explanation->event_count++] = (struct explained_event){
		.time = record->time,
		.type = record->type,
		.owner = visit->owner,
		.in_force = visit->in_force,
		.id = arena_str(arena, record->id),
		.source = arena_str(arena, record->source),
		.name = attribution->name,
	};
}

/* Which of the history's stocks, waits or last values the event is about; 0 where there is one only. */
static int64_t member_key(const struct attribution *attribution, const struct measure *measure)
{
	const struct model *model = &attribution->explanation->config->model;
	const struct record *record = attribution->visit->record;
	int32_t field = measure->stock >= 0 ? model->stocks[measure->stock].key : -1;
	if (measure->pair >= 0)
		field = model->measures[measure->pair].key;
	if (measure->kind == MEASURE_LAST)
		field = measure->key;
	return field >= 0 && (record->present >> field & 1) ? record->values[field] : 0;
}

static bool hears_type(const struct model *model, const struct trigger_list *list, uint16_t type)
{
	for (uint16_t i = 0; i < list->count; i++) {
		const struct trigger *trigger = &list->items[i];
		const struct stock *stock = trigger->kind == TRIGGER_EVENT ? NULL : &model->stocks[trigger->index];
		if (!stock && trigger->index == type)
			return true;
		if (stock && trigger->kind == TRIGGER_STOCK_OPENED &&
			(hears_type(model, &stock->opens, type) || hears_type(model, &stock->hold_opens, type)))
			return true;
		if (stock && trigger->kind == TRIGGER_STOCK_CLOSED &&
			(hears_type(model, &stock->closes, type) || hears_type(model, &stock->hold_closes, type)))
			return true;
	}
	return false;
}

static bool begins(const struct model *model, const struct measure *measure, uint16_t type)
{
	if (measure->kind == MEASURE_ELAPSED)
		return hears_type(model, &measure->on, type);
	if (measure->pair >= 0)
		return hears_type(model, &model->measures[measure->pair].on, type);
	const struct stock *stock = measure->stock >= 0 ? &model->stocks[measure->stock] : NULL;
	return stock && (hears_type(model, &stock->opens, type) || hears_type(model, &stock->hold_opens, type));
}

/* The event of the history that began the pair or member. */
static uint32_t beginning(const struct attribution *attribution, const struct measure *measure, int64_t time)
{
	const struct explanation *explanation = attribution->explanation;
	for (uint32_t i = attribution->event + 1; i-- > attribution->first_event;) {
		const struct explained_event *event = &explanation->events[i];
		if (event->time < time)
			break;
		if (event->time == time && event->in_force && begins(&explanation->config->model, measure, event->type))
			return i;
	}
	return EXPLAIN_NONE;
}

static struct row_of_event *add_row(struct attribution *attribution, unsigned use, int64_t time, int64_t amount)
{
	struct explanation *explanation = attribution->explanation;
	GROW(explanation->rows, explanation->row_count, explanation->row_capacity);
	struct row_of_event *row = &explanation->rows[explanation->row_count++];
	*row = (struct row_of_event){.use = (uint16_t)use,
		.time = time,
		.amount = amount,
		.event = attribution->event,
		.other = EXPLAIN_NONE,
		.undone_by = EXPLAIN_NONE};
	return row;
}

/* The row that the visited event has just made, or NULL. */
static struct row_of_event *own_row(struct attribution *attribution, unsigned use)
{
	struct explanation *explanation = attribution->explanation;
	for (uint32_t i = explanation->row_count; i-- > attribution->first_row;)
		if (explanation->rows[i].use == use)
			return explanation->rows[i].event == attribution->event ? &explanation->rows[i] : NULL;
	return NULL;
}

/* Takes back a row of the history that adds the opposite; of a rolling distinct count that of the same time. */
static bool undo_opposite(struct attribution *attribution, unsigned use, int64_t time, int64_t amount, bool at_time)
{
	struct explanation *explanation = attribution->explanation;
	for (uint32_t i = explanation->row_count; i-- > attribution->first_row;) {
		struct row_of_event *row = &explanation->rows[i];
		if (row->use != use || row->end != ROW_COUNTS || row->amount != -amount ||
			(at_time && row->time != time))
			continue;
		row->end = ROW_UNDONE;
		row->undone_by = attribution->event;
		return true;
	}
	return false;
}

static struct row_of_event *find_member(
	struct attribution *attribution, unsigned use, int64_t opened, int64_t key, enum row_end end)
{
	struct explanation *explanation = attribution->explanation;
	struct row_of_event *found = NULL;
	for (uint32_t i = explanation->row_count; i-- > attribution->first_row;) {
		struct row_of_event *row = &explanation->rows[i];
		if (row->use != use || row->end != end || row->length != opened)
			continue;
		if (row->key == key)
			return row;
		found = found ? found : row;
	}
	return found;
}

/* A member of a level comes or goes. What lies behind the event is the end of a wait, posted ahead or withdrawn. */
static void move_member(struct attribution *attribution, unsigned use, int64_t time, int64_t sign, int64_t opened)
{
	const struct measure *measure = measure_of(attribution->explanation, &attribution->explanation->uses[use]);
	int64_t key = member_key(attribution, measure);
	bool posted = time > attribution->visit->record->time;
	struct row_of_event *row;
	if (posted || sign < 0) {
		row = find_member(attribution, use, opened, key, posted && sign > 0 ? ROW_EXPIRED : ROW_COUNTS);
		if (!row && !posted)
			row = find_member(attribution, use, opened, key, ROW_EXPIRED);
		if (!row || (posted && row->end == ROW_UNDONE))
			return;
		row->end = posted ? (sign > 0 ? ROW_COUNTS : ROW_EXPIRED) : ROW_UNDONE;
		row->undone_by = posted ? EXPLAIN_NONE : attribution->event;
		return;
	}
	row = add_row(attribution, use, time, sign);
	row->length = opened;
	row->key = key;
	row->other = beginning(attribution, measure, opened);
}

/* The value of `key` that counts, or is too old by now. */
static struct row_of_event *find_value(struct attribution *attribution, unsigned use, int64_t key)
{
	struct explanation *explanation = attribution->explanation;
	for (uint32_t i = explanation->row_count; i-- > attribution->first_row;) {
		struct row_of_event *row = &explanation->rows[i];
		if (row->use == use && row->key == key && (row->end == ROW_COUNTS || row->end == ROW_EXPIRED))
			return row;
	}
	return NULL;
}

/* A last value comes (sign +1) or goes. What lies behind the event is its end, posted ahead, or that of the one before it, withdrawn. */
static void move_value(struct attribution *attribution, unsigned use, int64_t time, int64_t sign, int64_t amount)
{
	const struct measure *measure = measure_of(attribution->explanation, &attribution->explanation->uses[use]);
	int64_t key = member_key(attribution, measure);
	bool posted = time > attribution->visit->record->time;
	if (posted && sign > 0)
		return;
	if (sign > 0) {
		add_row(attribution, use, time, amount)->key = key;
		return;
	}
	struct row_of_event *row = find_value(attribution, use, key);
	if (!row)
		return;
	row->end = posted ? ROW_EXPIRED : ROW_UNDONE;
	row->undone_by = posted ? EXPLAIN_NONE : attribution->event;
}

/* ---- what a contribution is to the key ---- */

static bool key_amount(const struct attribution *attribution, const struct contribution *contribution,
	const struct use *use, int64_t *ret_amount)
{
	const struct measure *measure = measure_of(attribution->explanation, use);
	const struct merged_key *key = explanation_key(attribution->explanation, use);
	struct group_key keys[GROUPS_PARTS_MAX];
	uint8_t dimension = merged_key_dimension(key);
	if (!(contribution->dimensions >> dimension & 1))
		return false;
	bool is_amount = measure->kind == MEASURE_SUM && contribution->cell == measure->component;
	unsigned count = groups_split(attribution->groups, contribution->group, dimension, contribution->amount, keys);
	bool split = groups_is_split(attribution->groups, contribution->group);
	for (unsigned i = 0; i < count; i++) {
		struct str text = groups_key_text(attribution->groups, dimension, keys[i].key);
		if (!str_equal(text, merged_key_name(key)))
			continue;
		*ret_amount = split && is_amount ? keys[i].amount : contribution->amount;
		return true;
	}
	return false;
}

static bool within(const struct measure *measure, uint32_t component, const struct span *span, int64_t time)
{
	bool level = measure->kind == MEASURE_LEVEL || measure->kind == MEASURE_LAST ||
		(measure->kind == MEASURE_STAYED && component == 0);
	return time < span->to && (level || time >= span->from);
}

/* `second` is the amount of the second component that goes with it. */
static void attribute_one(
	struct attribution *attribution, unsigned u, uint32_t component, int64_t time, int64_t amount, int64_t second)
{
	const struct explanation *explanation = attribution->explanation;
	const struct measure *measure = measure_of(explanation, &explanation->uses[u]);
	int weight = weight_of(explanation, measure, component);
	struct row_of_event *row;
	switch (measure->kind) {
	case MEASURE_SUM:
		row = component == 1 ? own_row(attribution, u) : NULL;
		if (!row)
			add_row(attribution, u, time, component == 0 ? amount : 0);
		break;
	case MEASURE_ELAPSED:
		if (component != 0)
			break;
		row = add_row(attribution, u, time, amount);
		row->length = second;
		row->other = beginning(attribution, measure, attribution->visit->record->time - second);
		break;
	case MEASURE_LEVEL:
		if (component == 0)
			move_member(attribution, u, time, amount, MODEL_EPOCH + amount * second);
		break;
	case MEASURE_LAST:
		if (component == 0)
			move_value(attribution, u, time, amount, second);
		break;
	case MEASURE_DISTINCT:
	case MEASURE_STAYED:
		if (weight &&
			!undo_opposite(attribution, u, time, weight * amount,
				measure->kind == MEASURE_DISTINCT && component == 0))
			add_row(attribution, u, time, weight * amount);
		break;
	default:
		if (weight)
			add_row(attribution, u, time, amount)->length = second;
	}
}

/* The amount of the second component stands right behind that of the first. */
static int64_t second_of(const struct contributions *added, uint32_t i, const struct measure *measure)
{
	const struct contribution *next = i + 1 < added->count ? &added->items[i + 1] : NULL;
	return next && next->cell == measure->component + 1 && next->time == added->items[i].time ? next->amount : 0;
}

static void attribute_use(struct attribution *attribution, unsigned u)
{
	const struct explanation *explanation = attribution->explanation;
	const struct use *use = &explanation->uses[u];
	const struct measure *measure = measure_of(explanation, use);
	const struct contributions *added = attribution->visit->added;
	for (uint32_t i = 0; i < added->count; i++) {
		const struct contribution *item = &added->items[i];
		uint32_t component = item->cell - measure->component;
		int64_t amount;
		if (item->cell < measure->component || component >= measure->component_count ||
			!within(measure, component, &use->span, item->time) ||
			!key_amount(attribution, item, use, &amount))
			continue;
		attribute_one(attribution, u, component, item->time, amount, second_of(added, i, measure));
	}
}

/* An event that was taken back would have been one of the measure's. */
static void note_superseded(struct attribution *attribution, unsigned u)
{
	const struct explanation *explanation = attribution->explanation;
	const struct use *use = &explanation->uses[u];
	const struct measure *measure = measure_of(explanation, use);
	const struct model *model = &explanation->config->model;
	const struct record *record = attribution->visit->record;
	struct contribution whole = {.group = record->group, .dimensions = measure->dimensions};
	int64_t amount;
	bool heard = hears_type(model, &measure->on, record->type) || hears_type(model, &measure->ends, record->type);
	if (heard && record->time >= use->span.from && record->time < use->span.to &&
		key_amount(attribution, &whole, use, &amount))
		add_row(attribution, u, record->time, 0)->end = ROW_SUPERSEDED;
}

static void visit_event(void *context, const struct correlate_visit *visit)
{
	struct attribution *attribution = context;
	keep_event(attribution, visit);
	for (unsigned u = 0; u < attribution->explanation->use_count; u++) {
		attribute_use(attribution, u);
		if (!visit->in_force)
			note_superseded(attribution, u);
	}
}

/* Histories come in no order: what happened at one instant stands by name and id. */
static int by_use_and_time(const void *left, const void *right, void *context)
{
	const struct row_of_event *a = left, *b = right;
	const struct explained_event *events = context;
	if (a->use != b->use)
		return a->use < b->use ? -1 : 1;
	if (a->time != b->time)
		return a->time < b->time ? -1 : 1;
	int order = str_compare(events[a->event].name, events[b->event].name);
	if (!order)
		order = str_compare(events[a->event].id, events[b->event].id);
	return order ? order : (a->event > b->event) - (a->event < b->event);
}

void explanation_collect(struct explanation *explanation, const struct engine *engine)
{
	for (uint32_t s = 0; s < engine->shard_count; s++) {
		struct attribution attribution = {
			.explanation = explanation, .groups = shard_groups(engine->shards[s]), .event = EXPLAIN_NONE};
		shard_each(engine->shards[s], visit_event, &attribution);
	}
	if (explanation->row_count)
		qsort_r(explanation->rows, explanation->row_count, sizeof *explanation->rows, by_use_and_time,
			explanation->events);
}

int64_t explanation_sum(const struct explanation *explanation, unsigned use)
{
	int64_t sum = 0;
	for (uint32_t i = 0; i < explanation->row_count; i++)
		if (explanation->rows[i].use == use && explanation->rows[i].end == ROW_COUNTS)
			sum += explanation->rows[i].amount;
	return sum;
}

void explanation_release(struct explanation *explanation)
{
	mem_free(explanation->events);
	mem_free(explanation->rows);
	arena_release(&explanation->arena);
	*explanation = (struct explanation){0};
}
