/* How `kpictl top` writes things down: figures in a form for people, and texts cut and padded to columns of a terminal. */
#ifndef KPICTL_TOP_TEXT_H
#define KPICTL_TOP_TEXT_H

#include "base/buf.h"

enum top_kind { TOP_RATE, TOP_CHANGE, TOP_MONEY, TOP_COUNT, TOP_RATIO, TOP_SECONDS };

/* The kind of a KPI, by its name. */
enum top_kind top_kind_of(struct str kpi);
/* "41.2 %", "+12 %", "84.2k", "1,234", "2.31", "2h 14m" */
void top_put_figure(struct buf *out, enum top_kind kind, double value);
/* The text of a member of a snapshot's JSON, without quotes; empty where there is none. The JSON is our own: compact, and in a fixed order. */
struct str top_member(struct str json, const char *name);
bool top_number(struct str text, double *ret_value);

/* Columns that a text takes on a terminal; after top_put_clean. */
int top_width(struct str text);
/* Without control characters and broken UTF-8, which become '?'. */
void top_put_clean(struct buf *out, struct str text);
/* Cut ("…") or padded to `width` columns, to the left or to the right. */
void top_put_cell(struct buf *out, struct str text, int width, bool right);
void top_put_repeated(struct buf *out, const char *text, int count);
/* Percent-encoding of keys undone. */
void top_put_decoded(struct buf *out, struct str key);
/* "14:03:20" by the clock of this machine. */
void top_put_clock(struct buf *out, int64_t ms);
/* "5s", "3m", "2h 5m", "4d 1h" */
void top_put_span(struct buf *out, double seconds);

#endif
