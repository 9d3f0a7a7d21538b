/* The recent events of a customer, in order: those that an event out of order, a duplicate, a reopening or a retraction can still
 * concern.
 *
 * Invariant: entries are sorted by record_compare; `retracted` is set exactly for events that a retraction behind them names and
 * reaches (schema: retractions), `superseded` exactly for those that another one behind them, within the reach, has taken back (schema:
 * in_force_key, in_force_reach). A retracted event takes nothing back. One id may stand there more than once (tail_find). Bytes of removed records stay in `bytes` until half of it is waste. */
#ifndef PIPELINE_CORRELATE_TAIL_H
#define PIPELINE_CORRELATE_TAIL_H

#include "pipeline/correlate/record.h"
#include "pipeline/correlate/tail_index.h"

struct tail_entry {
	uint32_t offset; /* into bytes */
	/* Not 0: it can take back, or be taken back; equal gates may concern each other. Of a retraction: the hash of the id that it names. */
	uint32_t gate;
	bool superseded, retracted;
	bool retracts; /* it is a retraction */
};

struct tail {
	struct tail_entry *entries;
	uint32_t *id_hashes; /* of each entry; by themselves, for each event that comes is compared with all of them */
	uint32_t count, capacity;
	uint32_t retractions; /* entries that are one */
	/* At hand where the entries are not; of an empty tail anything. */
	int64_t first, last; /* times of the first and the last entry */
	int64_t stays; /* no fold through this one takes an entry; the first one's time, if it is not known better */
	struct buf bytes;
	uint32_t waste;
	struct tail_index index;
};

#define TAIL_NONE UINT32_MAX

void tail_init(struct tail *tail);
void tail_read(const struct tail *tail, uint32_t at, struct record *ret_record);
int64_t tail_time(const struct tail *tail, uint32_t at);
/* Private to the tail: room for so many entries. */
void tail_reserve(struct tail *tail, uint32_t capacity);
/* Private to the tail: `first`, `last` and `stays` from its entries. */
void tail_note_ends(struct tail *tail);
/* Bytes of its record. */
uint32_t tail_size(const struct tail *tail, uint32_t at);
/* The entries with the record's source and id, among them the record itself; each TAIL_NONE where there is none. */
struct tail_found {
	uint32_t same; /* with the same content */
	uint32_t before,
		after; /* of those with other content, the last that comes before the record, and the first that comes after it */
};

/* A record is about to come: what it will touch lies in several places, which are fetched at the same time. */
void tail_prefetch(const struct tail *tail);
struct tail_found tail_find(struct tail *tail, const struct record *record);
/* Where the record belongs: the number of entries before it. */
uint32_t tail_place(const struct tail *tail, const struct record *record);
/* The first entry that counts differently once the record stands at `at`; `at` itself where there is none. */
uint32_t tail_first_changed(
	const struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record);
/* The last entry before `at` that the record, a retraction, takes back; TAIL_NONE. There is more than one only where events with one id are
 * far apart (tail_find): from its place on, the next one. */
uint32_t tail_target(const struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record);
/* The first retraction from entry `from` on that takes the event back; TAIL_NONE. */
uint32_t tail_retraction(
	const struct tail *tail, const struct schema *schema, uint32_t from, const struct record *event);
/* The entry's event has come again, at a later Kafka time. */
void tail_stamp(struct tail *tail, uint32_t at, int64_t kafka_time);
/* Puts the record at `at`, sets what it takes back and whether it is taken back itself. */
void tail_insert(struct tail *tail, const struct schema *schema, uint32_t at, const struct record *record);
/* Takes the record at `at` out; what it had taken back is in force again. */
void tail_remove(struct tail *tail, const struct schema *schema, uint32_t at);
/* Drops the first `count` entries. */
void tail_drop(struct tail *tail, uint32_t count);
/* The first event behind `at` that takes it back; TAIL_NONE. */
uint32_t tail_superseder(const struct tail *tail, const struct schema *schema, uint32_t at);
/* Its records, in order, as record_put writes them. */
void tail_save(const struct tail *tail, struct buf *out);
/* How each record stands, for tail_unpack to make the same tail of that and what tail_save wrote. */
void tail_pack(const struct tail *tail, struct buf *out);
/* Into an empty tail. The bytes are of this process: what is wrong with them is a bug. */
void tail_unpack(struct tail *tail, uint32_t count, struct str records, struct reader *standing);
/* Empty again; its memory is kept. */
void tail_clear(struct tail *tail);
void tail_release(struct tail *tail);

#endif
