#include "pipeline/correlate/cells.h"

#include "base/mem.h"

static bool cell_before(const struct cell *cell, uint16_t slot, int64_t key)
{
	return cell->slot != slot ? cell->slot < slot : cell->key < key;
}

uint32_t cells_at(const struct cells *cells, uint16_t slot, int64_t key)
{
	uint32_t low = 0, high = cells->count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (cell_before(&cells->items[middle], slot, key))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct cell *cells_find(const struct cells *cells, uint16_t slot, int64_t key)
{
	uint32_t at = cells_at(cells, slot, key);
	if (at == cells->count || cells->items[at].slot != slot || cells->items[at].key != key)
		return NULL;
	return &cells->items[at];
}

void cells_add(struct cells *cells, struct cell cell)
{
	uint32_t at = cells_at(cells, cell.slot, cell.key);
	while (at < cells->count && cells->items[at].slot == cell.slot && cells->items[at].key == cell.key)
		at++;
	GROW(cells->items, cells->count, cells->capacity);
	memmove(&cells->items[at + 1], &cells->items[at], (cells->count - at) * sizeof cell);
	cells->items[at] = cell;
	cells->count++;
}

void cells_remove(struct cells *cells, struct cell *cell)
{
	uint32_t at = (uint32_t)(cell - cells->items);
	cells_remove_range(cells, at, at + 1);
}

void cells_remove_range(struct cells *cells, uint32_t from, uint32_t to)
{
	if (from == to)
		return;
	memmove(&cells->items[from], &cells->items[to], (cells->count - to) * sizeof *cells->items);
	cells->count -= to - from;
}

void cells_copy(struct cells *to, const struct cells *from)
{
	if (to->capacity < from->count) {
		to->items = mem_resize(to->items, from->count, sizeof *to->items);
		to->capacity = from->count;
	}
	if (from->count)
		memcpy(to->items, from->items, from->count * sizeof *to->items);
	to->count = from->count;
}

void cells_save(const struct cells *cells, struct buf *out)
{
	buf_put_varint(out, cells->count);
	for (uint32_t i = 0; i < cells->count; i++) {
		const struct cell *cell = &cells->items[i];
		buf_put_varint(out, cell->slot);
		buf_put_svarint(out, cell->key);
		buf_put_svarint(out, cell->time);
		buf_put_varint(out, cell->group);
		buf_put_byte(out, (uint8_t)cell->done);
	}
}

bool cells_load(struct cells *cells, struct reader *in)
{
	uint64_t count = reader_varint(in);
	for (uint64_t i = 0; i < count && !in->failed; i++) {
		struct cell cell = {.slot = (uint16_t)reader_varint(in)};
		cell.key = reader_svarint(in);
		cell.time = reader_svarint(in);
		cell.group = (uint32_t)reader_varint(in);
		cell.done = reader_byte(in);
		if (!in->failed)
			cells_add(cells, cell);
	}
	return !in->failed;
}

void cells_release(struct cells *cells)
{
	mem_free(cells->items);
	*cells = (struct cells){0};
}
