#include "base/hash.h"
#include "base/mem.h"
#include "tests/unit/unit.h"

/* SipHash-1-3 of the bytes 0, 1, 2 ... under the key 0, 1 ... 15; from an implementation of its own that was checked against the
 * paper's vector for SipHash-2-4. */
static const uint64_t sip_vectors[] = {0xabac0158050fc4dc, 0xc9f49bf37d57ca93, 0x82cb9b024dc7d44d, 0x8bf80ab8e7ddf7fb,
	0xcf75576088d38328, 0xdef9d52f49533b67, 0xc50d2b50c59f22a7, 0xd3927d989bb11140, 0x369095118d299a8e,
	0x25a48eb36c063de4, 0x79de85ee92ff097f, 0x70c118c1f94dc352, 0x78a384b157b4d9a2, 0x306f760c1229ffa7,
	0x605aa111c0f95d34, 0xd320d86d2a519956, 0xcc4fdd1a7d908b66, 0x9cf2689063dbd80c, 0x8ffc389cb473e63e,
	0xf21f9de58d297d1c};
enum { SIP_VECTORS = sizeof sip_vectors / sizeof *sip_vectors };
static const struct hash_key counting_key = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

static void test_sip_vectors(void **state)
{
	(void)state;
	char bytes[256];
	for (int i = 0; i < 256; i++)
		bytes[i] = (char)i;
	for (size_t length = 0; length < SIP_VECTORS; length++)
		assert_int_equal(hash_sip(counting_key, (struct str){bytes, length}), sip_vectors[length]);
	assert_int_equal(hash_sip(counting_key, (struct str){bytes, 256}), 0x75b3e64e167de370);
	assert_int_equal(hash_sip((struct hash_key){0, 0}, STR("customer-0042")), 0x0cebbdb8998f84a3);
}

/* At every alignment, in memory of just that size. */
static void test_no_hash_overruns(void **state)
{
	(void)state;
	for (size_t skip = 0; skip < 8; skip++)
		for (size_t length = 0; length < SIP_VECTORS; length++) {
			uint8_t *bytes = mem_new(skip + length);
			for (size_t i = 0; i < length; i++)
				bytes[skip + i] = (uint8_t)i;
			struct str text = {(char *)bytes + skip, length};
			assert_int_equal(hash_sip(counting_key, text), sip_vectors[length]);
			hash_murmur2(text);
			hash_crc32c(0, text);
			hash_crc32(text);
			mem_free(bytes);
		}
}

static void test_process_key_stays(void **state)
{
	(void)state;
	struct hash_key first = hash_process_key();
	struct hash_key second = hash_process_key();
	assert_memory_equal(&first, &second, sizeof first);
	assert_true(first.k0 != 0 && first.k1 != 0 && first.k0 != first.k1);
}

/* From Kafka's own tests (UtilsTest.testMurmur2). */
static void test_murmur2_is_kafkas(void **state)
{
	(void)state;
	assert_int_equal((int32_t)hash_murmur2(STR("21")), -973932308);
	assert_int_equal((int32_t)hash_murmur2(STR("foobar")), -790332482);
	assert_int_equal((int32_t)hash_murmur2(STR("a-little-bit-long-string")), -985981536);
	assert_int_equal((int32_t)hash_murmur2(STR("a-little-bit-longer-string")), -1486304829);
	assert_int_equal((int32_t)hash_murmur2(STR("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8")), -58897971);
	assert_int_equal((int32_t)hash_murmur2(STR("abc")), 479470107);
}

static void test_crc32_is_ieee(void **state)
{
	(void)state;
	assert_int_equal(hash_crc32(STR("123456789")), 0xcbf43926);
	assert_int_equal(hash_crc32(STR("")), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sip_vectors),
		cmocka_unit_test(test_no_hash_overruns),
		cmocka_unit_test(test_process_key_stays),
		cmocka_unit_test(test_murmur2_is_kafkas),
		cmocka_unit_test(test_crc32_is_ieee),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
