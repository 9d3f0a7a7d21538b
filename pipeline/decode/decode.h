/* Bytes to an event, or a documented reason to refuse it. No I/O. One decoder serves one thread. */
#ifndef PIPELINE_DECODE_DECODE_H
#define PIPELINE_DECODE_DECODE_H

#include "base/result.h"
#include "pipeline/decode/event.h"
#include "pipeline/refusal.h"

struct decoder;

/* A header of the Kafka record, for CloudEvents in binary mode (ce_id, ce_type, ...). */
struct message_header {
	struct str name;
	struct str value;
};

struct message {
	struct str body;
	int32_t topic; /* index into schema.topics; -1: any (replay) */
	const struct message_header *headers;
	size_t header_count;
};

#define DECODE_DEPTH_MAX 64
#define DECODE_ID_MAX 256

/* `schema` is borrowed and must outlive the decoder. */
struct decoder *decoder_new(const struct schema *schema, size_t message_bytes);
/* RESULT_OK with the event, or RESULT_REFUSED with the reason and, in *ret_detail (may be NULL), a short text that
 * names the field; the detail belongs to the decoder and is valid until the next decode. */
MUST_CHECK enum result decode(struct decoder *decoder, const struct message *message, struct event *ret_event,
	enum refusal *ret_reason, struct str *ret_detail);
/* The top-level `received_at` of a JSON-lines message (replay): RFC 3339 or epoch ms; RESULT_NOT_FOUND where there is
 * none. Call after decode of the same message. */
MUST_CHECK enum result decode_received_at(struct decoder *decoder, int64_t *ret_ms);
/* Whether the message of the last decode has a top-level `wrong_partition: true` (replay of simulator files). */
bool decode_wrong_partition(struct decoder *decoder);
void decoder_free(struct decoder *decoder);

#endif
