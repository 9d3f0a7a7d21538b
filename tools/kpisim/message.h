/* An event as JSON. One event can be written in many ways that all mean the same; `noise` chooses among them. */
#ifndef KPISIM_MESSAGE_H
#define KPISIM_MESSAGE_H

#include "base/zone.h"
#include "tools/kpisim/event.h"

struct message_style {
	bool cloudevent; /* CloudEvents 1.0, structured mode */
	uint32_t noise;  /* offsets of times, forms of numbers, escapes, spaces, fields that nobody knows */
	const char *currency;
};

/* Appends one line without its end. */
void message_put(struct buf *buf, const struct event *event, const struct zone *zone, struct message_style style);
/* The JSON of a text in UTF-8, with its quotes; `ascii` escapes everything beyond ASCII. */
void message_put_text(struct buf *buf, struct str text, bool ascii);

#endif
