/* What a shard hands over: for each dimension key that changed, its totals by view as absolute values, so that what is said twice counts once. A record is
 *
 * whole     it replaces all that the shard said of the key before; without entries: the key is gone
 * a change  it replaces what the shard said of its cells; an entry without views: the cell is gone
 *
 * A record in bytes: dimension (1 byte), key (counted), twice the count and 1 more for a change (varint), and `count` entries with rising cells:
 * cell less the one before (varint), views (varint, bit set), a svarint for every set bit, lowest first. Totals that are 0 are left out. */
#ifndef PIPELINE_ACCUMULATE_PARTIAL_H
#define PIPELINE_ACCUMULATE_PARTIAL_H

#include "base/buf.h"
#include "config/model.h"

struct shard_counts {
	uint64_t applied, duplicates, late, waiting; /* waiting: accepted, beyond the current end */
	uint64_t refused;
	uint64_t seeded;  /* dropped, since they are dated before the end of the seed */
	uint64_t missed;  /* of those applied and waiting: retractions that found nothing to take back when they came */
	uint64_t records; /* read in all: the sum of the others */
};

/* Where a shard stands. Beside every batch of records. */
struct shard_status {
	uint32_t shard;
	int64_t end;      /* the records' totals are for this end */
	int64_t as_of;    /* all records through here were read */
	int64_t since;    /* time of the earliest event that counts; INT64_MAX: none */
	int64_t gap;      /* records before this Kafka time are missing; INT64_MIN: none */
	int64_t seed_end; /* what is dated before it came from elsewhere; INT64_MIN: nothing did */
	uint64_t seen_types[SCHEMA_TYPES_MAX / 64];
	struct shard_counts counts;
};

struct partial_record {
	uint8_t dimension;
	struct str key;
	bool change;
	uint64_t count; /* entries that follow */
};

struct partial_entry {
	uint32_t cell;
	uint64_t views;
	int64_t totals[MODEL_VIEWS_MAX]; /* by view; only those in `views` are set */
};

/* Entries that stand alone, without the head of their record. */
struct partial_entries {
	struct buf bytes;
	uint64_t count;
};

struct partial_reader {
	struct reader bytes;
	uint64_t left; /* entries of the current record */
	uint32_t cell;
	bool inside; /* past the first entry of the record */
};

/* Writing: a record, then exactly `count` entries with rising cells. */
void partial_put_record(struct buf *out, const struct partial_record *record);
void partial_put_entry(struct buf *out, uint32_t previous_cell, const struct partial_entry *entry);
/* The same: `totals` has a number for every bit of `views`, lowest first; `step` is the cell less the one before. False where all are 0: then
 * there is no entry. */
bool partial_put_totals(struct buf *out, uint32_t step, uint64_t views, const int64_t *totals);
/* Of a change: the cell is gone. */
void partial_put_gone(struct buf *out, uint32_t step);

/* Reading: records until false, and between them entries until false (those left unread are skipped). Damaged bytes set
 * reader.bytes.failed and end the walk. */
struct partial_reader partial_reader_of(struct str bytes);
struct partial_reader partial_entries_of(struct str entries, uint64_t count);
bool partial_next_record(struct partial_reader *reader, struct partial_record *ret_record);
bool partial_next_entry(struct partial_reader *reader, struct partial_entry *ret_entry);
/* The same without its totals. */
bool partial_pass_entry(struct partial_reader *reader, uint32_t *ret_cell, uint64_t *ret_views);
/* What the entries of a whole record become with a change; both are well-formed. And what they had in its cells. The results are initialised, and
 * lose what they held. */
void partial_change(struct partial_reader entries, struct partial_reader change, struct partial_entries *ret_now,
	struct partial_entries *ret_before);
/* Passes as many entries as the two have in common from here on: none where they stand behind different cells. What is damaged is not passed. */
void partial_pass_same(struct partial_reader *reader, struct partial_reader *other);

#endif
