/* What the answers about the partitions' bounds mean for the slots. */
#include "daemon/kafka/consumer_internal.h"

#include "base/clock.h"
#include "base/mem.h"

#include <stdio.h>

/* A new leader may for a moment know less of the log than the old one: a log that is too short must stay so. */
#define SHORT_CONFIRM_US 2000000
#define BEGINNING_TIMEOUT_MS 1000

void consumer_check_end(struct consumer *consumer, int64_t now_ms)
{
	if (!consumer->slot_count || ends_busy(consumer->ends))
		return;
	struct end_row *rows = NEW_ARRAY(struct end_row, consumer->slot_count);
	for (size_t i = 0; i < consumer->slot_count; i++) {
		const struct slot *slot = &consumer->slots[i];
		rows[i] = (struct end_row){.topic = slot->topic,
			.partition = slot->position.partition,
			.want_earliest = slot->out_of_range};
	}
	(void)ends_ask(consumer->ends, rows, consumer->slot_count, now_ms);
	mem_free(rows);
}

static void set_gap(struct slot *slot, int64_t earliest)
{
	slot_drop_batch(slot);
	slot->view.state = CONSUMER_GAP;
	slot->view.earliest = earliest;
	bool lost = earliest > slot->view.next;
	snprintf(slot->error, sizeof slot->error, "partition %d: offset %lld is %s the log, which holds %lld to %lld",
		(int)slot->position.partition, (long long)slot->view.next, lost ? "before" : "behind",
		(long long)earliest, (long long)slot->view.end);
	slot->view.error = slot->error;
}

static void judge_range(struct slot *slot, const struct end_row *row)
{
	int64_t next = slot->view.next;
	if (slot->view.state == CONSUMER_RECORD || row->earliest < 0 || row->end < 0)
		return;
	slot->view.end = slot->truncated && row->end >= next ? next - 1 : row->end;
	if (next >= 0 && (slot->truncated || row->earliest > next))
		set_gap(slot, row->earliest);
	else if (row->end >= next) /* in range after all */
		(void)slot_restart(slot);
	else if (clock_steady_us() - slot->out_of_range_us >= SHORT_CONFIRM_US)
		set_gap(slot, row->earliest);
}

/* Read through: the position is the answer, so nothing that was stable when it was asked for is still to come. */
static void take_end(struct slot *slot, const struct end_row *row, int64_t now_ms)
{
	slot->view.end = row->end;
	if (slot->view.state == CONSUMER_RECORD || slot->view.next != row->end)
		return;
	slot->view.state = CONSUMER_END;
	slot->view.error = "";
	if (now_ms > slot->view.read_through)
		slot->view.read_through = now_ms;
}

static void apply(struct consumer *consumer, const struct end_row *rows, size_t count, int64_t now_ms)
{
	for (size_t i = 0; i < count; i++) {
		struct slot *slot = &consumer->slots[i];
		if (rows[i].end < 0 || slot->view.state == CONSUMER_GAP)
			continue;
		consumer->error[0] = '\0';
		if (slot->out_of_range)
			judge_range(slot, &rows[i]);
		else
			take_end(slot, &rows[i], now_ms);
	}
}

void consumer_find_beginnings(struct consumer *consumer)
{
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int)consumer->slot_count);
	for (size_t i = 0; i < consumer->slot_count; i++) {
		const struct slot *slot = &consumer->slots[i];
		if (slot->view.next == CONSUMER_EARLIEST)
			rd_kafka_topic_partition_list_add(list, slot->topic, slot->position.partition)->offset =
				RD_KAFKA_OFFSET_BEGINNING;
	}
	bool answered = list->cnt > 0 && !rd_kafka_offsets_for_times(consumer->handle, list, BEGINNING_TIMEOUT_MS);
	for (size_t i = 0; answered && i < consumer->slot_count; i++) {
		struct slot *slot = &consumer->slots[i];
		const rd_kafka_topic_partition_t *found =
			rd_kafka_topic_partition_list_find(list, slot->topic, slot->position.partition);
		if (found && !found->err && found->offset >= 0)
			slot->view.earliest = found->offset;
	}
	rd_kafka_topic_partition_list_destroy(list);
}

void consumer_collect(struct consumer *consumer)
{
	size_t count = 0;
	int64_t now_ms = 0;
	rd_kafka_poll(consumer->handle, 0);
	consumer_collect_commit(consumer);
	const struct end_row *rows = ends_take(consumer->ends, &count, &now_ms);
	if (rows)
		apply(consumer, rows, count, now_ms);
}
