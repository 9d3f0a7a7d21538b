#include "base/mem.h"
#include "pipeline/publish/view.h"

/* 10^-4, as rules have it */
enum { LIMIT_DECIMALS = 4 };

void publisher_restore_alert(struct publisher *publisher, struct str fingerprint, struct alert alert)
{
	struct restored *restored = &publisher->restored;
	GROW(restored->alerts, restored->count, restored->capacity);
	*map_put(&restored->places, fingerprint, NULL) = restored->count;
	restored->alerts[restored->count++] = alert;
}

static bool concerns(const struct alert_rule *rule, const struct view *view)
{
	return rule->key.length == 0 || str_equal(rule->key, merged_key_name(view->key));
}

void alerts_claim(struct publisher *publisher, struct view *view)
{
	struct restored *restored = &publisher->restored;
	for (uint32_t i = 0; i < view->layout->rule_count && restored->places.count; i++) {
		char fingerprint[ALERT_FINGERPRINT];
		alert_fingerprint(
			view->layout->rules[i]->name, view->dimension, merged_key_name(view->key), fingerprint);
		uint64_t *place = map_get(&restored->places, str_of(fingerprint));
		if (!place || !concerns(view->layout->rules[i], view))
			continue;
		view->alerts[i] = restored->alerts[*place];
		map_remove(&restored->places, str_of(fingerprint));
	}
}

/* `figure` may be NULL: the key is gone. */
static void hand_out(struct publisher *publisher, const struct view *view, uint32_t index, enum alert_state from,
	const struct figure *figure, int64_t end)
{
	const struct alert_rule *rule = view->layout->rules[index];
	const struct alert *alert = &view->alerts[index];
	char fingerprint[ALERT_FINGERPRINT];
	alert_fingerprint(rule->name, view->dimension, merged_key_name(view->key), fingerprint);
	struct buf *text = &publisher->text;
	buf_clear(text);
	if (figure && figure_has_value(figure))
		decimal_put(text, figure->value, FIGURE_DECIMALS);
	size_t value_length = text->length;
	decimal_put(text, rule->limit, LIMIT_DECIMALS);
	struct alert_change change = {
		.fingerprint = fingerprint,
		.rule = rule->name,
		.kpi = publisher->model->kpis[rule->kpi].name,
		.window = publisher->model->windows[rule->window].name,
		.dimension = view->dimension,
		.key = view->encoded,
		.from = from,
		.to = (enum alert_state)alert->state,
		.since = alert->since,
		.value = {text->data, value_length},
		.limit = {text->data + value_length, text->length - value_length},
		.n = figure ? figure->n : 0,
		.end = end,
		.announce = (from == ALERT_FIRING) != (alert->state == ALERT_FIRING),
		.repeated = from == (enum alert_state)alert->state,
	};
	if (publisher->sink.alert)
		publisher->sink.alert(publisher->sink.context, &change);
}

static void step(struct publisher *publisher, const struct evaluation *evaluation, struct view *view, uint32_t index)
{
	const struct alert_rule *rule = view->layout->rules[index];
	int64_t end = evaluation->spans->end;
	enum alert_state from = (enum alert_state)view->alerts[index].state;
	struct figure figure;
	evaluate_figure(evaluation, view->key, rule->kpi, (uint8_t)rule->window, &figure);
	if (alert_step(rule, &figure, end, &view->alerts[index]))
		hand_out(publisher, view, index, from, &figure, end);
}

/* Their rule or their key is no more: all that is known of them is the fingerprint. */
static void end_unclaimed(struct publisher *publisher, int64_t end)
{
	uint32_t position = 0;
	struct str fingerprint;
	uint64_t *place;
	while (map_next(&publisher->restored.places, &position, &fingerprint, &place)) {
		char text[ALERT_FINGERPRINT] = {0};
		memcpy(text, fingerprint.data, fingerprint.length < sizeof text ? fingerprint.length : sizeof text - 1);
		enum alert_state from = (enum alert_state)publisher->restored.alerts[*place].state;
		struct alert_change change = {.fingerprint = text,
			.rule = "",
			.kpi = "",
			.window = "",
			.dimension = "",
			.from = from,
			.since = end,
			.end = end,
			.announce = from == ALERT_FIRING};
		if (publisher->sink.alert)
			publisher->sink.alert(publisher->sink.context, &change);
	}
	map_release(&publisher->restored.places);
}

void publisher_alerts(struct publisher *publisher, const struct evaluation *evaluation)
{
	for (uint32_t i = 0; i < publisher->view_count; i++) {
		struct view *view = publisher->views[i];
		for (uint32_t index = 0; index < view->layout->rule_count; index++)
			if (concerns(view->layout->rules[index], view))
				step(publisher, evaluation, view, index);
	}
	end_unclaimed(publisher, evaluation->spans->end);
}

void publisher_refresh_alerts(struct publisher *publisher, const struct evaluation *evaluation)
{
	for (uint32_t i = 0; i < publisher->view_count; i++) {
		struct view *view = publisher->views[i];
		for (uint32_t index = 0; index < view->layout->rule_count; index++) {
			const struct alert_rule *rule = view->layout->rules[index];
			struct figure figure;
			if (view->alerts[index].state == ALERT_NORMAL)
				continue;
			evaluate_figure(evaluation, view->key, rule->kpi, (uint8_t)rule->window, &figure);
			hand_out(publisher, view, index, (enum alert_state)view->alerts[index].state, &figure,
				evaluation->spans->end);
		}
	}
}

void alerts_end(struct publisher *publisher, const struct evaluation *evaluation, struct view *view)
{
	int64_t end = evaluation->spans->end;
	for (uint32_t i = 0; i < view->layout->rule_count; i++) {
		enum alert_state from = (enum alert_state)view->alerts[i].state;
		if (from == ALERT_NORMAL)
			continue;
		view->alerts[i] = (struct alert){.state = ALERT_NORMAL, .since = end};
		hand_out(publisher, view, i, from, NULL, end);
	}
}
