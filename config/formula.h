/* Formulas: "won / (won + lost)" to a tree, and the trees of all KPIs to postfix programs with checked units. */
#ifndef CONFIG_FORMULA_H
#define CONFIG_FORMULA_H

#include "config/lexer.h"
#include "config/model_load.h"

#define FORMULA_STEPS_MAX 256

enum expression_kind {
	EXPRESSION_NUMBER,
	EXPRESSION_NAME,
	EXPRESSION_CALL,
	EXPRESSION_OPERATION,
	EXPRESSION_NEGATION,
	EXPRESSION_NOT
};

struct expression {
	enum expression_kind kind;
	const struct node *node;  /* the text that it stands in */
	size_t at;                /* where in it: the name, the operator */
	struct str name;          /* NAME, CALL */
	int64_t number;           /* NUMBER, fixed point */
	enum formula_code code;   /* OPERATION */
	struct expression *left;  /* OPERATION; NEGATION, NOT: of what; CALL: the first argument or NULL */
	struct expression *right; /* OPERATION */
	struct expression *next;  /* the argument after this one, or NULL */
};

/* What a value is measured in. Quotients of like units are ratios; unlike ones do not mix. */
enum quantity {
	QUANTITY_UNKNOWN, /* a problem was reported: nothing more is said about it */
	QUANTITY_NUMBER,  /* written in the formula */
	QUANTITY_COUNT,
	QUANTITY_RATIO,
	QUANTITY_PLAIN, /* a sum of a field that is not money */
	QUANTITY_MONEY,
	QUANTITY_SECONDS,
	QUANTITY_CONDITION /* x < y: no value */
};

struct formula_build {
	struct model_loading *loading;
	struct formula_step steps[FORMULA_STEPS_MAX];
	uint16_t count;
	int stack, depth;
	bool previous; /* inside prev() or the second half of growth() */
	bool compares; /* inside prev() or growth() */
	bool company;  /* inside company() */
	bool failed;
	uint32_t windows; /* of the KPI */
	uint8_t dimensions;
	uint16_t chain[EXPRESSION_NESTING_MAX]; /* the KPIs that are being inlined */
	int chain_length;
};

/* NULL with a problem. */
struct expression *formula_parse(struct config_problems *problems, struct arena *arena, const struct node *node);
/* Appends the postfix steps of `expression`, marks the measures that it uses. */
enum quantity formula_compile(struct formula_build *build, const struct expression *expression);

/* ---- between the files of the compiler ---- */

void formula_problem(struct formula_build *build, const struct expression *expression, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void formula_emit(struct formula_build *build, const struct expression *expression, struct formula_step step);
enum quantity formula_compile_call(struct formula_build *build, const struct expression *expression);
/* As formula_compile, but a condition is a problem. */
enum quantity formula_compile_value(struct formula_build *build, const struct expression *expression);
/* How many arguments a call has: false with a problem where they are fewer than `least` or more than `most`. */
bool formula_arguments(struct formula_build *build, const struct expression *call, int least, int most);
/* What a call of one of the functions that choose, or that look at the window, gives; false: it is another function. */
bool formula_compile_choice(struct formula_build *build, const struct expression *call, enum quantity *ret_quantity);
bool formula_compile_length(struct formula_build *build, const struct expression *call, enum quantity *ret_quantity);
/* A measure by its name; -1 with a problem, or silently where the measure is broken. */
int32_t formula_measure(struct formula_build *build, const struct expression *expression);
enum quantity formula_use_measure(
	struct formula_build *build, const struct expression *expression, uint16_t measure, struct formula_step step);
enum quantity formula_combine(
	struct formula_build *build, const struct expression *expression, enum quantity left, enum quantity right);
/* What two values come to of which one is taken; QUANTITY_UNKNOWN where they are unlike. */
enum quantity quantity_either(enum quantity one, enum quantity other);
const char *quantity_name(enum quantity quantity);

#endif
