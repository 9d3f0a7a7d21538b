/* One row a key of kpid.yaml: parsing, the reference docs/configuration.md and the sample come from this table.
 *
 * X(key, member, kind, default, minimum, maximum, reloadable, sentence); kinds: TEXT, INTEGER, DURATION (ms), BYTES, BOOLEAN, CHOICE_<list> */
#ifndef CONFIG_SETTINGS_TABLE_H
#define CONFIG_SETTINGS_TABLE_H

#define SETTINGS(X)                                                                                                    \
	X("name", name, TEXT, "kpid", 1, 64, false,                                                                    \
		"Name of this service; two processes with one name are one service and its standby.")                  \
	X("cluster", cluster, BOOLEAN, "false", 0, 1, false,                                                           \
		"Processes of this name are a fleet that shares the work; it needs checkpoint.store: kafka.")          \
	X("time_zone", time_zone, TEXT, "UTC", 1, 63, false, "IANA time zone of days, weeks and months.")              \
	X("currency", currency, TEXT, "EUR", 3, 3, false, "ISO 4217 code that amounts are in.")                        \
	X("calendar.week_start", week_start, WEEKDAY, "monday", 0, 6, false, "First day of the week.")                 \
	X("calendar.fiscal_year_start", fiscal_year_start, INTEGER, "1", 1, 12, false,                                 \
		"First month of the fiscal year; quarters follow it.")                                                 \
	X("roster.file", roster_file, TEXT, "roster.yaml", 0, 4096, false,                                             \
		"The roster, relative to the configuration directory; empty: none.")                                   \
	X("rates.file", rates_file, TEXT, "", 0, 4096, false,                                                          \
		"Exchange rates of other currencies, relative to the configuration directory; empty: none.")           \
	X("kafka.brokers", kafka_brokers, TEXT, "127.0.0.1:9092", 1, 4096, false,                                      \
		"Bootstrap brokers, host:port, separated by commas.")                                                  \
	X("kafka.topic_prefix", kafka_topic_prefix, TEXT, "", 0, 128, false, "Put before the name of every topic.")    \
	X("kafka.partitioner", kafka_partitioner, PARTITIONER, "murmur2", 0, 2, false,                                 \
		"How producers choose the partition of a key: murmur2 (Java), crc32 (librdkafka), any (not checked).") \
	X("kafka.dead_letter_topic", kafka_dead_letter_topic, TEXT, "sales.dead_letters", 1, 249, false,               \
		"Where refused messages are kept.")                                                                    \
	X("kafka.late_topic", kafka_late_topic, TEXT, "sales.late", 1, 249, false, "Where late events are kept.")      \
	X("kafka.session_timeout", session_timeout, DURATION, "10s", 6000, 300000, false,                              \
		"A member of a fleet that is not heard of for so long has lost its shards to the others.")             \
	X("redis.url", redis_url, TEXT, "redis://127.0.0.1:6379/0", 1, 1024, false,                                    \
		"redis://[user:password@]host:port/database, unix:///path?db=0, or sentinel://...: see "               \
		"docs/redis.md.")                                                                                      \
	X("redis.prefix", redis_prefix, TEXT, "kpi:", 1, 64, false, "Put before the name of every key.")               \
	X("redis.refresh", redis_refresh, DURATION, "60s", 1000, 3600000, true,                                        \
		"Every key is written again within this time, so that any damage heals.")                              \
	X("redis.lease", redis_lease, DURATION, "5s", 1000, 60000, false,                                              \
		"A standby takes over when the active process was silent for so long.")                                \
	X("checkpoint.store", checkpoint_store, CHECKPOINT_STORE, "directory", 0, 1, false,                            \
		"Where state is kept: in a directory of this machine, or in a Kafka topic.")                           \
	X("checkpoint.topic", checkpoint_topic, TEXT, "", 0, 249, false,                                               \
		"The topic of the store `kafka`; empty: the name with .checkpoints behind it.")                        \
	X("checkpoint.directory", checkpoint_directory, TEXT, "", 0, 4096, false,                                      \
		"The directory of the store `directory`; empty: systemd's state directory, else ./state.")             \
	X("checkpoint.interval", checkpoint_interval, DURATION, "10s", 100, 3600000, true,                             \
		"Time between two checkpoints.")                                                                       \
	X("limits.allowed_lateness", allowed_lateness, DURATION, "7d", 0, 34560000000, false,                          \
		"An event that arrives later than this after its time is late and does not count.")                    \
	X("limits.max_future", max_future, DURATION, "5m", 0, 86400000, false,                                         \
		"An event dated further than this after its arrival is refused.")                                      \
	X("limits.clock_skew", clock_skew, DURATION, "5m", 10000, 86400000, false,                                     \
		"While the clock is further than this off the brokers', figures stand still, with an alarm.")          \
	X("limits.message_bytes", message_bytes, BYTES, "1MiB", 64, 67108864, false, "A larger message is refused.")   \
	X("limits.keys", limit_keys, INTEGER, "100000", 1, 10000000, false,                                            \
		"Keys of a dimension in one shard; further ones are counted as __other__.")                            \
	X("limits.customer_events", limit_customer_events, INTEGER, "100000", 1, 10000000, false,                      \
		"Events of one customer that are kept until the allowed lateness is over; further ones are refused.")  \
	X("limits.kafka_queue_bytes", kafka_queue_bytes, BYTES, "32MiB", 1048576, 4294967296, false,                   \
		"Messages that are fetched ahead, in all.")                                                            \
	X("workers.threads", worker_threads, INTEGER, "0", 0, 256, false,                                              \
		"Worker threads; 0: one for each processor.")                                                          \
	X("publish.interval", publish_interval, DURATION, "100ms", 1, 60000, true,                                     \
		"Longest time between two publications under load.")                                                   \
	X("log.level", log_level, LOG_LEVEL, "info", 0, 4, true, "error, warning, notice, info or debug.")

#endif
