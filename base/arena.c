#include "base/arena.h"

#include "base/check.h"
#include "base/mem.h"

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20, ALIGNMENT = 8 };

struct arena_block {
	struct arena_block *next;
	size_t size;
	_Alignas(16) char bytes[];
};

void arena_init(struct arena *arena)
{
	*arena = (struct arena){0};
}

/* Blocks double up to a limit, so that a small arena stays small and a large one has few blocks. */
static void add_block(struct arena *arena, size_t least)
{
	size_t size = arena->blocks ? arena->blocks->size * 2 : FIRST_BLOCK;
	if (size > LARGEST_BLOCK)
		size = LARGEST_BLOCK;
	if (size < least)
		size = least;
	CHECK(size < SIZE_MAX / 2);
	struct arena_block *block = mem_resize(NULL, sizeof *block + size, 1);
	block->next = arena->blocks;
	block->size = size;
	arena->blocks = block;
	arena->used = 0;
}

static char *take(struct arena *arena, size_t size)
{
	CHECK(size < SIZE_MAX / 2);
	size_t rounded = (size + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
	if (!arena->blocks || arena->blocks->size - arena->used < rounded)
		add_block(arena, rounded);
	char *piece = arena->blocks->bytes + arena->used;
	arena->used += rounded;
	arena->total += rounded;
	return piece;
}

void *arena_new(struct arena *arena, size_t size)
{
	return memset(take(arena, size), 0, size);
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;
	CHECK(!__builtin_mul_overflow(count, size, &bytes));
	return arena_new(arena, bytes);
}

char *arena_text(struct arena *arena, struct str text)
{
	char *copy = take(arena, text.length + 1);
	if (text.length)
		memcpy(copy, text.data, text.length);
	copy[text.length] = '\0';
	return copy;
}

struct str arena_str(struct arena *arena, struct str text)
{
	return (struct str){arena_text(arena, text), text.length};
}

static void free_blocks(struct arena_block *block)
{
	while (block) {
		struct arena_block *next = block->next;
		mem_free(block);
		block = next;
	}
}

void arena_clear(struct arena *arena)
{
	if (arena->blocks) {
		free_blocks(arena->blocks->next);
		arena->blocks->next = NULL;
	}
	arena->used = 0;
	arena->total = 0;
}

void arena_release(struct arena *arena)
{
	if (!arena)
		return;
	free_blocks(arena->blocks);
	arena_init(arena);
}
