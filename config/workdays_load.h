/* Reading `calendar` of roster.yaml into struct workdays; and ranges of local dates, as all of roster.yaml writes them. */
#ifndef CONFIG_WORKDAYS_LOAD_H
#define CONFIG_WORKDAYS_LOAD_H

#include "config/node.h"
#include "config/workdays.h"

/* `calendar` may be NULL: Monday to Friday, 09:00-17:00, no holidays. ret_workdays is whole also where there were problems. */
void workdays_load(struct config_problems *problems, struct arena *arena, const struct zone *zone,
	const struct node *calendar, struct workdays *ret_workdays);

/* A date such as 2026-01-31. False with a problem where it is none, and where `node` is NULL. */
bool expect_date(struct config_problems *problems, const struct node *node, int32_t *ret_day);
/* `from` and `until` of a mapping as days [from, until); *ret_ stay as they are where the key is absent. False with a problem where they
 * are no dates, or empty. */
bool expect_from_until(
	struct config_problems *problems, const struct node *mapping, int32_t *ret_from, int32_t *ret_until);
/* One day off or several: a date, or {from, until} with both. */
bool expect_days_off(struct config_problems *problems, const struct node *node, int32_t *ret_from, int32_t *ret_until);

#endif
