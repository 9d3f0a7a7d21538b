#include "base/log.h"
#include "base/text.h"
#include "daemon/kafka/embedded.h"
#include "tools/kpisim/commands.h"
#include "tools/kpisim/live.h"
#include "tools/kpisim/topics.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static enum result topics_create(struct embedded_broker *broker, const struct options *options)
{
	enum result result = RESULT_OK;
	struct buf name;

	buf_init(&name);
	for (int i = 0; i < TOPIC_ALL_COUNT && result == RESULT_OK; i++)
		result = embedded_broker_create_topic(
			broker, topics_name(&name, options->topic_prefix, i), (int)options->partitions);
	buf_release(&name);
	return result;
}

static enum result file_write(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");
	bool written = file && fputs(text, file) >= 0 && fputc('\n', file) != EOF;

	if (file && fclose(file) != 0)
		written = false;
	return written ? RESULT_OK : RESULT_IO;
}

/* Whoever waits for the file finds it whole. */
static enum result address_write(const char *path, const char *address)
{
	struct buf draft;
	enum result result;

	buf_init(&draft);
	buf_printf(&draft, "%s.new", path);
	result = file_write(draft.data, address);
	if (result == RESULT_OK && rename(draft.data, path) != 0)
		result = RESULT_IO;
	if (result != RESULT_OK)
		log_error("cannot write file=%s error=%s", path, strerror(errno));
	buf_release(&draft);
	return result;
}

static enum result broker_serve(struct embedded_broker *broker, const struct options *options, int signals)
{
	const char *address = embedded_broker_address(broker);
	enum result result = topics_create(broker, options);

	if (result == RESULT_OK && options->port_file)
		result = address_write(options->port_file, address);
	if (result == RESULT_OK && (printf("%s\n", address) < 0 || fflush(stdout) != 0))
		result = RESULT_IO;
	while (result == RESULT_OK && !signals_wait(signals, -1))
		continue;
	return result;
}

int command_broker(const struct options *options)
{
	struct embedded_broker *broker;
	char error[512] = "";
	int signals = signals_open();
	enum result result;

	signal(SIGPIPE, SIG_IGN);
	if (signals < 0) {
		log_error("cannot wait for signals error=%s", strerror(errno));
		return 1;
	}
	result = embedded_broker_new((int)options->partitions, error, sizeof(error), &broker);
	if (result == RESULT_OK) {
		result = broker_serve(broker, options, signals);
		embedded_broker_free(broker);
	}
	if (result != RESULT_OK)
		log_error("the embedded broker failed: %s %s", result_text(result), error);
	close(signals);
	return result == RESULT_OK ? 0 : 1;
}
