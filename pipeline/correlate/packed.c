#include "pipeline/correlate/packed.h"

#include "base/check.h"
#include "base/mem.h"

static int64_t first_of(const struct customer *customer)
{
	if (customer->tail.count)
		return tail_time(&customer->tail, 0);
	return customer_empty(customer) ? INT64_MIN : INT64_MAX;
}

struct packed *packed_new(struct str name, const struct customer *customer, struct buf *work)
{
	buf_clear(work);
	buf_put_counted(work, name);
	customer_save(customer, work);
	size_t saved = work->length;
	if (customer->tail.count) {
		tail_pack(&customer->tail, work);
		cells_save(&customer->head, work);
	}
	CHECK(work->length <= UINT32_MAX);
	struct packed *packed = mem_resize(NULL, 1, sizeof *packed + work->length);
	packed->first = first_of(customer);
	packed->saved = (uint32_t)saved;
	packed->size = (uint32_t)work->length;
	memcpy(packed->bytes, work->data, work->length);
	return packed;
}

struct str packed_name(const struct packed *packed)
{
	struct reader in = reader_of(packed_saved(packed));
	return reader_counted(&in);
}

void packed_read(const struct packed *packed, struct customer *customer)
{
	struct reader in = reader_of(packed_saved(packed));
	struct reader more = {.at = in.end, .end = packed->bytes + packed->size};
	reader_counted(&in);
	bool whole = cells_load(&customer->base, &in);
	uint32_t count = (uint32_t)reader_varint(&in);
	if (count) {
		tail_unpack(&customer->tail, count, (struct str){(const char *)in.at, reader_left(&in)}, &more);
		whole &= cells_load(&customer->head, &more);
	} else {
		struct cells head = customer->base;
		customer->base = customer->head;
		customer->head = head;
	}
	CHECK(whole && !in.failed && reader_done(&more));
}

void packed_free(struct packed *packed)
{
	mem_free(packed);
}
