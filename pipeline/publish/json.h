/* A figure as text: what stands in a snapshot's field, and the line that `kpictl replay` prints. Compact JSON, its members always in
 * the same order; numbers are the shortest plain decimals. */
#ifndef PIPELINE_PUBLISH_JSON_H
#define PIPELINE_PUBLISH_JSON_H

#include "base/buf.h"
#include "pipeline/evaluate/goals.h"

/* What most figures of a window have in common, kept from one to the next: their two times as text. All zero before the first. */
struct json_span {
	int64_t from, to;
	uint8_t length; /* 0: no text yet */
	char text[119];
};

/* In quotes, escaped. The text is UTF-8. */
void json_put_string(struct buf *out, struct str text);
/* {"value":0.35,"numerator":7,"denominator":20,"n":20,"from":"...Z","to":"...Z","complete":true}; of an aim (may be NULL, or nothing) also
 * "target", "pace" and "status", as docs/targets.md has them; and last "reason" where value is null. */
void json_put_figure(struct buf *out, const struct figure *figure, const struct aim *aim);
/* The same for many: `span` is of the window, or NULL. */
void json_put_figure_again(struct buf *out, const struct figure *figure, const struct aim *aim, struct json_span *span);
/* {"dimension":"rep","key":"r-1","kpi":"close_rate","window":"30d","value":...,"complete":true,"reason":null}, without a line end; of an aim
 * the same as above, before "reason". */
void json_put_line(struct buf *out, const struct model *model, uint8_t dimension, struct str key,
	const struct figure *figure, const struct aim *aim);

#endif
