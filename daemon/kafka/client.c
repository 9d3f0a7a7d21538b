#include "daemon/kafka/client.h"

#include "base/log.h"

void client_log(const rd_kafka_t *handle, int level, const char *facility, const char *text)
{
	enum log_level ours = level <= LOG_LEVEL_ERROR ? LOG_LEVEL_ERROR
		: level >= LOG_LEVEL_DEBUG             ? LOG_LEVEL_DEBUG
						       : (enum log_level)level;

	log_write(ours, "%s client=%s facility=%s", text, handle ? rd_kafka_name(handle) : "", facility);
}
