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

/* The value of an upper-case hexadecimal digit, or -1. */
static int digit_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void encode_undo(struct buf *out, struct str encoded)
{
	for (size_t i = 0; i < encoded.length; i++) {
		bool escape = encoded.data[i] == '%' && encoded.length - i > 2;
		int high = escape ? digit_of(encoded.data[i + 1]) : -1;
		int low = escape ? digit_of(encoded.data[i + 2]) : -1;
		if (high < 0 || low < 0) {
			buf_put_byte(out, (uint8_t)encoded.data[i]);
			continue;
		}
		buf_put_byte(out, (uint8_t)(high << 4 | low));
		i += 2;
	}
}
