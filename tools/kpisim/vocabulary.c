#include "tools/kpisim/vocabulary.h"

const char *topic_name(enum topic topic)
{
	static const char *const names[] = {
#define TOPIC_TEXT(name, text) text,
		TOPICS(TOPIC_TEXT)
#undef TOPIC_TEXT
	};

	return names[topic];
}

const char *event_type_name(enum event_type type)
{
	static const char *const names[] = {
#define EVENT_TEXT(name, text, topic) text,
		EVENT_TYPES(EVENT_TEXT)
#undef EVENT_TEXT
	};

	return names[type];
}

enum topic event_type_topic(enum event_type type)
{
	static const enum topic topics[] = {
#define EVENT_TOPIC(name, text, topic) TOPIC_##topic,
		EVENT_TYPES(EVENT_TOPIC)
#undef EVENT_TOPIC
	};

	return topics[type];
}
