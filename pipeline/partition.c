#include "pipeline/partition.h"

#include "base/hash.h"

uint32_t partition_of_key(enum partitioner partitioner, struct str key, uint32_t count)
{
	if (partitioner == PARTITIONER_CRC32)
		return hash_crc32(key) % count;
	return (hash_murmur2(key) & 0x7fffffff) % count;
}
