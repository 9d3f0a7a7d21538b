#include "tools/kpisim/options.h"

#include "base/decimal.h"
#include "base/text.h"
#include "tools/kpisim/calendar.h"
#include "tools/kpisim/org.h"

#include <stddef.h>

enum option_kind { OPTION_FLAG, OPTION_TEXT, OPTION_WHOLE, OPTION_SHARE, OPTION_TIME, OPTION_DURATION };

struct option_row {
	const char *name;
	enum option_kind kind;
	size_t offset;
	int64_t least;
	int64_t most;
	const char *argument;
	const char *sentence;
};

#define AT(member) offsetof(struct options, member)
#define SHARE(name, fault, sentence)                                                                          \
	{                                                                                                     \
		name, OPTION_SHARE, AT(shares) + FAULT_##fault * sizeof(int64_t), 0, RNG_PPM, "PCT", sentence \
	}

static const struct option_row rows[] = {
	{"seed", OPTION_WHOLE, AT(seed), 0, INT64_MAX, "N", "of the random numbers (1)"},
	{"start", OPTION_TIME, AT(start), 0, 0, "TIME", "first instant of the events, RFC 3339"},
	{"end", OPTION_TIME, AT(end), 0, 0, "TIME", "the instant after the last event (now)"},
	{"days", OPTION_WHOLE, AT(days), 1, 36500, "N", "length of the period, where start or end is not given (90)"},
	{"reps", OPTION_WHOLE, AT(reps), 1, ORG_REPS_MAX, "N", "people who sell (12)"},
	{"teams", OPTION_WHOLE, AT(teams), 1, ORG_TEAMS_MAX, "N", "teams (3)"},
	{"customers", OPTION_WHOLE, AT(customers), 1, 50000000, "N", "customers (2000)"},
	{"zone", OPTION_TEXT, AT(zone), 0, 0, "IANA", "where people work (Europe/Berlin)"},
	{"currency", OPTION_TEXT, AT(currency), 0, 0, "CODE", "written with some of the amounts (EUR)"},
	{"out", OPTION_TEXT, AT(out), 0, 0, "FILE", "JSON lines in order of arrival (stdout)"},
	{"brokers", OPTION_TEXT, AT(brokers), 0, 0, "HOST:PORT", "send to Kafka; with --out: both"},
	{"partitions", OPTION_WHOLE, AT(partitions), 1, 10000, "N", "of each topic (4)"},
	{"partitioner", OPTION_TEXT, AT(partitioner), 0, 0, "NAME", "murmur2 or crc32 (murmur2)"},
	{"topic-prefix", OPTION_TEXT, AT(topic_prefix), 0, 0, "TEXT", "before the names of all topics"},
	SHARE("duplicates", DUPLICATES, "share of records that arrive twice"),
	SHARE("disorder", DISORDER, "share of records that arrive after others that happened later"),
	{"disorder-max", OPTION_DURATION, AT(disorder_max), 1, 6 * DAY_MS, "DURATION", "by how much (2h)"},
	SHARE("late", LATE, "share of records that arrive more than 7 d after the event"),
	SHARE("malformed", MALFORMED, "share of messages that must be refused, added"),
	SHARE("future", FUTURE, "share of events dated more than 5 min after their arrival"),
	SHARE("wrong-partition", WRONG_PARTITION, "share of records in a partition that their key does not belong to"),
	SHARE("cloudevents", CLOUDEVENTS, "share written as CloudEvents 1.0, structured (5)"),
	SHARE("conflicts", CONFLICTS, "share of events that come again with other content, added"),
	SHARE("retractions", RETRACTIONS, "share of events that are taken back afterwards, added (0.2)"),
	{"oversized", OPTION_WHOLE, AT(oversized), 0, 100, "N", "messages over 1 MiB, added (0)"},
	{"limit", OPTION_WHOLE, AT(limit), 0, INT64_MAX, "N", "end after so many records (0: none)"},
	{"roster", OPTION_TEXT, AT(roster), 0, 0, "FILE", "write the roster (- is stdout), and nothing else"},
	{"live", OPTION_FLAG, AT(live), 0, 0, NULL, "after the history go on with events of now, until SIGTERM"},
	{"rate", OPTION_WHOLE, AT(rate), 1, 100000, "N", "live events per second (20)"},
	{"port-file", OPTION_TEXT, AT(port_file), 0, 0, "FILE", "broker: write the address there too"},
	{"help", OPTION_FLAG, AT(help), 0, 0, NULL, "this text"},
	{"version", OPTION_FLAG, AT(version), 0, 0, NULL, "the version"},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static const struct options defaults = {
	.seed = 1,
	.start = OPTION_UNSET,
	.end = OPTION_UNSET,
	.days = OPTION_UNSET,
	.reps = 12,
	.teams = 3,
	.customers = 2000,
	.zone = "Europe/Berlin",
	.currency = "EUR",
	.partitions = 4,
	.partitioner = "murmur2",
	.topic_prefix = "",
	.shares[FAULT_CLOUDEVENTS] = 5 * RNG_PPM / 100,
	.shares[FAULT_RETRACTIONS] = 2 * RNG_PPM / 1000,
	.disorder_max = 2 * HOUR_MS,
	.rate = 20,
};

static const struct option_row *row_find(struct str name)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		if (str_equal(name, str_of(rows[i].name)))
			return &rows[i];
	return NULL;
}

static enum result fail_unknown(struct str name, struct buf *error)
{
	const char *names[ROW_COUNT];
	const char *near;

	for (size_t i = 0; i < ROW_COUNT; i++)
		names[i] = rows[i].name;
	near = text_nearest(name, names, ROW_COUNT);
	buf_printf(error, "unknown option --%.*s", STR_ARG(name));
	if (near)
		buf_printf(error, "; did you mean --%s?", near);
	return RESULT_INVALID;
}

/* A percentage with decimals, in ppm: four decimals of a percent are a millionth. */
static enum result share_read(struct str text, int64_t *ret_ppm)
{
	int64_t fixed;
	enum result result = decimal_from_text(text, &fixed);

	if (result == RESULT_OK)
		*ret_ppm = fixed * (RNG_PPM / 100) / DECIMAL_ONE;
	return result;
}

static enum result number_read(const struct option_row *row, struct str text, int64_t *ret_number)
{
	switch (row->kind) {
	case OPTION_TIME:
		return text_to_time(text, ret_number);
	case OPTION_DURATION:
		return text_to_duration(text, ret_number);
	case OPTION_SHARE:
		return share_read(text, ret_number);
	default:
		return text_to_i64(text, ret_number);
	}
}

static enum result value_set(struct options *options, const struct option_row *row, const char *text, struct buf *error)
{
	char *place = (char *)options + row->offset;
	int64_t number;
	enum result result;

	if (row->kind == OPTION_TEXT) {
		memcpy(place, &text, sizeof(text));
		return RESULT_OK;
	}
	result = number_read(row, str_of(text), &number);
	if (result == RESULT_OK && row->kind != OPTION_TIME && (number < row->least || number > row->most))
		result = RESULT_RANGE;
	if (result != RESULT_OK) {
		buf_printf(error, "--%s %s: %s (%s)", row->name, text, result_text(result), row->argument);
		return result;
	}
	memcpy(place, &number, sizeof(number));
	return RESULT_OK;
}

static enum result argument_read(struct options *options, int argc, char **argv, int *at, struct buf *error)
{
	const char *text = argv[*at];
	const char *equals = strchr(text, '=');
	const struct option_row *row;
	struct str name;

	if (strncmp(text, "--", 2) != 0) {
		buf_printf(error, "unexpected argument %s", text);
		return RESULT_INVALID;
	}
	name = (struct str){text + 2, equals ? (size_t)(equals - text - 2) : strlen(text) - 2};
	row = row_find(name);
	if (!row)
		return fail_unknown(name, error);
	if (row->kind == OPTION_FLAG && !equals) {
		*((bool *)((char *)options + row->offset)) = true;
		return RESULT_OK;
	}
	if (row->kind == OPTION_FLAG || (!equals && *at + 1 >= argc)) {
		buf_printf(error, "--%s %s", row->name, equals ? "takes no value" : "needs a value");
		return RESULT_INVALID;
	}
	return value_set(options, row, equals ? equals + 1 : argv[++*at], error);
}

static enum result options_check(const struct options *options, struct buf *error)
{
	const char *sentence = NULL;

	if (options->command == COMMAND_TOPICS && !options->brokers)
		sentence = "topics needs --brokers";
	else if (strcmp(options->partitioner, "murmur2") != 0 && strcmp(options->partitioner, "crc32") != 0)
		sentence = "--partitioner is murmur2 or crc32";
	else if (options->brokers && options->shares[FAULT_WRONG_PARTITION] && options->partitions < 2)
		sentence = "--wrong-partition needs two --partitions or more";
	else if (options->start != OPTION_UNSET && options->end != OPTION_UNSET && options->days != OPTION_UNSET)
		sentence = "give two of --start, --end and --days";
	if (!sentence)
		return RESULT_OK;
	buf_put_text(error, sentence);
	return RESULT_INVALID;
}

enum result options_read(struct options *options, int argc, char **argv, struct buf *error)
{
	struct options read = defaults;
	int at = 1;

	if (argc > 1 && strcmp(argv[1], "broker") == 0)
		read.command = COMMAND_BROKER;
	else if (argc > 1 && strcmp(argv[1], "topics") == 0)
		read.command = COMMAND_TOPICS;
	at += read.command != COMMAND_RUN;
	for (; at < argc; at++) {
		enum result result = argument_read(&read, argc, argv, &at, error);

		if (result != RESULT_OK)
			return result;
	}
	*options = read;
	return options_check(options, error);
}

enum result options_set_period(struct options *options, int64_t now, struct buf *error)
{
	int64_t length = (options->days == OPTION_UNSET ? 90 : options->days) * DAY_MS;

	if (options->end == OPTION_UNSET)
		options->end =
			options->start != OPTION_UNSET && options->days != OPTION_UNSET ? options->start + length : now;
	if (options->start == OPTION_UNSET)
		options->start = options->end - length;
	if (options->start < options->end && options->start >= 0)
		return RESULT_OK;
	buf_put_text(error, "the period is empty or begins before 1970: --start must come before --end");
	return RESULT_INVALID;
}

void options_put_help(struct buf *buf)
{
	buf_put_text(buf,
		"usage: kpisim [options]                       events of a sales organisation\n"
		"       kpisim broker [--partitions N] [--port-file FILE]\n"
		"                                              an embedded broker, until SIGTERM\n"
		"       kpisim topics --brokers HOST:PORT [--partitions N] [--topic-prefix TEXT]\n"
		"                                              create all topics\n\n"
		"The same seed, options, start and end give the same bytes. Shares are in percent, decimals "
		"allowed.\n\n");
	for (size_t i = 0; i < ROW_COUNT; i++) {
		int width = (int)strlen(rows[i].name);

		buf_printf(buf, "  --%s %-*s %s\n", rows[i].name, 26 - width, rows[i].argument ? rows[i].argument : "",
			rows[i].sentence);
	}
}
