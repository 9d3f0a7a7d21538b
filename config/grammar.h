/* The keys of the configuration files: what the loaders accept, the JSON Schema for editors and the tables of docs/kpi-language.md all come
 * from here.
 *
 * A mapping is a set of keys; a key has a type, written as
 *
 *     type   = choice { " | " choice }
 *     choice = "'" literal "'"      just that text
 *            | "[" type "]"         a list
 *            | "{" type "}"         a mapping with names of the user's
 *            | "@" mapping          a mapping of this table
 *            | scalar               text, name, integer, number, percent, boolean, duration, date, time, formula, condition, event, topic, path, any, null
 *
 * Everything is static and never changes. */
#ifndef CONFIG_GRAMMAR_H
#define CONFIG_GRAMMAR_H

#include "base/buf.h"
#include "config/node.h"

struct grammar_key {
	const char *name;
	const char *type;
	bool required;
	const char *text; /* what it says, for people */
};

#define GRAMMAR_KEYS_MAX 16

struct grammar_mapping {
	const char *name;
	const char *text;
	struct grammar_key keys[GRAMMAR_KEYS_MAX]; /* those without a name at the end are none */
};

/* A function of formulas. */
struct grammar_function {
	const char *name;
	const char *arguments; /* "m": a measure; "x", "y": formulas; "c": a condition */
	const char *text;
};

#define GRAMMAR_FUNCTIONS_MAX 32

/* All functions; the number of them in *ret_count. */
const struct grammar_function *grammar_functions(size_t *ret_count);

/* The mapping of that name; NULL where there is none. */
const struct grammar_mapping *grammar_find(struct str name);
/* All mappings, in the order of the files: NULL at the end. */
const struct grammar_mapping *grammar_at(size_t index);
size_t grammar_key_count(const struct grammar_mapping *mapping);

/* Keys of `node` that the mapping of that name does not have are problems. */
void expect_mapping_keys(struct config_problems *problems, const struct node *node, const char *mapping);

/* The JSON Schema (draft 7) of the file whose mapping at the top is `name`: "events", "kpis", "roster", ... False where there is no such
 * file. */
bool grammar_put_schema(struct buf *out, struct str name);
/* The table of a mapping's keys in Markdown. */
void grammar_put_table(struct buf *out, const struct grammar_mapping *mapping);
/* The table of all functions in Markdown. */
void grammar_put_functions(struct buf *out);

#endif
