/* Inside publish: what the publisher remembers of a key, and the publisher itself. */
#ifndef PIPELINE_PUBLISH_VIEW_H
#define PIPELINE_PUBLISH_VIEW_H

#include "base/map.h"
#include "pipeline/publish/json.h"
#include "pipeline/publish/layout.h"
#include "pipeline/publish/publisher.h"

/* A key as readers know it. It stands in the key's slot. */
struct view {
	struct merged_key *key;
	const struct layout *layout;
	const char *dimension;
	uint32_t position;  /* in publisher.views */
	uint32_t turn : 31; /* in or after which it was last handed out whole */
	uint32_t fresh : 1; /* nothing of it was handed out yet */
	struct str encoded;
	struct str name;                  /* for people; the roster's or the key's own bytes */
	const struct roster_rep *manager; /* as handed out last */
	uint64_t *hashes;                 /* of the figures handed out last, by slot */
	double *scores;                   /* by board; NAN: not a member */
	struct alert *alerts;             /* by rule of the layout */
};

/* A roster key that the publisher holds in the merge, or NULL. */
struct held {
	struct merged_key **reps, **teams;
	struct merged_key *company;
};

/* Alerts from before a restart that no key has claimed yet: fingerprint -> index. */
struct restored {
	struct map places;
	struct alert *alerts;
	uint32_t count, capacity;
};

struct board_entry {
	const struct slot *slot;
	double score; /* NAN: none */
};

struct publisher {
	const struct model *model;
	const struct roster *roster;
	struct merge *merge;
	struct publication_sink sink;
	struct arena arena;
	struct goals *goals;
	struct layout layouts[MODEL_DIMENSIONS_MAX];
	uint64_t *news[MODEL_DIMENSIONS_MAX]; /* what is new in this turn in any key of the dimension */
	struct map teams;                     /* id -> index into the roster's */
	struct view **views;
	uint32_t view_count, view_capacity;
	uint32_t next_refresh;
	struct held held;
	struct restored restored;
	uint32_t turn;
	bool turned; /* there was a turn: end and status are of the last one */
	int64_t end;
	struct merge_status status;
	uint64_t revision;
	/* Memory of one hand-over, as large as the largest layout asks for. */
	struct snapshot_field *fields;
	struct board_entry *entries;
	struct buf json;
	struct json_span json_spans[MODEL_WINDOWS_MAX];
	struct buf text;
};

/* Whether the figure looks at something new in other keys. */
static inline bool looks_far_at_news(
	const struct publisher *publisher, const struct layout *layout, const struct slot *slot)
{
	return slot->far_needs && layout_overlap(layout, slot->far_needs, publisher->news[slot->far_dimension]);
}

/* The view of the key, made where there is none. */
struct view *view_of(struct publisher *publisher, struct merged_key *key);
/* Hands out what changed, or with `whole` all there is. */
void view_publish(struct publisher *publisher, const struct evaluation *evaluation, struct view *view, bool whole);
/* Hands out that the key is gone, and forgets it. */
void view_remove(struct publisher *publisher, const struct evaluation *evaluation, struct view *view);
void view_free(struct publisher *publisher, struct view *view);

/* Gives a new view the states from before the restart. */
void alerts_claim(struct publisher *publisher, struct view *view);
/* All alerts of a key that is gone are over. */
void alerts_end(struct publisher *publisher, const struct evaluation *evaluation, struct view *view);

/* Holds the keys that the roster has within the longest window (of teams: all), lets go of the others. */
void roster_hold(struct publisher *publisher, const struct window_spans *spans);
void roster_let_go(struct publisher *publisher);
/* The rep that leads the team at that instant, or NULL: no team, or nobody leads it. */
const struct roster_rep *roster_manager_of(
	const struct publisher *publisher, uint8_t dimension, struct str key, int64_t time);
struct str roster_name_of(const struct publisher *publisher, uint8_t dimension, struct str key);

#endif
