/* The entries of a fleet's log: what its members tell each other through the internal Kafka topic <name>.partials, whose partition s is the
 * log of shard s.
 *
 * claim   whoever writes it owns the shard from here on; its offset is the token of what the new owner says
 * batch   a piece of a batch (daemon/batch.h): the head, which is whole in every piece, and a part of the records
 * end     events before it count from now on (partition 0)
 *
 * In bytes: version (1), kind (1), the kind's own fields, CRC32C of all that (u32). Pure. */
#ifndef DAEMON_FLEET_ENTRY_H
#define DAEMON_FLEET_ENTRY_H

#include "daemon/batch.h"

/* Records in one piece: with its head a piece stays well under a broker's usual limit of 1 MB. */
#define ENTRY_RECORDS_MAX (480u << 10)
#define ENTRY_REFUSALS 32
#define ENTRY_MEMBER_MAX 160

enum entry_kind { ENTRY_CLAIM = 1, ENTRY_BATCH = 2, ENTRY_END = 3 };

struct entry_claim {
	struct str member;    /* who: host, process and a random number */
	uint64_t nonce;       /* tells the member's claims apart */
	uint64_t config_hash; /* of all that changes figures */
	int64_t joined_ms;    /* wall time at which the member came to the fleet */
};

/* What stands beside a batch's records. */
struct entry_head {
	struct shard_status status;
	uint64_t publishing_token; /* the newest that the owner knows of */
	struct input_position positions[SCHEMA_TYPES_MAX];
	size_t position_count;
	uint64_t refused[ENTRY_REFUSALS];
};

struct entry_piece {
	int64_t token;
	uint64_t number; /* of the batch, from 0 for the first of the token */
	uint32_t piece;  /* from 0 */
	bool last;       /* piece of its batch */
	bool whole;      /* the batch is all that the shard says */
};

struct entry {
	enum entry_kind kind;
	struct entry_claim claim; /* ENTRY_CLAIM; the member's name is a view into the bytes */
	struct entry_piece piece; /* ENTRY_BATCH */
	struct entry_head head;
	struct str records;
	int64_t end; /* ENTRY_END */
};

void entry_put_claim(struct buf *out, const struct entry_claim *claim);
void entry_put_piece(
	struct buf *out, const struct entry_piece *piece, const struct entry_head *head, struct str records);
void entry_put_end(struct buf *out, int64_t end);
/* RESULT_CORRUPT; RESULT_VERSION: a newer kpid wrote it. Views point into `bytes`. On failure *ret_entry holds anything. */
MUST_CHECK enum result entry_read(struct str bytes, struct entry *ret_entry);

#endif
