#include "pipeline/correlate/packed.h"

#include "base/check.h"

#include <stddef.h>

static int64_t stays(const struct customer *customer)
{
	if (customer->tail.count)
		return customer->tail.stays;
	return customer_empty(customer) ? INT64_MIN : INT64_MAX;
}

#define HEAD offsetof(struct packed, bytes)

void packed_put(struct str name, uint32_t hash, const struct customer *customer, struct buf *out)
{
	struct packed head = {.stays = stays(customer), .hash = hash};
	buf_clear(out);
	buf_put(out, &head, HEAD);
	buf_put_counted(out, name);
	customer_save(customer, out);
	head.saved = (uint32_t)(out->length - HEAD);
	if (customer->tail.count) {
		tail_pack(&customer->tail, out);
		cells_save(&customer->head, out);
	}
	CHECK(out->length <= UINT32_MAX / 2);
	head.size = (uint32_t)out->length;
	memcpy(out->data, &head, HEAD);
}

struct str packed_name(const struct packed *packed)
{
	struct reader in = reader_of(packed_saved(packed));
	return reader_counted(&in);
}

void packed_read(const struct packed *packed, struct customer *customer)
{
	struct reader in = reader_of(packed_saved(packed));
	struct reader more = {.at = in.end, .end = (const uint8_t *)packed + packed->size};
	reader_counted(&in);
	bool whole = cells_load(&customer->base, &in);
	uint32_t count = (uint32_t)reader_varint(&in);
	if (count) {
		tail_unpack(&customer->tail, count, (struct str){(const char *)in.at, reader_left(&in)}, &more);
		customer->tail.stays = packed->stays;
		whole &= cells_load(&customer->head, &more);
	} else {
		struct cells head = customer->base;
		customer->base = customer->head;
		customer->head = head;
	}
	CHECK(whole && !in.failed && reader_done(&more));
}
