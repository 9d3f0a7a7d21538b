#include "tools/kpictl/explain_print.h"

#include "base/text.h"
#include "pipeline/publish/json.h"
#include "tools/kpictl/local.h"
#include "tools/kpictl/top_text.h"

enum { SUM_DECIMALS = 4, MS_DECIMALS = 3 };

/* ---- both ---- */

static const struct {
	const char *name, *sentence;
} reasons[] = {{"no_data", "no event of the types of one of its measures was ever seen"},
	{"zero_denominator", "the denominator is 0"}, {"base", "the figure before was 0 or less: there is no base"},
	{"sample", "n is below the KPI's minimum_sample"}, {"maturing", "pairs may still be made: it is not final"},
	{"overflow", "exact arithmetic left 128 bits"}};

static const char *reason_sentence(const char *name)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (strcmp(reasons[i].name, name) == 0)
			return reasons[i].sentence;
	return name;
}

/* A definition in the words of kpis.yaml, on one line. */
static void put_flow(struct buf *out, const struct node *node)
{
	bool list = node->kind == NODE_SEQUENCE;
	if (node->kind == NODE_SCALAR)
		buf_put(out, node->raw, (size_t)(node->raw_end - node->raw));
	if (!list && node->kind != NODE_MAPPING)
		return;
	buf_put_byte(out, list ? '[' : '{');
	for (size_t i = 0; i < node->count; i++) {
		buf_put_text(out, i ? ", " : "");
		if (!list)
			buf_printf(out, "%.*s: ", STR_ARG(node->entries[i].key));
		put_flow(out, list ? node->items[i] : node->entries[i].value);
	}
	buf_put_byte(out, list ? ']' : '}');
}

static void put_definition(struct buf *out, const struct explain_view *view, const struct measure *measure)
{
	const struct node *node = node_get(node_get(view->kpis, "measures"), measure->name);
	if (node)
		put_flow(out, node);
}

static bool is_amount(const struct measure *measure)
{
	return measure->kind == MEASURE_SUM || measure->kind == MEASURE_LAST;
}

static void put_amount(struct buf *out, const struct measure *measure, int64_t amount)
{
	decimal_put(out, amount, is_amount(measure) ? SUM_DECIMALS : 0);
}

static bool rule_concerns(const struct explain_view *view, const struct alert_rule *rule)
{
	return rule->kpi == view->kpi && rule->window == view->explanation->window &&
		rule->dimension == merged_key_dimension(view->key) &&
		(!rule->key.length || str_equal(rule->key, merged_key_name(view->key)));
}

static bool is_shown(const struct explain_view *view, const struct row_of_event *row, unsigned use)
{
	return row->use == use && (view->all || row->end == ROW_COUNTS);
}

static const struct measure *measure_of(const struct explain_view *view, const struct use *use)
{
	return &view->engine->config->model.measures[use->measure];
}

/* ---- text ---- */

static void put_event(struct buf *out, const struct explain_view *view, uint32_t index)
{
	const struct explained_event *event = &view->explanation->events[index];
	const struct config *config = view->engine->config;
	local_put(out, &config->zone, event->time);
	buf_printf(out, "  %-20s ", config->schema.types[event->type].name);
	top_put_clean(out, event->name.length ? event->name : STR("-"));
	buf_put_text(out, "  ");
	if (event->source.length) {
		top_put_clean(out, event->source);
		buf_put_byte(out, '/');
	}
	top_put_clean(out, event->id);
}

static void put_length(struct buf *out, int64_t ms)
{
	top_put_span(out, (double)ms / 1000);
	buf_put_text(out, " (");
	decimal_put(out, ms, MS_DECIMALS);
	buf_put_text(out, " s)");
}

static void put_end(struct buf *out, const struct explain_view *view, const struct row_of_event *row)
{
	static const char *const words[] = {"", "taken back", "over: nothing came in time", "taken back"};
	static const char *const of_last[] = {"", "replaced", "no longer current", "taken back"};
	bool last = measure_of(view, &view->explanation->uses[row->use])->kind == MEASURE_LAST;
	if (row->end == ROW_COUNTS)
		return;
	buf_printf(out, "  [%s", (last ? of_last : words)[row->end]);
	if (row->undone_by != EXPLAIN_NONE) {
		buf_put_text(out, " by ");
		put_event(out, view, row->undone_by);
	}
	buf_put_byte(out, ']');
}

static void put_row(struct buf *out, const struct explain_view *view, const struct row_of_event *row)
{
	const struct use *use = &view->explanation->uses[row->use];
	const struct measure *measure = measure_of(view, use);
	buf_put_text(out, "    ");
	put_event(out, view, row->event);
	buf_put_text(out, row->amount < 0 ? "  " : "  +");
	put_amount(out, measure, row->amount);
	if (measure->kind == MEASURE_ELAPSED) {
		buf_put_text(out, "  ");
		put_length(out, row->length);
		buf_put_text(out, row->other == EXPLAIN_NONE ? " since the time that it names" : " since ");
	} else if (measure->kind == MEASURE_TOUCHES) {
		buf_printf(out, "  after %lld touches", (long long)row->length);
	} else if (row->other != EXPLAIN_NONE && row->other != row->event) {
		buf_put_text(out, "  open since ");
	}
	if (row->other != EXPLAIN_NONE && row->other != row->event)
		put_event(out, view, row->other);
	put_end(out, view, row);
	buf_put_byte(out, '\n');
}

static void put_rows(struct buf *out, const struct explain_view *view, unsigned use)
{
	uint64_t count = 0;
	for (uint32_t i = 0; i < view->explanation->row_count; i++) {
		const struct row_of_event *row = &view->explanation->rows[i];
		if (is_shown(view, row, use) && count++ < view->limit)
			put_row(out, view, row);
	}
	if (count > view->limit)
		buf_printf(out, "    ... and %llu more (--limit)\n", (unsigned long long)(count - view->limit));
	buf_put_text(out, "    sum ");
	put_amount(out, measure_of(view, &view->explanation->uses[use]), explanation_sum(view->explanation, use));
	buf_put_byte(out, '\n');
}

static void put_use(struct buf *out, const struct explain_view *view, unsigned index)
{
	const struct use *use = &view->explanation->uses[index];
	const struct measure *measure = measure_of(view, use);
	const struct merged_key *key = explanation_key(view->explanation, use);
	buf_printf(out, "\n  %s%s%s%s = ", measure->name, use->company ? ", of the company" : "",
		use->previous ? ", before" : "", use->opening ? ", when it began" : "");
	put_amount(out, measure, explanation_value(view->explanation, use));
	if (measure->kind == MEASURE_SUM)
		buf_printf(out, " of %lld events", (long long)merged_key_total(key, measure->component + 1, use->view));
	if (measure->kind == MEASURE_LAST)
		buf_printf(out, ", %lld current", (long long)merged_key_total(key, measure->component, use->view));
	if (measure->kind == MEASURE_ELAPSED)
		buf_put_text(out, " pairs");
	buf_put_text(out, "\n    ");
	put_definition(out, view, measure);
	buf_printf(out, "\n    identity %016llx; ", (unsigned long long)measure->identity);
	if (!use->opening)
		local_put(out, &view->engine->config->zone, use->span.from);
	buf_put_text(out, use->opening ? "just before " : " up to ");
	local_put(out, &view->engine->config->zone, use->span.to);
	buf_put_byte(out, '\n');
	if (view->with_events)
		put_rows(out, view, index);
}

static void put_line(struct buf *out, const char *name)
{
	buf_printf(out, "  %-12s ", name);
}

static void put_value(struct buf *out, const struct explain_view *view, struct str json)
{
	struct str reason = top_member(json, "reason");
	put_line(out, "value");
	buf_put_str(out, top_member(json, "value"));
	buf_printf(out, "; numerator %.*s, denominator %.*s, n %.*s\n", STR_ARG(top_member(json, "numerator")),
		STR_ARG(top_member(json, "denominator")), STR_ARG(top_member(json, "n")));
	if (reason.length) {
		const char *name = figure_reason_name(view->figure.reason);
		put_line(out, "reason");
		buf_printf(out, "%.*s: %s\n", STR_ARG(reason), reason_sentence(name ? name : "maturing"));
	}
}

static void put_interval(struct buf *out, const struct explain_view *view)
{
	const struct zone *zone = &view->engine->config->zone;
	int64_t since = view->engine->evaluation.status.since;
	put_line(out, "from");
	local_put_both(out, zone, view->figure.from);
	buf_put_byte(out, '\n');
	put_line(out, "to");
	local_put_both(out, zone, view->figure.to);
	buf_put_byte(out, '\n');
	put_line(out, "complete");
	buf_put_text(out, view->figure.complete ? "yes" : "no");
	if (since != INT64_MAX) {
		buf_put_text(out, "; the first event is of ");
		local_put_both(out, zone, since);
	}
	buf_put_byte(out, '\n');
}

static void put_target(struct buf *out, const struct aim *aim)
{
	put_line(out, "target");
	if (aim->reason) {
		buf_printf(out, "none: %s\n", aim->reason);
		return;
	}
	decimal_put(out, aim->goal, FIGURE_DECIMALS);
	if (aim->has_pace && aim->pace.expected.known) {
		buf_put_text(out, ", by now ");
		decimal_put(out, aim->pace.expected.value, FIGURE_DECIMALS);
	}
	if (aim->pace.status)
		buf_printf(out, ": %s", pace_status_name(aim->pace.status));
	buf_put_byte(out, '\n');
}

static void put_rules(struct buf *out, const struct explain_view *view)
{
	const struct model *model = &view->engine->config->model;
	if (view->aim.target)
		put_target(out, &view->aim);
	for (uint16_t i = 0; i < model->alert_count; i++) {
		const struct alert_rule *rule = &model->alerts[i];
		if (!rule_concerns(view, rule))
			continue;
		put_line(out, "alert");
		buf_printf(out, "%s: %s ", rule->name, rule->direction == ALERT_BELOW ? "below" : "above");
		decimal_put(out, rule->limit, SUM_DECIMALS);
		buf_put_text(out, " for ");
		text_put_duration(out, rule->hold);
		buf_printf(out, ", from a sample of %lld\n", (long long)rule->minimum_sample);
	}
}

void explain_put_text(struct buf *out, const struct explain_view *view)
{
	const struct model *model = &view->engine->config->model;
	const struct kpi *kpi = &model->kpis[view->kpi];
	struct buf json;
	buf_init(&json);
	json_put_figure(&json, &view->figure, NULL);
	buf_printf(out, "%s (%s), %s %.*s, %s, as of ", kpi->name, kpi->title,
		model->dimensions[merged_key_dimension(view->key)].name, STR_ARG(merged_key_name(view->key)),
		model->windows[view->explanation->window].name);
	local_put_both(out, &view->engine->config->zone, view->engine->evaluation.status.as_of);
	buf_put_byte(out, '\n');
	put_line(out, "formula");
	buf_printf(out, "%s\n", kpi->source);
	put_line(out, "");
	explain_put_formula(out, view);
	buf_put_byte(out, '\n');
	put_value(out, view, buf_str(&json));
	put_interval(out, view);
	put_rules(out, view);
	put_line(out, "definition");
	buf_printf(out, "%016llx\n", (unsigned long long)explain_definition(model, kpi));
	explain_put_parts(out, view);
	for (unsigned u = 0; u < view->explanation->use_count; u++)
		put_use(out, view, u);
	buf_release(&json);
}

/* ---- JSON ---- */

static void put_member(struct buf *out, const char *name, struct str text)
{
	buf_printf(out, ",\"%s\":", name);
	json_put_string(out, text);
}

static void put_member_time(struct buf *out, const char *name, int64_t ms)
{
	buf_printf(out, ",\"%s\":\"", name);
	text_put_time(out, ms);
	buf_put_byte(out, '"');
}

static void put_event_json(struct buf *out, const struct explain_view *view, uint32_t index)
{
	static const char *const owners[] = {"customer", "product", "event"};
	const struct explained_event *event = &view->explanation->events[index];
	buf_put_text(out, "\"time\":\"");
	text_put_time(out, event->time);
	buf_put_byte(out, '"');
	put_member(out, "id", event->id);
	put_member(out, "source", event->source);
	put_member(out, "type", str_of(view->engine->config->schema.types[event->type].name));
	if (event->owner != OWNER_EVENT)
		put_member(out, owners[event->owner], event->name);
}

static void put_row_json(struct buf *out, const struct explain_view *view, const struct row_of_event *row)
{
	const struct measure *measure = measure_of(view, &view->explanation->uses[row->use]);
	buf_put_byte(out, '{');
	put_event_json(out, view, row->event);
	buf_put_text(out, ",\"amount\":");
	put_amount(out, measure, row->amount);
	buf_printf(out, ",\"counts\":%s", row->end == ROW_COUNTS ? "true" : "false");
	if (measure->kind == MEASURE_ELAPSED) {
		buf_put_text(out, ",\"seconds\":");
		decimal_put(out, row->length, MS_DECIMALS);
	}
	if (measure->kind == MEASURE_TOUCHES)
		buf_printf(out, ",\"touches\":%lld", (long long)row->length);
	if (row->other != EXPLAIN_NONE) {
		buf_put_text(out, ",\"start\":{");
		put_event_json(out, view, row->other);
		buf_put_byte(out, '}');
	}
	if (row->undone_by != EXPLAIN_NONE) {
		buf_put_text(out, ",\"taken_back_by\":{");
		put_event_json(out, view, row->undone_by);
		buf_put_byte(out, '}');
	}
	buf_put_byte(out, '}');
}

static void put_rows_json(struct buf *out, const struct explain_view *view, unsigned use)
{
	uint64_t count = 0;
	buf_put_text(out, ",\"events\":[");
	for (uint32_t i = 0; i < view->explanation->row_count; i++) {
		const struct row_of_event *row = &view->explanation->rows[i];
		if (!is_shown(view, row, use) || count++ >= view->limit)
			continue;
		buf_put_text(out, count > 1 ? "," : "");
		put_row_json(out, view, row);
	}
	buf_printf(out, "],\"count\":%llu,\"sum\":", (unsigned long long)count);
	put_amount(out, measure_of(view, &view->explanation->uses[use]), explanation_sum(view->explanation, use));
}

static void put_use_json(struct buf *out, const struct explain_view *view, unsigned index)
{
	const struct use *use = &view->explanation->uses[index];
	const struct measure *measure = measure_of(view, use);
	struct buf definition;
	buf_init(&definition);
	put_definition(&definition, view, measure);
	buf_printf(out, "%s{\"measure\":\"%s\",\"company\":%s,\"previous\":%s,\"opening\":%s", index ? "," : "",
		measure->name, use->company ? "true" : "false", use->previous ? "true" : "false",
		use->opening ? "true" : "false");
	put_member(out, "definition", buf_str(&definition));
	buf_printf(out, ",\"identity\":\"%016llx\",\"value\":", (unsigned long long)measure->identity);
	put_amount(out, measure, explanation_value(view->explanation, use));
	put_member_time(out, "from", use->span.from);
	put_member_time(out, "to", use->span.to);
	if (view->with_events)
		put_rows_json(out, view, index);
	buf_put_byte(out, '}');
	buf_release(&definition);
}

static void put_alerts_json(struct buf *out, const struct explain_view *view)
{
	const struct model *model = &view->engine->config->model;
	bool any = false;
	buf_put_text(out, ",\"alerts\":[");
	for (uint16_t i = 0; i < model->alert_count; i++) {
		if (!rule_concerns(view, &model->alerts[i]))
			continue;
		buf_put_text(out, any ? "," : "");
		json_put_string(out, str_of(model->alerts[i].name));
		any = true;
	}
	buf_put_byte(out, ']');
}

void explain_put_json(struct buf *out, const struct explain_view *view)
{
	const struct model *model = &view->engine->config->model;
	const struct kpi *kpi = &model->kpis[view->kpi];
	const struct merge_status *status = &view->engine->evaluation.status;
	struct buf formula;
	buf_init(&formula);
	explain_put_formula(&formula, view);
	buf_printf(out, "{\"kpi\":\"%s\"", kpi->name);
	put_member(out, "title", str_of(kpi->title));
	put_member(out, "dimension", str_of(model->dimensions[merged_key_dimension(view->key)].name));
	put_member(out, "key", merged_key_name(view->key));
	put_member(out, "window", str_of(model->windows[view->explanation->window].name));
	put_member_time(out, "as_of", status->as_of);
	if (status->since != INT64_MAX)
		put_member_time(out, "since", status->since);
	put_member(out, "formula", str_of(kpi->source));
	put_member(out, "with_values", buf_str(&formula));
	buf_printf(out, ",\"definition\":\"%016llx\",\"figure\":", (unsigned long long)explain_definition(model, kpi));
	json_put_figure(out, &view->figure, &view->aim);
	put_alerts_json(out, view);
	explain_put_parts_json(out, view);
	buf_put_text(out, ",\"measures\":[");
	for (unsigned u = 0; u < view->explanation->use_count; u++)
		put_use_json(out, view, u);
	buf_put_text(out, "]}\n");
	buf_release(&formula);
}
