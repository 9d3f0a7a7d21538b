/* The state of topics as it was before they got more partitions, brought up to the present: what is still unread in the old
 * partitions is read to its end and given to the shards of the old layout, each record to the shard of its key, whichever partition it lies in
 * (producers change over one by one). What is refused or late goes to the topics of dead letters, as kpid does it. */
#ifndef KPICTL_OLD_LAYOUT_H
#define KPICTL_OLD_LAYOUT_H

#include "daemon/checkpoint/input.h"
#include "daemon/kafka/topology.h"
#include "pipeline/shard.h"

/* Up to where one topic of one old partition was read. */
struct old_place {
	int64_t next; /* or CONSUMER_EARLIEST */
	int64_t last_offset;
	uint32_t fingerprint;
	bool has_fingerprint;
};

struct old_layout {
	const struct config *config;
	struct topology topology; /* as it is now */
	struct shard **shards;    /* room for as many as there are partitions now; the first `before` are there */
	struct old_place *places; /* [partition * topic_count + topic] */
	uint32_t before;
	uint64_t token;
	uint64_t records, letters; /* read and sent here */
	char error[512];
};

/* Everything that the old checkpoints say must stand in it. False with a sentence in `error`: nothing was changed that matters, and trying again
 * is right. */
bool old_layout_read(struct old_layout *layout);

static inline struct old_place *old_layout_place(const struct old_layout *layout, uint32_t partition, size_t topic)
{
	return &layout->places[partition * layout->topology.topic_count + topic];
}

#endif
