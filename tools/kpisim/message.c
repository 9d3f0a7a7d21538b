#include "tools/kpisim/message.h"

#include "base/decimal.h"
#include "tools/kpisim/time_form.h"

struct writer {
	struct buf *buf;
	const struct zone *zone;
	struct message_style style;
};

static void hex4_put(struct buf *buf, uint32_t unit)
{
	static const char hex[] = "0123456789abcdef";
	char text[6] = {'\\', 'u', hex[unit >> 12 & 15], hex[unit >> 8 & 15], hex[unit >> 4 & 15], hex[unit & 15]};

	buf_put(buf, text, sizeof(text));
}

/* Reads one code point of valid UTF-8; returns how many bytes it has. */
static size_t code_point(const uint8_t *at, uint32_t *ret_code)
{
	size_t length = at[0] >= 0xf0 ? 4 : at[0] >= 0xe0 ? 3 : 2;
	uint32_t code = at[0] & (0x7fu >> length);

	for (size_t i = 1; i < length; i++)
		code = code << 6 | (at[i] & 0x3f);
	*ret_code = code;
	return length;
}

static size_t escape_put(struct buf *buf, const uint8_t *at)
{
	uint32_t code;
	size_t length = code_point(at, &code);

	if (code >= 0x10000) {
		code -= 0x10000;
		hex4_put(buf, 0xd800 + (code >> 10));
		hex4_put(buf, 0xdc00 + (code & 0x3ff));
	} else {
		hex4_put(buf, code);
	}
	return length;
}

void message_put_text(struct buf *buf, struct str text, bool ascii)
{
	const uint8_t *bytes = (const uint8_t *)text.data;
	size_t from = 0;
	size_t i = 0;

	buf_put_byte(buf, '"');
	while (i < text.length) {
		bool special = bytes[i] < 0x20 || bytes[i] == '"' || bytes[i] == '\\';

		if (!special && (bytes[i] < 0x80 || !ascii)) {
			i++;
			continue;
		}
		buf_put(buf, text.data + from, i - from);
		if (special)
			hex4_put(buf, bytes[i++]);
		else
			i += escape_put(buf, bytes + i);
		from = i;
	}
	buf_put(buf, text.data + from, text.length - from);
	buf_put_byte(buf, '"');
}

static bool noise_ascii(uint32_t noise)
{
	return (noise >> 8 & 3) == 0;
}

static void name_put(struct writer *writer, const char *name)
{
	bool spaced = (writer->style.noise >> 17 & 7) == 0;

	if (writer->buf->length && writer->buf->data[writer->buf->length - 1] != '{')
		buf_put_text(writer->buf, spaced ? ", " : ",");
	buf_put_byte(writer->buf, '"');
	buf_put_text(writer->buf, name);
	buf_put_text(writer->buf, spaced ? "\": " : "\":");
}

static void text_put(struct writer *writer, const char *name, const char *text)
{
	name_put(writer, name);
	message_put_text(writer->buf, str_of(text), noise_ascii(writer->style.noise));
}

static void four_decimals_put(struct buf *buf, int64_t fixed)
{
	decimal_put(buf, fixed / DECIMAL_ONE, 0);
	buf_printf(buf, ".%04d", (int)(fixed % DECIMAL_ONE));
}

static void amount_put(struct writer *writer, int64_t fixed)
{
	uint32_t form = writer->style.noise >> 10 & 7;
	bool quoted = form < 2;

	if (quoted)
		buf_put_byte(writer->buf, '"');
	if ((form == 1 || form == 2) && fixed >= 0)
		four_decimals_put(writer->buf, fixed);
	else
		decimal_put(writer->buf, fixed, 4);
	if (quoted)
		buf_put_byte(writer->buf, '"');
}

static void ref_put(struct writer *writer, const struct field *field)
{
	buf_put_byte(writer->buf, '"');
	buf_put_text(writer->buf, field->text);
	buf_put_byte(writer->buf, '-');
	decimal_put(writer->buf, field->number, 0);
	buf_put_byte(writer->buf, '"');
}

static void field_put(struct writer *writer, const struct field *field)
{
	uint32_t noise = writer->style.noise;

	name_put(writer, field->name);
	switch (field->kind) {
	case FIELD_TEXT:
		message_put_text(writer->buf, str_of(field->text), noise_ascii(noise));
		break;
	case FIELD_REF:
		ref_put(writer, field);
		break;
	case FIELD_AMOUNT:
		amount_put(writer, field->number);
		break;
	case FIELD_WHOLE:
		decimal_put(writer->buf, field->number, 0);
		break;
	case FIELD_TIME:
		time_form_put(writer->buf, field->number, writer->zone, noise >> 9, true);
		break;
	case FIELD_FLAG:
		buf_put_text(writer->buf, field->number ? "true" : "false");
		break;
	case FIELD_RAW:
		buf_put_text(writer->buf, field->text);
		break;
	}
}

/* What a reader has to pass over: unknown fields, nulls and empty texts. */
static void extras_put(struct writer *writer, const struct event *event)
{
	static const char *const extras[] = {"\"note\":null", "\"x_trace\":{\"span\":[1,2.5e-3,\"a\\\\b\"]}",
		"\"campaign\":\"\"", "\"campaign\":null"};
	uint32_t choice = writer->style.noise >> 20 & 63;

	if (choice >= 4)
		return;
	for (int i = 0; i < event->field_count && choice >= 2; i++)
		if (strcmp(event->fields[i].name, "campaign") == 0)
			return;
	if (writer->buf->data[writer->buf->length - 1] != '{')
		buf_put_byte(writer->buf, ',');
	buf_put_text(writer->buf, extras[choice]);
}

static void fields_put(struct writer *writer, const struct event *event)
{
	bool has_amount = false, has_currency = false;

	if (event->customer[0])
		text_put(writer, "customer", event->customer);
	for (int i = 0; i < event->field_count; i++) {
		has_amount |= event->fields[i].kind == FIELD_AMOUNT;
		has_currency |= strcmp(event->fields[i].name, "currency") == 0;
		field_put(writer, &event->fields[i]);
	}
	if (has_amount && !has_currency && (writer->style.noise >> 26 & 3) == 0)
		text_put(writer, "currency", writer->style.currency);
	extras_put(writer, event);
}

static void head_put(struct writer *writer, const struct event *event)
{
	bool cloudevent = writer->style.cloudevent;

	if (event->id[0])
		text_put(writer, "id", event->id);
	if (event->source || cloudevent)
		text_put(writer, "source", event->source ? event->source : "kpisim");
	text_put(writer, "type", event_type_name(event->type));
	name_put(writer, "time");
	time_form_put(writer->buf, event->time, writer->zone, writer->style.noise, !cloudevent);
}

void message_put(struct buf *buf, const struct event *event, const struct zone *zone, struct message_style style)
{
	struct writer writer = {buf, zone, style};

	buf_put_byte(buf, '{');
	if (!style.cloudevent) {
		head_put(&writer, event);
		fields_put(&writer, event);
		buf_put_byte(buf, '}');
		return;
	}
	text_put(&writer, "specversion", "1.0");
	head_put(&writer, event);
	name_put(&writer, "data");
	buf_put_byte(buf, '{');
	fields_put(&writer, event);
	buf_put_text(buf, "}}");
}
