/* Names to numbers 0, 1, 2 ... in the order of their first appearance, and back. Names are any bytes, and never removed one by one.
 *
 * Open addressing, keyed SipHash, so nobody can choose names that collide. Each name's bytes are kept once, beside those of the names that came with
 * it, and stay where they are until release. */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include "base/arena.h"
#include "base/hash.h"

#define NAMES_NONE UINT32_MAX
#define NAMES_RECENT_BITS 9

struct name_text;
struct names_slot;
struct names_recent;
struct names {
	struct names_slot *slots;
	const struct name_text **texts; /* by number */
	uint32_t slot_count;            /* a power of two, or 0 */
	uint32_t count, capacity;
	struct hash_key key;
	struct arena arena;          /* the texts */
	struct names_recent *recent; /* 2 ^ NAMES_RECENT_BITS of them, once there is a name */
};

void names_init(struct names *names);
uint32_t names_add(struct names *names, struct str text);        /* the number it has or gets */
uint32_t names_find(const struct names *names, struct str text); /* NAMES_NONE where unknown */
struct str names_text(const struct names *names, uint32_t id);
void names_release(struct names *names);

#endif
