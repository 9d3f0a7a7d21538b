/* kpictl replay: the pipeline over a file, without Kafka and without Redis. */
#include "base/mem.h"
#include "base/text.h"
#include "pipeline/publish/json.h"
#include "tools/kpictl/engine.h"
#include "tools/kpictl/replay_input.h"
#include "tools/kpictl/seed.h"
#include "tools/kpictl/verbs.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

static const char usage[] =
	"Usage: kpictl replay --config DIR [OPTION]... FILE\n"
	"Computes every figure from a file of events, one JSON object a line (flat or CloudEvents), and prints one "
	"JSON\n"
	"object a figure. FILE '-' is standard input.\n"
	"\n"
	"  -c, --config DIR     configuration directory\n"
	"  -s, --set KEY=VALUE  override a key of kpid.yaml; may be given several times\n"
	"  -a, --as-of TIME     count only events before TIME (RFC 3339); default: just after the last event\n"
	"      --as-arrived     keep the order of the lines, and take their received_at as Kafka's timestamp\n"
	"      --shards N       spread the customers over N shards (default 1)\n"
	"\n"
	"The state instead of the figures, for kpid to go on from (a seed):\n"
	"      --checkpoint DIR  write it there, as a checkpoint of every shard; DIR holds none yet\n"
	"      --partitions N    as many as the topics have\n"
	"      --until TIME      the seed's end: what is dated before it is in the file, and kpid drops what Kafka has "
	"of\n"
	"                        it (default: the end of the step in which the last event lies)\n"
	"  -h, --help           print this and end\n";

struct replay {
	const char *directory, *path;
	const char **overrides;
	size_t override_count;
	int64_t as_of; /* INT64_MIN: just after the last event */
	bool as_arrived;
	const char *checkpoint; /* directory of the seed, or NULL */
	bool has_partitions;
	uint32_t shard_count;
	struct config *config;
	struct replay_input input;
	struct decoder *decoder;
	struct engine engine;
	uint64_t outcomes[SHARD_REFUSED + 1];
	uint64_t not_yet; /* at or after as_of */
};

static bool bad(const char *what, const char *text)
{
	fprintf(stderr, "kpictl replay: %s '%s'\nTry 'kpictl replay --help'.\n", what, text);
	return false;
}

static bool take_shards(struct replay *replay, const char *text)
{
	int64_t count;
	if (text_to_i64(str_of(text), &count) != RESULT_OK || count < 1 || count > 1024)
		return bad("--shards and --partitions take a number from 1 to 1024, not", text);
	replay->shard_count = (uint32_t)count;
	return true;
}

static bool take_option(struct replay *replay, int option)
{
	switch (option) {
	case 'c':
		replay->directory = optarg;
		return true;
	case 's':
		replay->overrides =
			mem_resize(replay->overrides, replay->override_count + 1, sizeof *replay->overrides);
		replay->overrides[replay->override_count++] = optarg;
		return true;
	case 'a':
		if (text_to_time(str_of(optarg), &replay->as_of) != RESULT_OK)
			return bad("--as-of takes a time such as 2026-11-23T21:00:00Z, not", optarg);
		return true;
	case 'r':
		replay->as_arrived = true;
		return true;
	case 'n':
		return take_shards(replay, optarg);
	case 'k':
		replay->checkpoint = optarg;
		return true;
	case 'p':
		replay->has_partitions = true;
		return take_shards(replay, optarg);
	case 'u':
		if (text_to_time(str_of(optarg), &replay->as_of) != RESULT_OK)
			return bad("--until takes a time such as 2026-11-23T21:00:00Z, not", optarg);
		return true;
	default:
		fputs("Try 'kpictl replay --help'.\n", stderr);
		return false;
	}
}

static bool parse(struct replay *replay, int argc, char **argv, int *ret_exit)
{
	static const struct option known[] = {
		{"config", required_argument, NULL, 'c'},
		{"set", required_argument, NULL, 's'},
		{"as-of", required_argument, NULL, 'a'},
		{"as-arrived", no_argument, NULL, 'r'},
		{"shards", required_argument, NULL, 'n'},
		{"checkpoint", required_argument, NULL, 'k'},
		{"partitions", required_argument, NULL, 'p'},
		{"until", required_argument, NULL, 'u'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int option;
	*ret_exit = 2;
	while ((option = getopt_long(argc, argv, "c:s:a:h", known, NULL)) != -1) {
		if (option == 'h') {
			fputs(usage, stdout);
			*ret_exit = 0;
			return false;
		}
		if (!take_option(replay, option))
			return false;
	}
	if (!replay->directory || optind + 1 != argc)
		return bad("it takes --config DIR and one file, see", "--help");
	if (replay->checkpoint && !replay->has_partitions)
		return bad("--partitions is missing for", "--checkpoint");
	replay->path = argv[optind];
	return true;
}

static bool load(struct replay *replay)
{
	replay->config = engine_config(replay->directory, replay->overrides, replay->override_count);
	return replay->config && (!replay->checkpoint || seed_possible(replay->config, replay->shard_count));
}

static bool read_input(struct replay *replay)
{
	const struct settings *settings = &replay->config->settings;
	replay->decoder = decoder_new(&replay->config->schema, (size_t)settings->message_bytes);
	if (replay_input_read(&replay->input, replay->path, replay->decoder, replay->as_arrived) != RESULT_OK) {
		fprintf(stderr, "kpictl replay: %s: %s\n", replay->path, strerror(errno));
		return false;
	}
	if (replay->as_of == INT64_MIN)
		replay->as_of = replay_input_after_last(&replay->input, settings, replay->as_arrived);
	else if (replay->checkpoint)
		return true;
	if (replay->checkpoint && replay->as_of != INT64_MIN)
		replay->as_of = window_end(&replay->config->model, replay->as_of);
	if (replay->as_of == INT64_MIN) {
		fprintf(stderr, "kpictl replay: %s holds no event: give --as-of to see the figures of nothing\n",
			replay->path);
		return false;
	}
	return true;
}

static void count_line(struct replay *replay, const struct replay_line *line)
{
	struct message message = {.body = line->text, .topic = -1};
	struct event event;
	enum refusal reason;
	if (line->time >= replay->as_of) {
		replay->not_yet++;
		return;
	}
	if (decode(replay->decoder, &message, &event, &reason, NULL) != RESULT_OK)
		return; /* it was counted when the file was read */
	enum shard_outcome outcome = engine_event(&replay->engine, &event, line->kafka_time, &reason);
	replay->outcomes[outcome]++;
	if (outcome == SHARD_REFUSED)
		replay->input.refused[reason]++;
}

static void count_all(struct replay *replay)
{
	static const struct publication_sink nobody;
	int64_t end = window_end(&replay->config->model, replay->as_of);
	engine_init(&replay->engine, replay->config, replay->shard_count, end, &nobody);
	if (replay->checkpoint)
		replay->engine.fold_at = seed_fold_at(replay->config, replay->as_of);
	for (size_t i = 0; i < replay->input.count; i++)
		count_line(replay, &replay->input.lines[i]);
}

static void print_figure(
	void *context, uint8_t dimension, struct str key, const struct figure *figure, const struct aim *aim)
{
	const struct model *model = context;
	struct buf line;
	buf_init(&line);
	json_put_line(&line, model, dimension, key, figure, aim);
	buf_put_byte(&line, '\n');
	fwrite(line.data, 1, line.length, stdout);
	buf_release(&line);
}

static void print_figures(struct replay *replay)
{
	if (engine_publish(&replay->engine, replay->as_of) != RESULT_OK)
		fputs("kpictl replay: a batch is damaged\n", stderr);
	publisher_each(replay->engine.publisher, &replay->engine.evaluation, print_figure,
		(void *)(uintptr_t)&replay->config->model);
}

static void print_summary(const struct replay *replay)
{
	uint64_t missed = replay->outcomes[SHARD_MISSED], applied = replay->outcomes[SHARD_APPLIED] + missed;
	uint64_t refused = replay->input.refused_count + replay->outcomes[SHARD_REFUSED];
	fprintf(stderr, "%llu events counted, %llu duplicates, %llu late, %llu refused, %llu not before %s\n",
		(unsigned long long)applied, (unsigned long long)replay->outcomes[SHARD_DUPLICATE],
		(unsigned long long)replay->outcomes[SHARD_LATE], (unsigned long long)refused,
		(unsigned long long)replay->not_yet, replay->checkpoint ? "--until" : "--as-of");
	if (missed)
		fprintf(stderr, "  retractions that found nothing to take back: %llu\n", (unsigned long long)missed);
	for (int reason = 1; reason < REFUSAL_COUNT; reason++)
		if (replay->input.refused[reason])
			fprintf(stderr, "  refused: %llu %s\n", (unsigned long long)replay->input.refused[reason],
				refusal_name((enum refusal)reason));
}

static bool finish(struct replay *replay)
{
	if (replay->checkpoint)
		return seed_save(&replay->engine, replay->checkpoint, replay->as_of);
	print_figures(replay);
	return true;
}

static void release(struct replay *replay)
{
	engine_release(&replay->engine);
	replay_input_release(&replay->input);
	decoder_free(replay->decoder);
	config_free(replay->config);
	mem_free(replay->overrides);
}

int kpictl_replay(int argc, char **argv)
{
	struct replay replay = {.as_of = INT64_MIN, .shard_count = 1};
	int code;
	if (parse(&replay, argc, argv, &code)) {
		code = 1;
		if (load(&replay) && read_input(&replay)) {
			count_all(&replay);
			bool good = finish(&replay);
			print_summary(&replay);
			code = !good || ferror(stdout) || fflush(stdout) != 0;
		}
	}
	release(&replay);
	return code;
}
