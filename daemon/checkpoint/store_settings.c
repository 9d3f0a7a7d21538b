#include "daemon/checkpoint/store_settings.h"

#include "daemon/kafka/producer.h"

#include <stdio.h>
#include <stdlib.h>

static const char *state_directory(const struct settings *settings)
{
	const char *systemd = getenv("STATE_DIRECTORY");
	if (settings->checkpoint_directory[0] != '\0')
		return settings->checkpoint_directory;
	return systemd && systemd[0] ? systemd : "state";
}

void store_place_init(struct store_place *place, const struct settings *settings)
{
	bool named = settings->checkpoint_topic[0] != '\0';
	snprintf(place->topic, sizeof place->topic, "%s%s%s", settings->kafka_topic_prefix,
		named ? settings->checkpoint_topic : settings->name, named ? "" : ".checkpoints");
	place->options = (struct store_options){
		.kind = settings->checkpoint_store == CHECKPOINT_STORE_KAFKA ? STORE_KAFKA : STORE_DIRECTORY,
		.directory = state_directory(settings),
		.topic = place->topic,
		.brokers = settings->kafka_brokers,
		.properties = (const struct kafka_property *)settings->kafka_properties,
		.property_count = settings->kafka_property_count,
	};
}

const char *store_setting(const struct settings *settings)
{
	return settings->checkpoint_store == CHECKPOINT_STORE_KAFKA ? "checkpoint.topic" : "checkpoint.directory";
}
