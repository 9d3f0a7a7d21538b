#include "pipeline/evaluate/alert.h"

#include "base/buf.h"
#include "base/hash.h"

#include <stdio.h>

/* 10^-4, as rules have it, to 10^-6, as figures do. */
enum { TO_FIGURE = 100 };

static const char *const names[] = {"normal", "pending", "firing"};

const char *alert_state_name(enum alert_state state)
{
	return names[state];
}

enum result alert_state_from_name(struct str name, enum alert_state *ret_state)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (!str_equal(name, str_of(names[i])))
			continue;
		*ret_state = (enum alert_state)i;
		return RESULT_OK;
	}
	return RESULT_NOT_FOUND;
}

void alert_fingerprint(const char *rule, const char *dimension, struct str key, char ret_text[ALERT_FINGERPRINT])
{
	/* A fixed key: fingerprints outlive the process. */
	static const struct hash_key fixed = {0x6b7069642d616c65, 0x72742d7631000000};
	struct buf text;
	buf_init(&text);
	buf_put_counted(&text, str_of(rule));
	buf_put_counted(&text, str_of(dimension));
	buf_put_counted(&text, key);
	snprintf(ret_text, ALERT_FINGERPRINT, "%016llx", (unsigned long long)hash_sip(fixed, buf_str(&text)));
	buf_release(&text);
}

static bool speaks(const struct alert_rule *rule, const struct figure *figure)
{
	return figure_has_value(figure) && figure->complete && figure->n >= rule->minimum_sample;
}

static bool is_breached(const struct alert_rule *rule, i128 value)
{
	i128 limit = (i128)rule->limit * TO_FIGURE;
	return rule->direction == ALERT_BELOW ? value < limit : value > limit;
}

static bool is_clear(const struct alert_rule *rule, i128 value)
{
	i128 clear = (i128)rule->clear * TO_FIGURE;
	return rule->direction == ALERT_BELOW ? value >= clear : value <= clear;
}

static enum alert_state next_state(const struct alert_rule *rule, const struct alert *alert, i128 value, int64_t end)
{
	if (alert->state == ALERT_FIRING)
		return is_clear(rule, value) ? ALERT_NORMAL : ALERT_FIRING;
	if (!is_breached(rule, value))
		return ALERT_NORMAL;
	if (alert->state == ALERT_PENDING)
		return end - alert->since >= rule->hold ? ALERT_FIRING : ALERT_PENDING;
	return rule->hold > 0 ? ALERT_PENDING : ALERT_FIRING;
}

bool alert_step(const struct alert_rule *rule, const struct figure *figure, int64_t end, struct alert *alert)
{
	if (!speaks(rule, figure))
		return false;
	enum alert_state state = next_state(rule, alert, figure->value, end);
	if (state == alert->state)
		return false;
	*alert = (struct alert){.state = (uint8_t)state, .since = end};
	return true;
}
