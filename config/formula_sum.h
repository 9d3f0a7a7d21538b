/* Whether a figure is reached bit by bit: docs/targets.md, "Adding up". Pure. */
#ifndef CONFIG_FORMULA_SUM_H
#define CONFIG_FORMULA_SUM_H

#include "config/model.h"

/* The formula is a sum of what happens in the window: the figure of an interval is the sum of those of its parts. */
bool formula_adds_up(const struct model *model, const struct formula *formula);

#endif
