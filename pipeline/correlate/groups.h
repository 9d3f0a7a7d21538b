/* Whose an event is: the keys that it has in all dimensions, as one small number.
 *
 * A plain group is a tuple of key ids, one for each dimension; a split one (an event with credits) a list of plain groups with their
 * shares, whose keys it has, too. Equal groups have equal numbers. Company has the one key "all" (id 0). In the other
 * dimensions id 0 is "unassigned" and id 1 is "__other__", where keys beyond the limit go. Numbers are never reused; they are
 * part of the checkpoint. */
#ifndef PIPELINE_CORRELATE_GROUPS_H
#define PIPELINE_CORRELATE_GROUPS_H

#include "base/buf.h"
#include "base/names.h"
#include "config/model.h"
#include "config/roster.h"
#include "pipeline/decode/event.h"

#define GROUPS_PARTS_MAX EVENT_CREDITS_MAX
#define GROUPS_UNASSIGNED 0
#define GROUPS_OTHER 1

struct groups {
	const struct model *model;
	const struct schema *schema;
	const struct roster *roster;
	uint32_t keys_max;   /* of one dimension */
	uint64_t over_limit; /* events that went to __other__ */
	struct names keys[MODEL_DIMENSIONS_MAX];
	struct rep_team *rep_teams; /* by key of the rep, as far as one was asked for */
	uint32_t rep_team_count;
	struct names tuples; /* the bytes of a tuple or list -> group */
	struct buf text;     /* a composite key in the making */
};

/* One key of a group in some dimension. */
struct group_key {
	uint32_t key;
	uint32_t group; /* a plain group that has it */
	int64_t amount; /* groups_split: what the key gets */
};

/* Everything is borrowed. */
void groups_init(struct groups *groups, const struct model *model, const struct schema *schema,
	const struct roster *roster, uint32_t keys_max);
/* The group of an event: its rep or the reps that it credits, that rep's team at the event's time (without a rep the event's own team), and
 * so on. */
uint32_t groups_of_event(struct groups *groups, const struct event *event);
/* Where the event moves the members of stocks: its group with the keys that it moves to, and itself where it moves none. */
uint32_t groups_of_moves(struct groups *groups, const struct event *event, uint32_t group);
/* `group` (each of its parts), with the key of `to` in the dimension. */
uint32_t groups_moved(struct groups *groups, uint32_t group, uint8_t dimension, uint32_t to);
bool groups_is_split(const struct groups *groups, uint32_t group);
/* The key id of a plain group in a dimension; of a split one that of its first part. */
uint32_t groups_key(const struct groups *groups, uint32_t group, uint8_t dimension);
/* Its key ids in all dimensions. */
void groups_tuple(const struct groups *groups, uint32_t group, uint32_t *ret_tuple);
/* The keys that a group has in a dimension, none twice: one, where it is plain. Their number, at most GROUPS_PARTS_MAX. */
unsigned groups_keys(const struct groups *groups, uint32_t group, uint8_t dimension, struct group_key *ret_keys);
/* The same with an amount split among them, by docs/figures.md, "Split credit": the parts add up to it, and a negative amount has the
 * negative parts. */
unsigned groups_split(
	const struct groups *groups, uint32_t group, uint8_t dimension, int64_t amount, struct group_key *ret_keys);
struct str groups_key_text(const struct groups *groups, uint8_t dimension, uint32_t key);
/* The number of another shard's group here. Its keys are taken over whatever the limit: they were counted when they came. */
uint32_t groups_adopt(struct groups *groups, const struct groups *from, uint32_t group);
void groups_save(const struct groups *groups, struct buf *out);
/* Into fresh groups. RESULT_CORRUPT on damage. */
MUST_CHECK enum result groups_load(struct groups *groups, struct reader *in);
void groups_release(struct groups *groups);

#endif
