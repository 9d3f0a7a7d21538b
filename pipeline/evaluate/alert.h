/* The state of one alert: one rule for one key. Pure; time is the end of the evaluation, in ms.
 *
 *             breached                held for rule.hold
 *     normal ──────────▶ pending ──────────────────────▶ firing
 *        ▲                  │                               │
 *        └── not breached ──┴───────────── at the clear level
 *
 * A rule without `hold` goes from normal to firing at once. A figure without a value, not complete, or with a sample below the
 * rule's minimum says nothing: the state stays as it is. */
#ifndef PIPELINE_EVALUATE_ALERT_H
#define PIPELINE_EVALUATE_ALERT_H

#include "base/str.h"
#include "pipeline/evaluate/figure.h"

enum alert_state { ALERT_NORMAL, ALERT_PENDING, ALERT_FIRING };

struct alert {
	uint8_t state; /* enum alert_state */
	int64_t since; /* the end at which it entered that state */
};

/* 16 hex digits and a NUL. */
#define ALERT_FINGERPRINT 17

/* "pending"; static, never NULL. RESULT_NOT_FOUND where there is no such state. */
const char *alert_state_name(enum alert_state state);
MUST_CHECK enum result alert_state_from_name(struct str name, enum alert_state *ret_state);
/* The same on every machine and in every process. */
void alert_fingerprint(const char *rule, const char *dimension, struct str key, char ret_text[ALERT_FINGERPRINT]);
/* One step; true when the state has changed. To be called with rising ends, once each. */
bool alert_step(const struct alert_rule *rule, const struct figure *figure, int64_t end, struct alert *alert);

#endif
