/* The keys of kpid.yaml as plain values; config/settings_table.h says what each is. Durations are ms, sizes are bytes. */
#ifndef CONFIG_SETTINGS_H
#define CONFIG_SETTINGS_H

#include "base/str.h"
#include "config/settings_table.h"

#define SETTING_TYPE_TEXT const char *
#define SETTING_TYPE_INTEGER int64_t
#define SETTING_TYPE_DURATION int64_t
#define SETTING_TYPE_BYTES int64_t
#define SETTING_TYPE_BOOLEAN bool
#define SETTING_TYPE_WEEKDAY int64_t          /* 0 Monday to 6 Sunday */
#define SETTING_TYPE_PARTITIONER int64_t      /* enum partitioner */
#define SETTING_TYPE_LOG_LEVEL int64_t        /* enum log_level */
#define SETTING_TYPE_CHECKPOINT_STORE int64_t /* enum checkpoint_store */

enum partitioner { PARTITIONER_MURMUR2, PARTITIONER_CRC32, PARTITIONER_ANY };
enum checkpoint_store { CHECKPOINT_STORE_DIRECTORY, CHECKPOINT_STORE_KAFKA };

/* A librdkafka property from kafka.properties, passed on as it is. */
struct setting_property {
	const char *name;
	const char *value;
};

struct settings {
#define SETTING_MEMBER(key, member, kind, ...) SETTING_TYPE_##kind member;
	SETTINGS(SETTING_MEMBER)
#undef SETTING_MEMBER
	struct setting_property *kafka_properties;
	size_t kafka_property_count;
};

#endif
