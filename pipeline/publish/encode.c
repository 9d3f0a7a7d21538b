#include "pipeline/publish/encode.h"

static bool must_encode(uint8_t byte)
{
	return byte < 0x20 || byte == 0x7f || byte == ':' || byte == '@' || byte == '%';
}

void encode_put(struct buf *out, struct str name)
{
	static const char digits[] = "0123456789ABCDEF";
	for (size_t i = 0; i < name.length; i++) {
		uint8_t byte = (uint8_t)name.data[i];
		if (must_encode(byte))
			buf_put(out, (char[]){'%', digits[byte >> 4], digits[byte & 15]}, 3);
		else
			buf_put_byte(out, byte);
	}
}
