/* Documents that are as one before, but for their texts and numbers.
 *
 * Whoever writes events writes the same bytes again and again around other values. What was parsed once is remembered as a shape: those
 * bytes, and what the document looks like. A document is compared with what is known from its first byte to its last, and only its texts and
 * numbers are looked at, as strictly as by the parser; what comes out is what the parser would say. Where nothing is like it, the parser is asked.
 *
 * A shape is learned when it has come a few times. There is room for some hundreds; when it is full, and most of what comes is none of them, they are all
 * forgotten. So strange documents cost little more than they would without. */
#ifndef PIPELINE_DECODE_SHAPES_H
#define PIPELINE_DECODE_SHAPES_H

#include "pipeline/decode/json.h"

#define SHAPE_VALUES_MAX 64

/* A text or number of a document: its bytes without quotes, and its node; 0: it is not listed. */
struct shape_value {
	uint32_t start, end;
	uint32_t node;
};

/* A parsed object: its text, unchanged, and the values in its order, but for those that are to be the same in all documents of the shape. */
struct shape_sample {
	struct str text;
	const struct shape_value *values;
	uint32_t value_count;
	struct json_document document;
	uint32_t node_count, place_count;
};

struct shapes;

struct shapes *shapes_new(void);
/* What the text is, if it is like one before of this family; false where it is not, or not right. Behind the text stand JSON_PADDING NULs; texts are
 * resolved in place, which *ret_changed says. The document's nodes belong to the shape: they stay where they are as long as it is known. */
bool shapes_find(
	struct shapes *shapes, uint32_t family, struct str text, struct json_document *ret_document, bool *ret_changed);
/* One that was not found. May forget all that was known, with its notes. */
void shapes_learn(struct shapes *shapes, uint32_t family, const struct shape_sample *sample);
/* What was found out about all documents of the shape, from their nodes, which are the same, the texts that are the same in all, and what kind the
 * others are of. NULL: nothing yet. */
const void *shape_note(const struct shape *shape);
/* Keeps a copy, aligned to 8 bytes, as long as the shape is known. */
void shape_keep_note(struct shape *shape, const void *note, size_t size);
void shapes_free(struct shapes *shapes);

#endif
