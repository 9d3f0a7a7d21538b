/* Finding what the user named; what is not there is said on standard error, with the name that may have been meant. */
#ifndef KPICTL_NAMES_H
#define KPICTL_NAMES_H

#include "tools/kpictl/engine.h"

bool names_find_kpi(const char *verb, const struct model *model, struct str name, uint16_t *ret_kpi);
bool names_find_dimension(const char *verb, const struct model *model, struct str name, uint8_t *ret_dimension);
bool names_find_window(const char *verb, const struct model *model, struct str name, uint8_t *ret_window);
/* A key that has figures. */
bool names_find_key(const char *verb, const struct engine *engine, uint8_t dimension, struct str key,
	const struct merged_key **ret_key);

#endif
