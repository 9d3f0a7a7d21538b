#include "base/buf.h"
#include "config/grammar.h"
#include "config/settings_load.h"
#include "tools/kpictl/verbs.h"
#include <stdio.h>

static int usage(void)
{
	fputs("usage: kpictl config --reference | --sample | --grammar | --schema "
	      "events|kpis|roster|rates|tests|kpid\n",
		stderr);
	return EXIT_USAGE;
}

static void put_grammar(struct buf *out)
{
	const struct grammar_mapping *mapping;
	for (size_t i = 0; (mapping = grammar_at(i)); i++) {
		buf_printf(out, "%s## %s\n\n%s.\n\n", i ? "\n" : "", mapping->name, mapping->text);
		grammar_put_table(out, mapping);
	}
	buf_put_text(out, "\n## functions\n\nThe functions of formulas.\n\n");
	grammar_put_functions(out);
}

static bool put_schema(struct buf *out, const char *file)
{
	if (strcmp(file, "kpid") != 0)
		return grammar_put_schema(out, str_of(file));
	settings_put_schema(out);
	return true;
}

int kpictl_config(int argc, char **argv)
{
	struct buf out;
	bool good = true;
	buf_init(&out);
	if (argc == 2 && strcmp(argv[1], "--reference") == 0)
		settings_put_reference(&out);
	else if (argc == 2 && strcmp(argv[1], "--sample") == 0)
		settings_put_sample(&out);
	else if (argc == 2 && strcmp(argv[1], "--grammar") == 0)
		put_grammar(&out);
	else
		good = argc == 3 && strcmp(argv[1], "--schema") == 0 && put_schema(&out, argv[2]);
	if (good)
		fputs(out.data, stdout);
	buf_release(&out);
	return good ? 0 : usage();
}
