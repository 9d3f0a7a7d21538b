/* A board as lines of a terminal. */
#ifndef KPICTL_TOP_DRAW_H
#define KPICTL_TOP_DRAW_H

#include "tools/kpictl/top_board.h"

struct top_frame {
	int columns, lines; /* of the terminal; lines 0: as many as there are */
	bool color;
	int64_t now_ms;
	const char *problem; /* why there is nothing newer; empty: all is well */
};

/* Every line ends in "\n". What changed since `before` (may be NULL) stands out. */
void top_draw(struct buf *out, const struct top_board *board, const struct top_board *before,
	const struct top_options *options, const struct top_frame *frame);

#endif
