/* A shard's checkpoint as bytes, whatever they mean: a header, then sections. Each section is a tag (4 bytes), a length (u64), the bytes,
 * and their CRC32C (u32). What is in them is told only to those who have the configuration (shard_load). docs/checkpoint.md describes
 * the format. */
#ifndef PIPELINE_SHARD_OUTLINE_H
#define PIPELINE_SHARD_OUTLINE_H

#include "base/buf.h"
#include "base/hash.h"
#include "base/result.h"

/* The format that is written, and the oldest that is read. */
#define SHARD_FORMAT 5
#define SHARD_FORMAT_OLDEST 4

enum shard_section {
	SECTION_INPUT,
	SECTION_STATUS,
	SECTION_GROUPS,
	SECTION_CUSTOMERS,
	SECTION_WINDOWS,
	SECTION_WAITING,
	SECTION_PAST,
	SECTION_COUNT
};

struct shard_outline {
	uint32_t format;
	uint32_t index;
	uint64_t meaning;                   /* shard_meaning of the configuration that it was written under */
	struct str sections[SECTION_COUNT]; /* views into the bytes; those that are there */
	bool good[SECTION_COUNT];           /* there, and its CRC32C adds up */
	bool whole;                         /* all are good, and nothing follows */
};

/* "INPT" */
const char *shard_section_tag(enum shard_section section);
/* RESULT_CORRUPT: not a shard's checkpoint at all. RESULT_VERSION: of a format that is not read here; format, index and meaning are set
 * even so. RESULT_OK: look at `whole`. */
MUST_CHECK enum result shard_outline_read(struct str bytes, struct shard_outline *ret_outline);

/* Writing: the header, then every section in order: between its begin and its end stand its bytes. `sum` is that of the section's bytes; who
 * puts many may add to it as they come, the end adds what is left. */
void shard_outline_begin(struct buf *out, uint32_t index, uint64_t meaning);
size_t shard_section_begin(struct buf *out, enum shard_section section, struct hash_sum *ret_sum);
void shard_section_end(struct buf *out, size_t start, struct hash_sum *sum);

#endif
