/* A YAML file as a tree in which every node and key knows its place, and typed access to it.
 *
 * Files are JSON-like: no anchors, aliases, tags, second documents or duplicate keys; at most 64 levels and 4 MiB. */
#ifndef CONFIG_NODE_H
#define CONFIG_NODE_H

#include "config/problems.h"

#define DOCUMENT_DEPTH_MAX 64
#define DOCUMENT_BYTES_MAX (4 << 20)

enum node_kind {
	NODE_NULL, /* nothing, null or ~ */
	NODE_SCALAR,
	NODE_SEQUENCE,
	NODE_MAPPING,
	NODE_REFUSED /* something that was refused already: nobody complains about it again */
};

enum node_style { STYLE_PLAIN, STYLE_SINGLE, STYLE_DOUBLE, STYLE_BLOCK };

struct node;
struct node_entry {
	struct str key;
	struct mark mark; /* of the key */
	struct node *value;
};

struct node {
	enum node_kind kind;
	struct mark mark;
	struct str text; /* SCALAR */
	enum node_style style;
	const char *raw, *raw_end;  /* SCALAR: as written, with quotes */
	struct node **items;        /* SEQUENCE */
	struct node_entry *entries; /* MAPPING */
	size_t count;
};

/* Reads `source`, the content of `file`. Never NULL: a file that cannot be read as YAML gives a refused node and a problem. */
struct node *document_parse(struct arena *arena, struct config_problems *problems, const char *file, struct str source);
/* The same with the file's content; `required`: that it does not exist is a problem, else it is an empty mapping. */
struct node *document_load(
	struct arena *arena, struct config_problems *problems, const char *directory, const char *file, bool required);

/* Where byte `offset` of a scalar's text was written. */
struct mark node_mark_within(const struct node *node, size_t offset);
/* A scalar that was not read from a file. */
struct node *node_scalar(struct arena *arena, struct mark mark, struct str text);

/* ---- access; what is refused here is reported here ---- */

/* The value of a key, or NULL where it is absent or null. `mapping` may be NULL or no mapping. */
const struct node *node_get(const struct node *mapping, const char *key);
/* The same, and its absence is a problem of `mapping`. */
const struct node *node_need(struct config_problems *problems, const struct node *mapping, const char *key);
const char *node_kind_name(const struct node *node);

bool expect_mapping(struct config_problems *problems, const struct node *node, const char *what);
bool expect_sequence(struct config_problems *problems, const struct node *node, const char *what);
/* Keys that are not among `known` are problems. */
void expect_keys(struct config_problems *problems, const struct node *mapping, const char *const *known, size_t count);
bool expect_text(struct config_problems *problems, const struct node *node, const char *what, struct str *ret_text);
bool expect_integer(struct config_problems *problems, const struct node *node, int64_t minimum, int64_t maximum,
	int64_t *ret_value);
bool expect_duration(
	struct config_problems *problems, const struct node *node, int64_t minimum, int64_t maximum, int64_t *ret_ms);
bool expect_decimal(struct config_problems *problems, const struct node *node, int64_t *ret_fixed);
bool expect_boolean(struct config_problems *problems, const struct node *node, bool *ret_value);
/* Which of `names` it is. */
bool expect_choice(struct config_problems *problems, const struct node *node, const char *what,
	const char *const *names, size_t count, size_t *ret_index);
/* A name of ours: a lower-case letter, then letters, digits and _; at most 64. */
bool expect_name(struct config_problems *problems, struct mark mark, struct str name, const char *what);

#define KEYS(...) (const char *const[]){__VA_ARGS__}, sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)

#endif
