/* The grammar for people. */
#include "config/grammar.h"

/* | parts a table's cells. */
static void put_type(struct buf *out, const char *type)
{
	for (; *type; type++) {
		if (*type == '|')
			buf_put_byte(out, '\\');
		if (*type != '@')
			buf_put_byte(out, (uint8_t)*type);
	}
}

void grammar_put_functions(struct buf *out)
{
	size_t count;
	const struct grammar_function *functions = grammar_functions(&count);
	buf_put_text(out, "| function | gives |\n|---|---|\n");
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "| `%s(%s)` | %s |\n", functions[i].name, functions[i].arguments, functions[i].text);
}

void grammar_put_table(struct buf *out, const struct grammar_mapping *mapping)
{
	buf_put_text(out, "| key | value | what |\n|---|---|---|\n");
	for (size_t i = 0; i < grammar_key_count(mapping); i++) {
		const struct grammar_key *key = &mapping->keys[i];
		buf_printf(out, "| `%s`%s | `", key->name, key->required ? " (needed)" : "");
		put_type(out, key->type);
		buf_printf(out, "` | %s |\n", key->text);
	}
}
