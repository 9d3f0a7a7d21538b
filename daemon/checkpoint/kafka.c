#include "daemon/checkpoint/store_ops.h"

#include "base/mem.h"

#include <stdio.h>

static void close_topic(struct store *store)
{
	mem_free(store->place);
	mem_free(store);
}

static const struct store_ops ops = {.close = close_topic};

enum result kafka_open(const struct store_options *options, struct store **ret_store)
{
	struct store *store = NEW(struct store);
	store->ops = &ops;
	store->place = mem_text(options->topic);
	snprintf(store->error, sizeof store->error, "checkpoint.store: a topic cannot be used yet");
	*ret_store = store;
	return RESULT_INVALID;
}
