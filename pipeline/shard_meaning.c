/* What the numbers that a shard stores stand for, as one hash. */
#include "base/hash.h"
#include "pipeline/shard.h"

static void put_trigger_stocks(struct buf *out, const struct trigger_list *list)
{
	for (unsigned i = 0; i < list->count; i++)
		if (list->items[i].kind != TRIGGER_EVENT)
			buf_put_varint(out, list->items[i].index);
}

/* The identity says what a measure is; the rest, where its numbers stand. */
static void put_measure(struct buf *out, const struct measure *measure)
{
	buf_put_u64(out, measure->identity);
	buf_put_u32(out, measure->component);
	buf_put_byte(out, measure->dimensions);
	buf_put_byte(out, measure->extreme_dimensions);
	buf_put_svarint(out, measure->stock);
	buf_put_varint(out, measure->since_slot);
	for (unsigned i = 0; i < measure->since_count; i++)
		buf_put_varint(out, measure->since[i]);
	put_trigger_stocks(out, &measure->on);
	put_trigger_stocks(out, &measure->ends);
}

static void put_field(struct buf *out, const struct field *field)
{
	buf_put_counted(out, str_of(field->name));
	buf_put_byte(out, (uint8_t)field->kind);
	buf_put_varint(out, field->choice_count);
	for (unsigned i = 0; i < field->choice_count; i++)
		buf_put_counted(out, str_of(field->choices[i]));
}

static void put_dimension(struct buf *out, const struct config *config, const struct dimension *dimension)
{
	buf_put_counted(out, str_of(dimension->name));
	buf_put_counted(out, str_of(dimension->field < 0 ? "" : config->schema.fields[dimension->field].name));
	buf_put_counted(out, (struct str){(const char *)dimension->parts, dimension->part_count});
}

/* Slices are kept only for as long as a window reaches back. */
static void put_window(struct buf *out, const struct window *window)
{
	buf_put_byte(out, window->kind);
	buf_put_byte(out, window->unit);
	buf_put_svarint(out, window->length);
	buf_put_svarint(out, window->days);
	buf_put_svarint(out, window->back);
}

static void put_calendar(struct buf *out, const struct config *config)
{
	buf_put_counted(out, str_of(config->zone.name));
	buf_put_svarint(out, config->settings.week_start);
	buf_put_svarint(out, config->settings.fiscal_year_start);
	buf_put_u64(out, (uint64_t)config->model.smallest_step);
}

/* What the stored numbers mean: another list of measures, stocks, choices or types makes them mean something else. */
uint64_t shard_meaning(const struct config *config)
{
	const struct model *model = &config->model;
	struct buf bytes;
	buf_init(&bytes);
	buf_put_varint(&bytes, model->stock_count);
	for (unsigned m = 0; m < model->measure_count; m++)
		put_measure(&bytes, &model->measures[m]);
	for (unsigned d = 0; d < model->dimension_count; d++)
		put_dimension(&bytes, config, &model->dimensions[d]);
	for (unsigned t = 0; t < config->schema.type_count; t++)
		buf_put_counted(&bytes, str_of(config->schema.types[t].name));
	for (unsigned f = 0; f < config->schema.field_count; f++)
		put_field(&bytes, &config->schema.fields[f]);
	for (unsigned w = 0; w < model->window_count; w++)
		put_window(&bytes, &model->windows[w]);
	put_calendar(&bytes, config);
	buf_put_svarint(&bytes, config->schema.retractions.names);
	static const struct hash_key key = {0x6b706964, 0x6d65616e};
	uint64_t hash = hash_sip(key, buf_str(&bytes));
	buf_release(&bytes);
	return hash;
}
