#include "base/log.h"
#include "tools/kpisim/calendar.h"
#include "tools/kpisim/commands.h"
#include "tools/kpisim/org.h"

#include <errno.h>
#include <stdio.h>

static const char head[] = "# When people work, who leads a team, and who is in which team when: dates are local, "
			   "\"from\" counts, \"until\" does not; "
			   "without dates: always.\n"
			   "# As kpisim --roster writes it.\n";

static int write_text(const char *path, struct str text)
{
	FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
	bool written;

	if (!file) {
		log_error("cannot open file=%s error=%s", path, strerror(errno));
		return 1;
	}
	written = fwrite(text.data, 1, text.length, file) == text.length && fflush(file) == 0;
	if (!written)
		log_error("cannot write file=%s error=%s", path, strerror(errno));
	if (file != stdout && fclose(file) != 0)
		written = false;
	return written ? 0 : 1;
}

int command_roster(const struct options *options, const struct zone *zone)
{
	struct org org;
	struct buf text;
	int status;

	org_init(&org, (int)options->reps, (int)options->teams, calendar_day(zone, options->start),
		calendar_day(zone, options->end));
	buf_init(&text);
	buf_put_text(&text, head);
	org_put_roster(&org, &text);
	status = write_text(options->roster, buf_str(&text));
	buf_release(&text);
	org_release(&org);
	return status;
}
