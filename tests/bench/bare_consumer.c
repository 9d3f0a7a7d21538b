/* What reading costs by itself: the records of some topics, from the beginning to the end, with the settings of kpid's own consumer and, every 20
 * ms, the request that wakes the fetching of librdkafka before 2.2 (docs/performance.md).
 *
 *   bare_consumer --brokers HOST:PORT --topics A,B,C [--partitions N] [--threads N] [--mode drop|count|least|least-shipped]
 *
 * drop: librdkafka alone; every message is dropped as it comes. count: through daemon/kafka/consumer.h, as a worker of kpid reads, partition by partition; every
 * record is looked at and counted. least, least-shipped: the same, and the least that is to be done with an event (bench_least.h). Each thread has a consumer, and
 * partition p of all topics is read by thread p % threads.
 *
 * Prints one line of JSON: records, bytes (of values), seconds from the start of the process to its last record, and from its first
 * record to its last; processor seconds of all threads. */
#include "base/clock.h"
#include "base/mem.h"
#include "daemon/kafka/consumer_internal.h"
#include "tests/bench/bench_event.h"
#include "tests/bench/bench_least.h"
#include "tests/bench/bench_options.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <unistd.h>

enum { TOPICS_MAX = 64, THREADS_MAX = 64, TAKE_MAX = 256, WAIT_MS = 5, WAKE_US = 20000 };

struct bare {
	const char *brokers, *topics_text, *mode;
	int64_t partitions, threads;
	char *topics[TOPICS_MAX];
	size_t topic_count;
	int64_t start_us;
};

struct reading {
	const struct bare *bare;
	int number;
	pthread_t thread;
	uint64_t records, bytes;
	int64_t first_us, last_us; /* 0: none */
	struct least *least;       /* NULL: in another mode */
};

static void die(const char *text)
{
	fprintf(stderr, "bare_consumer: %s\n", text);
	exit(1);
}

static void note(struct reading *reading, uint64_t records, uint64_t bytes)
{
	reading->records += records;
	reading->bytes += bytes;
	reading->last_us = clock_steady_us();
	if (!reading->first_us)
		reading->first_us = reading->last_us;
}

/* The partitions of this thread: partition p of all topics goes together. */
static size_t list_positions(const struct reading *reading, struct consumer_position *positions)
{
	size_t count = 0;
	for (int32_t p = reading->number; p < reading->bare->partitions; p += (int32_t)reading->bare->threads)
		for (size_t t = 0; t < reading->bare->topic_count; t++)
			positions[count++] = (struct consumer_position){(int32_t)t, p, CONSUMER_EARLIEST};
	return count;
}

static struct consumer_options options_of(const struct reading *reading, size_t slots)
{
	return (struct consumer_options){
		.brokers = reading->bare->brokers,
		.client_id = "bare",
		.group = "bare",
		.queue_bytes = BENCH_QUEUE_BYTES / reading->bare->threads,
		.slot_count = slots,
	};
}

/* ---- drop */

static void assign(rd_kafka_t *handle, const struct reading *reading, const struct consumer_position *positions,
	struct end_row *rows, size_t count)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)count);
	for (size_t i = 0; i < count; i++) {
		const char *topic = reading->bare->topics[positions[i].topic];
		rd_kafka_topic_partition_list_add(list, topic, positions[i].partition)->offset =
			RD_KAFKA_OFFSET_BEGINNING;
		rows[i] = (struct end_row){.topic = topic, .partition = positions[i].partition};
	}
	if (rd_kafka_assign(handle, list))
		die("cannot assign partitions");
	rd_kafka_topic_partition_list_destroy(list);
}

/* Returns how many partitions came to their end. */
static size_t drop(struct reading *reading, rd_kafka_message_t **messages, ssize_t count)
{
	uint64_t records = 0, bytes = 0;
	size_t ended = 0;
	for (ssize_t i = 0; i < count; i++) {
		if (messages[i]->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
			ended++;
		} else if (messages[i]->err) {
			die(rd_kafka_message_errstr(messages[i]));
		} else {
			records++;
			bytes += messages[i]->len;
		}
		rd_kafka_message_destroy(messages[i]);
	}
	if (records)
		note(reading, records, bytes);
	return ended;
}

static void drop_all(
	struct reading *reading, rd_kafka_t *handle, struct ends *ends, const struct end_row *rows, size_t partitions)
{
	rd_kafka_message_t *messages[TAKE_MAX];
	rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(handle);
	int64_t wake_us = 0, now_ms;
	for (size_t ended = 0, answered; ended < partitions;) {
		ssize_t count = rd_kafka_consume_batch_queue(queue, WAIT_MS, messages, TAKE_MAX);
		ended += drop(reading, messages, count);
		(void)ends_take(ends, &answered, &now_ms);
		if (clock_steady_us() >= wake_us && ends_ask(ends, rows, partitions, 0))
			wake_us = clock_steady_us() + WAKE_US;
	}
	rd_kafka_queue_destroy(queue);
}

static void read_dropping(struct reading *reading)
{
	struct consumer_position *positions =
		NEW_ARRAY(struct consumer_position, reading->bare->partitions * TOPICS_MAX);
	size_t count = list_positions(reading, positions);
	struct end_row *rows = NEW_ARRAY(struct end_row, count);
	struct consumer reports = {0}; /* where the handle leaves its errors */
	char error[512];
	/* One queue takes what all partitions bring. */
	struct consumer_options options = options_of(reading, 1);
	rd_kafka_t *handle = consumer_handle_new(&reports, &options, error, sizeof error);
	if (!handle)
		die(error);
	int event_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct ends *ends = ends_new(handle, event_fd);
	rd_kafka_poll_set_consumer(handle);
	assign(handle, reading, positions, rows, count);
	drop_all(reading, handle, ends, rows, count);
	ends_free(ends);
	close(event_fd);
	rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	mem_free(rows);
	mem_free(positions);
}

/* ---- count */

/* True when there was something. */
static bool count_slot(struct reading *reading, struct consumer *consumer, size_t slot)
{
	const struct consumer_slot *state = consumer_peek(consumer, slot);
	uint64_t records = 0, bytes = 0;
	for (; state->state == CONSUMER_RECORD && records < TAKE_MAX; consumer_advance(consumer, slot)) {
		records++;
		bytes += state->record->value.length;
		if (reading->least)
			least_take(reading->least, (uint32_t)state->record->topic, state->record->value);
	}
	if (records)
		note(reading, records, bytes);
	return records;
}

static bool all_ended(struct consumer *consumer, size_t slots)
{
	for (size_t i = 0; i < slots; i++)
		if (consumer_peek(consumer, i)->state != CONSUMER_END)
			return false;
	return true;
}

static void count_all(struct reading *reading, struct consumer *consumer, size_t slots)
{
	int64_t wake_us = 0;
	while (!all_ended(consumer, slots)) {
		bool any = false;
		for (size_t i = 0; i < slots; i++)
			any |= count_slot(reading, consumer, i);
		if (clock_steady_us() >= wake_us) {
			consumer_check_end(consumer, clock_wall_ms());
			wake_us = clock_steady_us() + WAKE_US;
		}
		if (!any)
			consumer_wait(consumer, WAIT_MS);
	}
}

static void read_counting(struct reading *reading)
{
	const struct bare *bare = reading->bare;
	struct consumer_position *positions = NEW_ARRAY(struct consumer_position, bare->partitions * TOPICS_MAX);
	size_t count = list_positions(reading, positions);
	struct consumer_options options = options_of(reading, count);
	struct consumer *consumer;
	char error[512];
	if (consumer_new(&options, error, sizeof error, &consumer))
		die(error);
	if (consumer_assign(consumer, (const char *const *)bare->topics, bare->topic_count, positions, count, error,
		    sizeof error))
		die(error);
	count_all(reading, consumer, count);
	consumer_free(consumer);
	mem_free(positions);
}

/* ---- */

static void *read_main(void *context)
{
	struct reading *reading = context;
	if (strcmp(reading->bare->mode, "drop") == 0) {
		read_dropping(reading);
		return NULL;
	}
	if (strcmp(reading->bare->mode, "least") == 0)
		reading->least = least_new(LEAST_SMALL);
	if (strcmp(reading->bare->mode, "least-shipped") == 0)
		reading->least = least_new(LEAST_SHIPPED);
	read_counting(reading);
	if (reading->least && least_unread(reading->least) > 0)
		die("there are other events than those of make_events or kpisim");
	least_free(reading->least);
	return NULL;
}

static void split_topics(struct bare *bare)
{
	char *rest = mem_text(bare->topics_text);
	for (char *name; (name = strsep(&rest, ",")) && bare->topic_count < TOPICS_MAX;)
		bare->topics[bare->topic_count++] = name;
}

static double seconds(int64_t us)
{
	return (double)us / 1e6;
}

static void print_all(const struct bare *bare, const struct reading *readings)
{
	struct reading sum = {.first_us = INT64_MAX};
	struct rusage usage;
	for (int64_t i = 0; i < bare->threads; i++) {
		const struct reading *reading = &readings[i];
		sum.records += reading->records;
		sum.bytes += reading->bytes;
		if (reading->first_us && reading->first_us < sum.first_us)
			sum.first_us = reading->first_us;
		sum.last_us = reading->last_us > sum.last_us ? reading->last_us : sum.last_us;
	}
	getrusage(RUSAGE_SELF, &usage);
	double cpu = seconds(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) + (double)usage.ru_utime.tv_sec +
		(double)usage.ru_stime.tv_sec;
	bool any = sum.records > 0;
	printf("{\"records\":%llu,\"bytes\":%llu,\"seconds\":%.6f,\"reading_seconds\":%.6f,\"cpu_seconds\":%.6f}\n",
		(unsigned long long)sum.records, (unsigned long long)sum.bytes,
		any ? seconds(sum.last_us - bare->start_us) : 0.0, any ? seconds(sum.last_us - sum.first_us) : 0.0,
		cpu);
}

int main(int argc, char **argv)
{
	struct bare bare = {.mode = "drop", .partitions = 4, .threads = 1, .start_us = clock_steady_us()};
	const struct bench_option options[] = {
		{"brokers", &bare.brokers, NULL},
		{"topics", &bare.topics_text, NULL},
		{"mode", &bare.mode, NULL},
		{"partitions", NULL, &bare.partitions},
		{"threads", NULL, &bare.threads},
	};
	struct reading readings[THREADS_MAX] = {0};
	if (bench_options_parse(options, sizeof options / sizeof *options, argc, argv) || !bare.brokers ||
		!bare.topics_text || bare.threads < 1 || bare.threads > THREADS_MAX)
		return 2;
	split_topics(&bare);
	for (int i = 0; i < bare.threads; i++) {
		readings[i] = (struct reading){.bare = &bare, .number = i};
		if (pthread_create(&readings[i].thread, NULL, read_main, &readings[i]))
			die("no thread");
	}
	for (int i = 0; i < bare.threads; i++)
		pthread_join(readings[i].thread, NULL);
	print_all(&bare, readings);
	mem_free(bare.topics[0]);
	return 0;
}
