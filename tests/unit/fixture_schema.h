/* A small schema made by hand, for the tests of decode: every kind of field, a mapped topic, and one with a fixed
 * type. */
#ifndef TESTS_UNIT_FIXTURE_SCHEMA_H
#define TESTS_UNIT_FIXTURE_SCHEMA_H

#include "config/schema.h"

enum {
	FIELD_REP,
	FIELD_DEAL,
	FIELD_OUTCOME,
	FIELD_DEAL_TYPE,
	FIELD_AUTO,
	FIELD_AMOUNT,
	FIELD_EUR,
	FIELD_SCORE,
	FIELD_CREATED,
	FIELD_SHARES,
	FIELDS
};
enum { TOPIC_DEALS, TOPIC_COSTS, TOPIC_MAPPED, TOPIC_FIXED, TOPICS };
enum { TYPE_DEAL_CREATED, TYPE_DEAL_CLOSED, TYPE_COST, TYPE_MAPPED, TYPE_FIXED, TYPES };
enum { OUTCOME_WON, OUTCOME_LOST, OUTCOME_HELD };

const struct schema *fixture_schema(void);

#endif
