#include "tools/kpictl/names.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>

/* Its index. */
static bool find(
	const char *verb, const char *what, const char *const *names, size_t count, struct str name, size_t *ret_index)
{
	for (size_t i = 0; i < count; i++)
		if (str_equal(name, str_of(names[i]))) {
			*ret_index = i;
			return true;
		}
	const char *nearest = text_nearest(name, names, count);
	fprintf(stderr, "kpictl %s: there is no %s '%.*s'%s%s%s\n", verb, what, STR_ARG(name),
		nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
	return false;
}

bool names_find_kpi(const char *verb, const struct model *model, struct str name, uint16_t *ret_kpi)
{
	const char **names = NEW_ARRAY(const char *, model->kpi_count);
	size_t index;
	for (uint16_t i = 0; i < model->kpi_count; i++)
		names[i] = model->kpis[i].name;
	bool found = find(verb, "KPI", names, model->kpi_count, name, &index);
	mem_free(names);
	if (found)
		*ret_kpi = (uint16_t)index;
	return found;
}

bool names_find_dimension(const char *verb, const struct model *model, struct str name, uint8_t *ret_dimension)
{
	const char *names[MODEL_DIMENSIONS_MAX];
	size_t index;
	for (uint8_t i = 0; i < model->dimension_count; i++)
		names[i] = model->dimensions[i].name;
	bool found = find(verb, "dimension", names, model->dimension_count, name, &index);
	if (found)
		*ret_dimension = (uint8_t)index;
	return found;
}

bool names_find_window(const char *verb, const struct model *model, struct str name, uint8_t *ret_window)
{
	const char *names[MODEL_WINDOWS_MAX];
	size_t index;
	for (uint8_t i = 0; i < model->window_count; i++)
		names[i] = model->windows[i].name;
	bool found = find(verb, "window", names, model->window_count, name, &index);
	if (found)
		*ret_window = (uint8_t)index;
	return found;
}

bool names_find_key(const char *verb, const struct engine *engine, uint8_t dimension, struct str key,
	const struct merged_key **ret_key)
{
	struct arena arena;
	*ret_key = engine_key(engine, dimension, key);
	if (*ret_key)
		return true;
	arena_init(&arena);
	const char *nearest = engine_nearest_key(engine, dimension, key, &arena);
	fprintf(stderr, "kpictl %s: there is no %s '%.*s' then%s%s%s\n", verb,
		engine->config->model.dimensions[dimension].name, STR_ARG(key), nearest ? "; did you mean '" : "",
		nearest ? nearest : "", nearest ? "'?" : "");
	arena_release(&arena);
	return false;
}
