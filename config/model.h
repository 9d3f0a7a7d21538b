/* The measures and KPIs of kpis.yaml, compiled: names are numbers, texts are codes, formulas are postfix programs. Read-only
 * after loading; every pointer lives as long as the struct config that it stands in. */
#ifndef CONFIG_MODEL_H
#define CONFIG_MODEL_H

#include "base/str.h"
#include "config/schema.h"

#define MODEL_WINDOWS_MAX 32 /* so that a set of views is one uint64_t */
#define MODEL_VIEWS_MAX (2 * MODEL_WINDOWS_MAX)
#define MODEL_DIMENSIONS_MAX 8 /* a set of dimensions is one uint8_t */
#define MODEL_STACK_MAX 32     /* depth of a predicate or formula */

/* ---- predicates: postfix over the fields of one event; NULL stands for "always" ---- */

enum predicate_code {
	PREDICATE_EQUAL,     /* field == number; false where the field is absent */
	PREDICATE_NOT_EQUAL, /* true where the field is absent */
	PREDICATE_LESS,
	PREDICATE_LESS_EQUAL,
	PREDICATE_GREATER,
	PREDICATE_GREATER_EQUAL, /* false where absent */
	PREDICATE_IN,            /* bit `field value` of `set`: choices only; false where absent */
	PREDICATE_TEXT_EQUAL,    /* a FIELD_TEXT field == text */
	PREDICATE_PRESENT,
	PREDICATE_AND,
	PREDICATE_OR,
	PREDICATE_NOT
};

struct predicate_step {
	uint8_t code; /* enum predicate_code */
	uint16_t field;
	int64_t number;
	uint64_t set;
	struct str text;
};

struct predicate {
	struct predicate_step *steps;
	uint16_t count;
};

/* ---- what a measure listens to ---- */

enum trigger_kind { TRIGGER_EVENT, TRIGGER_STOCK_OPENED, TRIGGER_STOCK_CLOSED };

struct trigger {
	uint8_t kind;                  /* enum trigger_kind */
	uint16_t index;                /* event type, or stock */
	int8_t sign;                   /* +1, or -1: a sum or count subtracts */
	const struct predicate *where; /* of the event (also of the event that moved the stock); NULL: always */
};

struct trigger_list {
	struct trigger *items;
	uint16_t count;
};

/* A running stock of a customer: at most one open per customer (or per value of `key`). It carries the dimensions of the event that
 * opened it, but for one that `moves` change while it is open, to the key of the event's field `moved_to`.
 *
 * `holds`, of a stock without `key`: each event of hold_opens holds a value of hold_key and opens the stock where it is not open; an event of
 * hold_closes lets go of a value that is held, and if none is left, closes the stock. What opened without being held stays open until then.
 * An event of `closes` closes it whatever is held, and lets go of nothing. */
struct stock {
	const char *name;
	int32_t key;               /* a text field, or -1: one per customer */
	struct trigger_list opens; /* TRIGGER_EVENT only */
	struct trigger_list closes;
	bool once;        /* a key that has been closed never opens again */
	int32_t hold_key; /* -1: no holds */
	struct trigger_list hold_opens, hold_closes;
	struct trigger_list moves; /* of any two stocks that one event moves in one dimension, `moved_to` is the same */
	uint8_t moved_dimension;   /* one of kpis.yaml, where there are moves */
	int32_t moved_to;          /* a text or choice field; -1: no moves */
};

/* ---- measures ---- */

enum measure_kind {
	MEASURE_COUNT,   /* components: [count] */
	MEASURE_SUM,     /* [sum, count]; sum in 10^-4 of `field` */
	MEASURE_ELAPSED, /* [pairs, sum of ms], and a histogram beside them when has_histogram */
	MEASURE_LEVEL, /* [members, sum of (opening time - MODEL_EPOCH)], and the net change within it when has_opening */
	MEASURE_DISTINCT, /* a part for each kind of window (window_part) */
	MEASURE_STAYED,   /* [members, then the newcomers among them by window_part]: value = members - newcomers */
	MEASURE_TOUCHES,  /* [ends with a beginning, touches between] */
	MEASURE_LAST /* [current values, their sum], in 10^-4, and then the lowest and the highest of them where they are kept */
};

/* The component of a LEVEL measure that adds up within an interval. */
#define LEVEL_CHANGE 2

/* Every number that is kept has a cell: a component's cell is its index; bucket b of histogram h has the cell
 * component_count + h * HISTOGRAM_BUCKETS + b (pipeline/histogram.h says what a bucket is). */
#define HISTOGRAM_BUCKETS 2048

/* Times inside sums are counted from 2020-01-01T00:00:00Z so that they stay small. */
#define MODEL_EPOCH INT64_C(1577836800000)

enum pair_match {
	MATCH_FIRST,  /* the first start opens; further ones are ignored while it is open; the end consumes it */
	MATCH_LATEST, /* a further start replaces the open one */
	MATCH_EVERY   /* every start waits for the next end */
};

enum calendar_unit { UNIT_DAY, UNIT_WEEK, UNIT_MONTH, UNIT_QUARTER, UNIT_YEAR, UNIT_COUNT };

struct measure {
	const char *name;
	uint8_t kind;      /* enum measure_kind */
	uint64_t identity; /* hash of the definition: equal definitions share their state over a reload */
	/* COUNT, SUM, DISTINCT: what is counted; ELAPSED: the starts; LAST: what says a value; TOUCHES: events only */
	struct trigger_list on;
	struct trigger_list ends; /* ELAPSED; TOUCHES: events only */
	int32_t field;            /* SUM, LAST: the decimal or integer field; else -1 */
	bool first; /* COUNT: only the first per customer (key -1) or per value of `key`; ELAPSED: only the first start */
	int32_t key; /* COUNT first, ELAPSED: a text field, or -1: the customer; LAST: one for each value of it (absent: one more), or -1 */
	uint8_t match; /* ELAPSED: enum pair_match */
	int64_t within; /* ELAPSED: longest time between, LAST: how long a value is current; ms, inclusive; 0: no limit */
	bool dated_at_start;      /* ELAPSED: date and dimensions of the start (a cohort) */
	bool dimensions_of_start; /* ELAPSED: dimensions of the start (date at the end unless dated_at_start) */
	int32_t fallback_start;   /* ELAPSED: a time field of the end used where no start was seen, or -1 */
	bool has_histogram;
	uint32_t histogram; /* which histogram of the model, from 0 */
	bool has_opening;   /* LEVEL: a formula looks at the members just before the interval's beginning */
	int32_t stock;      /* LEVEL: which stock, or -1; DISTINCT: only while the customer is in it, or -1; STAYED */
	uint16_t *since;    /* TOUCHES: stocks, none twice; the first that is open at the end has the beginning */
	uint16_t since_count;
	uint16_t since_slot; /* TOUCHES: the first of since_count numbers, of model.since_slots in all */
	int32_t pair;        /* LEVEL: the open starts of this ELAPSED measure (MATCH_FIRST or LATEST), or -1 */
	bool keeps_lowest, keeps_highest; /* LAST */
	uint8_t extreme_dimensions; /* LAST: lowest and highest are kept by these; of each a key is one subject's, they do not add up */
	uint8_t dimensions; /* bit d: kept by dimension d */
	uint64_t views;     /* bit v: kept for view v */
	uint32_t component; /* its first component */
	uint32_t component_count;
	uint64_t *seen_types; /* bitmap over event types: it has data once one of these was seen */
};

/* Where the lowest or highest of a LAST measure stands among its components. */
static inline uint32_t measure_extreme(const struct measure *measure, bool highest)
{
	return highest && measure->keeps_lowest ? 3 : 2;
}

/* ---- windows and views ---- */

enum window_kind { WINDOW_ROLLING, WINDOW_TO_DATE, WINDOW_WHOLE };

struct window {
	const char *name; /* "30d", "month", "month-1" */
	uint8_t kind;     /* enum window_kind */
	int64_t length;   /* ROLLING by a step below a day: ms */
	int32_t days;     /* ROLLING by whole local days: how many; else 0 */
	uint8_t unit;     /* TO_DATE, WHOLE: enum calendar_unit */
	int32_t back;     /* WHOLE: how many periods back, >= 1 */
	int64_t step;     /* ms; unused where days > 0 and for WHOLE */
};

/* View v of window w: w is the window now, window_count + w the one before it (prev). */

/* ---- KPIs ---- */

enum formula_code {
	FORMULA_NUMBER, /* push number/10^4 */
	FORMULA_MEASURE, /* push the measure: count, sum, level or sum of the current values at the window's end, pairs, distinct */
	FORMULA_PREVIOUS, /* the same over the interval before */
	FORMULA_COUNT, /* how many events were added, of a SUM measure; how many touches; how many values are current, of a LAST measure */
	FORMULA_LOWEST, /* of the current values, of a LAST measure */
	FORMULA_HIGHEST,
	FORMULA_MEAN,     /* of an ELAPSED or a LAST measure; touches for each end */
	FORMULA_QUANTILE, /* of an ELAPSED measure; number = percent */
	FORMULA_AGE,      /* sum over members of (to - opening), of a LEVEL measure */
	FORMULA_OPENING,  /* members just before the interval's beginning, of a LEVEL measure */
	FORMULA_ROSTER,   /* reps on the roster at the window's end, of the key */
	FORMULA_LENGTH,   /* of the window, in units of `number` ms */
	FORMULA_ADD,      /* the first of those that take values from the stack: formula_arity */
	FORMULA_SUBTRACT,
	FORMULA_MULTIPLY,
	FORMULA_DIVIDE,
	FORMULA_GROWTH, /* current, previous -> (current - previous) / previous, `base` when previous <= 0 */
	FORMULA_MINIMUM,
	FORMULA_MAXIMUM,
	FORMULA_COALESCE, /* the first of two that is defined */
	FORMULA_LESS,     /* from here on to NOT: conditions, which are 1 or 0 */
	FORMULA_LESS_EQUAL,
	FORMULA_GREATER,
	FORMULA_GREATER_EQUAL,
	FORMULA_EQUAL,
	FORMULA_NOT_EQUAL,
	FORMULA_AND,
	FORMULA_OR,
	FORMULA_NOT,
	FORMULA_IF /* condition, then, else */
};

/* How many values a step takes from the stack; it leaves one. */
static inline int formula_arity(uint8_t code)
{
	if (code < FORMULA_ADD)
		return 0;
	return code == FORMULA_NOT ? 1 : code == FORMULA_IF ? 3 : 2;
}

struct formula_step {
	uint8_t code;  /* enum formula_code */
	bool previous; /* those of measures, ROSTER and LENGTH: over the interval before; always true for PREVIOUS */
	bool company;  /* of what looks at a measure or at the roster: the company's, whatever the key */
	uint16_t measure;
	int64_t number;
};

/* Whether what the step leaves has two sides. */
static inline bool formula_divides(uint8_t code)
{
	return code == FORMULA_DIVIDE || code == FORMULA_GROWTH || code == FORMULA_MEAN;
}

struct formula {
	struct formula_step *steps;
	uint16_t count;
};

enum unit { UNIT_NUMBER, UNIT_RATE, UNIT_RATIO, UNIT_MONEY, UNIT_SECONDS };

struct kpi {
	const char *name;
	const char *title;
	const char *source; /* the formula as written */
	uint8_t unit;       /* enum unit, of the result */
	bool higher_is_better;
	bool ranks_by_wilson; /* a rate of k out of n */
	bool uses_previous;
	struct formula formula;
	struct formula sample; /* count 0: the rule of docs/figures.md */
	int64_t minimum_sample;
	uint8_t dimensions;
	/* A dimension: the company's figure is made of the sums of both sides over its keys, and there is no third dimension. 0: none. */
	uint8_t roll_up;
	uint32_t windows; /* bit w */
};

enum alert_direction { ALERT_BELOW, ALERT_ABOVE };

/* A rule fires when the figure has been below (above) `limit` for `hold` ms of as_of time, and clears when it is at or above (at or below)
 * `clear`. */
struct alert_rule {
	const char *name;
	uint16_t kpi, window;
	uint8_t dimension;
	struct str key;       /* empty: every key of the dimension */
	uint8_t direction;    /* enum alert_direction */
	int64_t limit, clear; /* 10^-4 */
	int64_t hold;         /* ms */
	int64_t minimum_sample;
};

struct board {
	uint16_t kpi;
	uint8_t dimension;
	uint32_t windows;
};

/* One key's own part of what is handed down. */
struct target_part {
	struct str key;
	int64_t value; /* 10^-4 */
	int line;      /* where it stands in kpis.yaml */
	int column;
};

/* What is wanted of a KPI: docs/targets.md. */
struct target {
	uint16_t kpi;
	uint8_t dimension;
	struct str key;      /* empty: every key of the dimension */
	uint8_t handed_down; /* bit d: to the keys of dimension d */
	bool over;           /* the goal is the base * (1 + value), else it is the value */
	bool bound;          /* to the periods of `unit`, else free */
	bool cumulative;     /* reached bit by bit, else the figure is to be there */
	uint8_t unit;        /* enum calendar_unit, when bound */
	uint32_t windows; /* bit w: shown in window w; when bound: the unit's period to date, and whole ones before */
	int64_t value;    /* 10^-4 */
	int32_t from_day, by_day; /* the first and the last day, since 1970; INT32_MIN: none */
	struct target_part *parts;
	uint16_t part_count;
	int line; /* where it stands in kpis.yaml */
	int column;
};

#define DIMENSION_PARTS_MAX 4

struct dimension {
	const char *name; /* 0 "company", 1 "team", 2 "rep", then those of kpis.yaml */
	int32_t field;    /* a text or choice field; -1 for company, and where there are parts */
	/* Composite: a key is the keys of these dimensions, which stand before this one and are not composite, with | between them. */
	uint8_t parts[DIMENSION_PARTS_MAX];
	uint8_t part_count;
};

/* The dimension, or one of its parts. */
static inline bool dimension_holds(const struct dimension *dimensions, uint8_t whole, uint8_t dimension)
{
	for (uint8_t i = 0; i < dimensions[whole].part_count; i++)
		if (dimensions[whole].parts[i] == dimension)
			return true;
	return whole == dimension;
}

struct model {
	struct dimension dimensions[MODEL_DIMENSIONS_MAX];
	uint8_t dimension_count;
	struct window windows[MODEL_WINDOWS_MAX];
	uint8_t window_count;
	int64_t smallest_step; /* ms */
	uint8_t longest_window;
	uint8_t units_in_use; /* bit u: calendar unit u has a window */
	struct stock *stocks;
	uint16_t stock_count;
	struct measure
		*measures; /* the last one is the implicit "events": COUNT of everything, by company, team, rep */
	uint16_t measure_count;
	uint32_t component_count;
	uint32_t histogram_count;
	uint16_t since_slots;
	struct kpi *kpis;
	uint16_t kpi_count;
	struct alert_rule *alerts;
	uint16_t alert_count;
	struct board *boards;
	uint16_t board_count;
	struct target *targets;
	uint16_t target_count;
	uint16_t *activities; /* KPIs that count what people do: they add up, and are counts; none twice */
	uint16_t activity_count;
};

#define DIMENSION_COMPANY 0
#define DIMENSION_TEAM 1
#define DIMENSION_REP 2

#endif
