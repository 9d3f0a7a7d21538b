/* Hashes: a keyed one for tables that outsiders can fill (SipHash-1-3), a checksum for stored bytes (CRC32C), and
 * the partitioners of the Kafka clients. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include "base/str.h"

struct hash_key {
	uint64_t k0, k1;
};

/* A key from the system's random source, the same for the whole life of the process. */
struct hash_key hash_process_key(void);
uint64_t hash_sip(struct hash_key key, struct str bytes);
/* CRC-32C (Castagnoli) as in RFC 3720; `crc` is 0 for the first piece, the result so far for the next ones. */
uint32_t hash_crc32c(uint32_t crc, struct str bytes);
/* The same over bytes that are put one behind the other, each stretch of them summed up while the processor has it at hand. */
struct hash_sum {
	uint32_t crc;
	size_t through; /* of the bytes so far, these are in */
};

void hash_sum_add(struct hash_sum *sum, struct str so_far);
/* Kafka's murmur2 of a record key; Java producers use (murmur2 & 0x7fffffff) % partitions. */
uint32_t hash_murmur2(struct str bytes);
/* CRC-32 (IEEE); librdkafka's `consistent` partitioners use crc32 % partitions. */
uint32_t hash_crc32(struct str bytes);

#endif
