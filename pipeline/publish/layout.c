#include "pipeline/publish/layout.h"

#include "base/buf.h"
#include "pipeline/evaluate/formula.h"

static bool has_figure(const struct kpi *kpi, uint8_t dimension, uint8_t window)
{
	return (kpi->dimensions >> dimension & 1) && (kpi->windows >> window & 1);
}

static bool has_board(const struct model *model, uint16_t kpi, uint8_t dimension, uint8_t window)
{
	for (uint16_t i = 0; i < model->board_count; i++) {
		const struct board *board = &model->boards[i];
		if (board->kpi == kpi && board->dimension == dimension && (board->windows >> window & 1))
			return true;
	}
	return false;
}

static struct str field_name(struct arena *arena, const char *kpi, const char *window)
{
	struct buf text;
	buf_init(&text);
	buf_put_text(&text, kpi);
	buf_put_byte(&text, '@');
	buf_put_text(&text, window);
	struct str name = arena_str(arena, buf_str(&text));
	buf_release(&text);
	return name;
}

static void add_measure(uint64_t *needs, const struct measure *measure)
{
	for (uint32_t i = measure->component; i < measure->component + measure->component_count; i++)
		needs[i / 64] |= UINT64_C(1) << i % 64;
}

/* Of which keys the step looks at its measure, in a figure of a key of `dimension`. */
static uint8_t dimension_of(const struct kpi *kpi, const struct formula_step *step, uint8_t dimension)
{
	if (step->company)
		return DIMENSION_COMPANY;
	return kpi->roll_up ? kpi->roll_up : dimension;
}

/* What the formula of a key of `dimension` looks at in keys of `wanted`: whether it looks at any. */
static bool add_needs(uint64_t *needs, const struct model *model, const struct kpi *kpi, const struct formula *formula,
	uint8_t dimension, uint8_t wanted)
{
	bool any = false;
	for (uint16_t i = 0; i < formula->count; i++) {
		const struct formula_step *step = &formula->steps[i];
		if (!formula_step_measures(step) || dimension_of(kpi, step, dimension) != wanted)
			continue;
		add_measure(needs, &model->measures[step->measure]);
		any = true;
	}
	return any;
}

static bool add_all_needs(
	uint64_t *needs, const struct model *model, const struct kpi *kpi, uint8_t dimension, uint8_t wanted)
{
	bool formula = add_needs(needs, model, kpi, &kpi->formula, dimension, wanted);
	return add_needs(needs, model, kpi, &kpi->sample, dimension, wanted) || formula;
}

static void put_needs(
	struct layout *layout, struct arena *arena, const struct model *model, uint8_t dimension, struct slot *slot)
{
	const struct kpi *kpi = &model->kpis[slot->kpi];
	uint64_t *own = ARENA_ARRAY(arena, uint64_t, layout->word_count);
	uint64_t *far = ARENA_ARRAY(arena, uint64_t, layout->word_count);
	bool any = add_all_needs(own, model, kpi, dimension, dimension);
	slot->needs = own;
	slot->far_dimension = dimension == DIMENSION_COMPANY ? kpi->roll_up : DIMENSION_COMPANY;
	if (slot->far_dimension != dimension && add_all_needs(far, model, kpi, dimension, slot->far_dimension)) {
		slot->far_needs = far;
		layout->looks_far = true;
	} else if (!any) {
		/* One that needs nothing is looked at with whatever comes. */
		memset(own, 0xff, layout->word_count * sizeof *own);
	}
}

static void add_slot(struct layout *layout, struct arena *arena, const struct model *model, const struct goals *goals,
	uint8_t dimension, uint16_t kpi, uint8_t window)
{
	struct slot *slot = &layout->slots[layout->slot_count++];
	slot->kpi = kpi;
	slot->window = window;
	slot->board = has_board(model, kpi, dimension, window) ? layout->board_count++ : LAYOUT_NO_BOARD;
	slot->wishes = goals_wishes(goals, arena, kpi, window, dimension);
	slot->name = field_name(arena, model->kpis[kpi].name, model->windows[window].name);
	put_needs(layout, arena, model, dimension, slot);
}

void layout_init(struct layout *layout, struct arena *arena, const struct model *model, const struct goals *goals,
	uint8_t dimension)
{
	*layout = (struct layout){.word_count = (model->component_count + 63) / 64};
	layout->slots = ARENA_ARRAY(arena, struct slot, (size_t)model->kpi_count * model->window_count);
	for (uint16_t kpi = 0; kpi < model->kpi_count; kpi++)
		for (uint8_t window = 0; window < model->window_count; window++)
			if (has_figure(&model->kpis[kpi], dimension, window))
				add_slot(layout, arena, model, goals, dimension, kpi, window);
	layout->rules = ARENA_ARRAY(arena, const struct alert_rule *, model->alert_count);
	for (uint16_t i = 0; i < model->alert_count; i++)
		if (model->alerts[i].dimension == dimension)
			layout->rules[layout->rule_count++] = &model->alerts[i];
}
