#include "daemon/kafka/client.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

void client_log(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
	enum log_level ours = level <= LOG_LEVEL_ERROR ? LOG_LEVEL_ERROR
		: level >= LOG_LEVEL_DEBUG             ? LOG_LEVEL_DEBUG
						       : (enum log_level)level;

	log_write(ours, "%s client=%s facility=%s", text, handle ? rd_kafka_name(handle) : "", facility);
}

enum result client_check_fixed(const struct kafka_property *properties, size_t count,
	const struct kafka_property *fixed, size_t fixed_count, char *error, size_t error_size)
{
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < fixed_count; k++)
			if (!strcmp(properties[i].name, fixed[k].name)) {
				snprintf(error, error_size, "%s cannot be set: kpid needs %s", fixed[k].name,
					fixed[k].value);
				return RESULT_INVALID;
			}
	return RESULT_OK;
}

enum result client_set_all(
	rd_kafka_conf_t *conf, const struct kafka_property *properties, size_t count, char *error, size_t error_size)
{
	for (size_t i = 0; i < count; i++)
		if (rd_kafka_conf_set(conf, properties[i].name, properties[i].value, error, error_size) !=
			RD_KAFKA_CONF_OK)
			return RESULT_INVALID;
	return RESULT_OK;
}
