#include "base/log.h"
#include "daemon/kafka/producer.h"
#include "tools/kpisim/commands.h"
#include "tools/kpisim/topics.h"

#define CREATE_TIMEOUT_MS 30000

static enum result create_all(struct producer *producer, const struct options *options)
{
	/* Records carry old timestamps on purpose: nothing is thrown away for its age. */
	const struct kafka_property keep[] = {{"retention.ms", "-1"}};
	enum result result = RESULT_OK;
	char error[512] = "";
	struct buf name;

	buf_init(&name);
	for (int i = 0; i < TOPIC_ALL_COUNT && result == RESULT_OK; i++) {
		const char *topic = topics_name(&name, options->topic_prefix, i);

		result = producer_create_topic(
			producer, topic, (int)options->partitions, 1, keep, 1, CREATE_TIMEOUT_MS, error, sizeof(error));
		if (result != RESULT_OK)
			log_error("cannot create topic=%s error=%s", topic, error);
	}
	buf_release(&name);
	return result;
}

int command_topics(const struct options *options)
{
	struct producer *producer;
	char error[512] = "";
	enum result result = producer_new(options->brokers, "murmur2_random", NULL, 0, error, sizeof(error), &producer);

	if (result != RESULT_OK) {
		log_error("cannot start a producer brokers=%s error=%s", options->brokers, error);
		return 1;
	}
	result = create_all(producer, options);
	producer_free(producer);
	return result == RESULT_OK ? 0 : 1;
}
