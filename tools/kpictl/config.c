#include "base/buf.h"
#include "config/settings_load.h"
#include "tools/kpictl/verbs.h"
#include <stdio.h>

int kpictl_config(int argc, char **argv)
{
	bool reference = argc == 2 && strcmp(argv[1], "--reference") == 0;
	bool sample = argc == 2 && strcmp(argv[1], "--sample") == 0;
	if (!reference && !sample) {
		fputs("usage: kpictl config --reference | --sample\n", stderr);
		return EXIT_USAGE;
	}
	struct buf out;
	buf_init(&out);
	if (reference)
		settings_put_reference(&out);
	else
		settings_put_sample(&out);
	fputs(out.data, stdout);
	buf_release(&out);
	return 0;
}
