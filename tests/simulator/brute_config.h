/* tests/simulator/config once more, in C: measures, KPIs, roster, boards. Internal to the brute-force computation. What is changed
 * there is changed here. */
#ifndef TESTS_SIMULATOR_BRUTE_CONFIG_H
#define TESTS_SIMULATOR_BRUTE_CONFIG_H

#include "tests/simulator/brute.h"

enum brute_measure {
	BRUTE_WON,
	BRUTE_LOST,
	BRUTE_SOLD, /* amount: money in ten-thousandths, of a refund less than 0 */
	BRUTE_CREATED,
	BRUTE_CYCLE,      /* amount: ms */
	BRUTE_DEALS_OPEN, /* a stock */
	BRUTE_CALLS,
	BRUTE_REACHED,   /* sightings of `owner` */
	BRUTE_RESPONSES, /* amount: ms */
	BRUTE_WAITING,   /* a stock */
	BRUTE_TOUCHES,   /* amount: touches */
	BRUTE_PRICE,     /* amount: money in ten-thousandths; `owner` is the product */
	BRUTE_EVENTS,    /* every event that counts */
	BRUTE_MEASURES
};

enum brute_shape {
	BRUTE_AMOUNT,    /* a sum */
	BRUTE_GROWTH,    /* of a sum over the interval before */
	BRUTE_SHARE,     /* measure / (measure + other), counts */
	BRUTE_COUNT,     /* facts */
	BRUTE_DISTINCT,  /* owners of facts */
	BRUTE_MEDIAN,    /* of times, by buckets */
	BRUTE_MEAN_TIME, /* in seconds */
	BRUTE_MEAN_TOUCHES,
	BRUTE_LAST_PRICE /* the sum of the current ones */
};

struct brute_kpi {
	const char *name;
	enum brute_shape shape;
	enum brute_measure measure;
	enum brute_measure other;
	unsigned types; /* BRUTE_TYPE of each that it sees by: without any of them it has no data */
	bool lower_is_better;
	bool by_product; /* company and product, else company, team and rep */
};

#define BRUTE_TYPE(type) (1U << (type))

extern const struct brute_kpi brute_kpis[];
extern const size_t brute_kpi_count;

/* ---- roster ------------------------------------------------------------------------ */

struct brute_member {
	const char *rep;
	const char *name;
	const char *team;
	int from[3]; /* year, month, day; year 0: always */
	int until[3];
};

struct brute_team {
	const char *id;
	const char *name;
};

extern const struct brute_member brute_members[];
extern const size_t brute_member_count;
extern const struct brute_team brute_teams[];
extern const size_t brute_team_count;

struct brute_span brute_member_span(const struct brute_member *member);

/* ---- boards ------------------------------------------------------------------------------------------------------ */

struct brute_board { /* in all windows */
	const char *kpi;
	const char *dimension; /* whose keys are ranked */
};

extern const struct brute_board brute_boards[];
extern const size_t brute_board_count;

#endif
