#include "pipeline/correlate/shelf.h"

#include "base/check.h"
#include "base/mem.h"

#include <stddef.h>

/* 2^18 bytes are 2^15 places. The first pieces are smaller: most shards have few customers. */
#define PIECE_BYTES (1u << 18)
#define FIRST_BYTES (1u << 10)
#define UNIT 8u
enum { OFFSET_BITS = 15 };
#define PIECES_MAX (1u << (31 - OFFSET_BITS))
/* What may lie in gaps: a part of what is there. */
#define GAPS_PART 4

struct shelf_piece {
	uint32_t size, used, live; /* bytes */
	uint8_t bytes[] __attribute__((aligned(8)));
};

void shelf_init(struct shelf *shelf, shelf_moved *moved, void *context)
{
	*shelf = (struct shelf){.moved = moved, .context = context};
}

static inline uint32_t room_of(size_t size)
{
	return (uint32_t)(size + UNIT - 1) / UNIT * UNIT;
}

static inline uint32_t place_of(uint32_t piece, uint32_t offset)
{
	return piece << OFFSET_BITS | offset / UNIT;
}

static inline uint32_t piece_of(uint32_t place)
{
	return place >> OFFSET_BITS;
}

static inline struct packed *packed_in(struct shelf_piece *piece, uint32_t offset)
{
	return (struct packed *)(void *)(piece->bytes + offset);
}

static inline struct packed *packed_at(const struct shelf *shelf, uint32_t place)
{
	uint32_t offset = (place & ((1u << OFFSET_BITS) - 1)) * UNIT;
	return packed_in(shelf->pieces[piece_of(place)], offset);
}

const struct packed *shelf_at(const struct shelf *shelf, uint32_t place)
{
	return packed_at(shelf, place);
}

static bool has_room(const struct shelf *shelf, uint32_t room)
{
	const struct shelf_piece *piece = shelf->piece_count ? shelf->pieces[shelf->filling] : NULL;
	return piece && piece->size - piece->used >= room;
}

static uint32_t free_number(struct shelf *shelf)
{
	uint32_t number = 0;
	while (number < shelf->piece_count && shelf->pieces[number])
		number++;
	if (number == shelf->piece_count) {
		CHECK(number < PIECES_MAX);
		GROW(shelf->pieces, shelf->piece_count, shelf->piece_capacity);
		shelf->piece_count++;
	}
	return number;
}

/* One that is too large for a piece gets one of its own. */
static void open_piece(struct shelf *shelf, uint32_t room)
{
	uint32_t number = free_number(shelf);
	uint32_t size = number < 8 ? FIRST_BYTES << number : PIECE_BYTES;
	size = size < room ? room : size;
	struct shelf_piece *piece = mem_resize(NULL, 1, sizeof *piece + size);
	*piece = (struct shelf_piece){.size = size};
	shelf->pieces[number] = piece;
	shelf->filling = number;
}

static void close_piece(struct shelf *shelf, uint32_t number)
{
	shelf->taken -= shelf->pieces[number]->used;
	mem_free(shelf->pieces[number]);
	shelf->pieces[number] = NULL;
}

static uint32_t put(struct shelf *shelf, struct str packed)
{
	uint32_t room = room_of(packed.length);
	if (!has_room(shelf, room))
		open_piece(shelf, room);
	struct shelf_piece *piece = shelf->pieces[shelf->filling];
	uint32_t place = place_of(shelf->filling, piece->used);
	memcpy(piece->bytes + piece->used, packed.data, packed.length);
	piece->used += room;
	piece->live += room;
	shelf->taken += room;
	shelf->live += room;
	return place;
}

void shelf_drop(struct shelf *shelf, uint32_t place)
{
	uint32_t number = piece_of(place);
	struct shelf_piece *piece = shelf->pieces[number];
	struct packed *packed = packed_at(shelf, place);
	uint32_t room = room_of(packed->size);
	packed->saved = 0;
	piece->live -= room;
	shelf->live -= room;
	if (piece->live == 0 && number != shelf->filling)
		close_piece(shelf, number);
}

/* The piece with the largest gaps, but for the one that is being filled; piece_count: none has any. */
static uint32_t emptiest(const struct shelf *shelf)
{
	uint32_t found = shelf->piece_count, largest = 0;
	for (uint32_t i = 0; i < shelf->piece_count; i++) {
		const struct shelf_piece *piece = shelf->pieces[i];
		uint32_t gaps = piece && i != shelf->filling ? piece->used - piece->live : 0;
		if (gaps > largest) {
			largest = gaps;
			found = i;
		}
	}
	return found;
}

static void empty(struct shelf *shelf, uint32_t number)
{
	struct shelf_piece *piece = shelf->pieces[number];
	uint32_t moved = 0;
	for (uint32_t offset = 0; offset < piece->used;) {
		const struct packed *packed = packed_in(piece, offset);
		if (packed->saved) {
			uint32_t to = put(shelf, (struct str){(const char *)packed, packed->size});
			shelf->moved(shelf->context, packed, place_of(number, offset), to);
			moved += room_of(packed->size);
		}
		offset += room_of(packed->size);
	}
	shelf->live -= moved;
	close_piece(shelf, number);
}

static void close_gaps(struct shelf *shelf)
{
	while (shelf->taken - shelf->live > shelf->live / GAPS_PART + PIECE_BYTES) {
		uint32_t number = emptiest(shelf);
		if (number == shelf->piece_count)
			return;
		empty(shelf, number);
	}
}

uint32_t shelf_put(struct shelf *shelf, struct str packed)
{
	close_gaps(shelf);
	return put(shelf, packed);
}

const struct packed *shelf_next(const struct shelf *shelf, struct shelf_walk *walk)
{
	while (walk->piece < shelf->piece_count) {
		struct shelf_piece *piece = shelf->pieces[walk->piece];
		if (!piece || walk->offset >= piece->used) {
			*walk = (struct shelf_walk){walk->piece + 1, 0};
			continue;
		}
		const struct packed *packed = packed_in(piece, walk->offset);
		walk->offset += room_of(packed->size);
		if (packed->saved)
			return packed;
	}
	return NULL;
}

void shelf_release(struct shelf *shelf)
{
	for (uint32_t i = 0; i < shelf->piece_count; i++)
		mem_free(shelf->pieces[i]);
	mem_free(shelf->pieces);
	*shelf = (struct shelf){.moved = shelf->moved, .context = shelf->context};
}
