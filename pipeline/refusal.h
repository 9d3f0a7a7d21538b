/* Why a message is refused: one row a reason. The name goes into the dead letter's header kpid-reason and into kpi:meta's `refusals`;
 * the sentence into docs/dead-letters.md. */
#ifndef PIPELINE_REFUSAL_H
#define PIPELINE_REFUSAL_H

#define REFUSALS(X)                                                                                                    \
	X(EMPTY, "empty", "The message has no value (a tombstone or an empty text).")                                  \
	X(TOO_LARGE, "too_large", "The message is larger than limits.message_bytes.")                                  \
	X(NOT_UTF8, "not_utf8", "The message is not valid UTF-8.")                                                     \
	X(MALFORMED, "malformed_json", "The message is not one well-formed JSON document.")                            \
	X(TOO_DEEP, "too_deep", "The JSON is nested deeper than 64 levels.")                                           \
	X(NOT_OBJECT, "not_object", "The JSON document is not an object.")                                             \
	X(MISSING_ID, "missing_id", "The event has no id, or one over 256 bytes.")                                     \
	X(MISSING_TYPE, "missing_type", "The event has no type.")                                                      \
	X(UNKNOWN_TYPE, "unknown_type", "The event's type is not in events.yaml.")                                     \
	X(WRONG_TOPIC, "wrong_topic", "The event's type belongs to another topic.")                                    \
	X(BAD_TIME, "bad_time", "The event's time is absent, not RFC 3339 with zone, nor epoch milliseconds.")         \
	X(MISSING_CUSTOMER, "missing_customer", "The event has no customer, or one over 256 bytes.")                   \
	X(MISSING_FIELD, "missing_field", "A field that the event type requires is absent.")                           \
	X(BAD_VALUE, "bad_value",                                                                                      \
		"A field has the wrong type, is out of range, is not one of its choices, or does not go with another " \
		"one.")                                                                                                \
	X(UNKNOWN_CURRENCY, "unknown_currency", "The event's currency has no rate.")                                   \
	X(NEGATIVE_CYCLE, "negative_cycle", "The event says that it ended before it began.")                           \
	X(WRONG_PARTITION, "wrong_partition", "The record's key does not belong to its partition.")                    \
	X(FUTURE, "future", "The event is dated further after its Kafka timestamp than limits.max_future.")            \
	X(CONFLICT, "conflict", "Another event with the same source and id, but other content, comes first in order.") \
	X(LATE_ORDER, "late_order", "The event lies before what the customer's state has already folded.")             \
	X(TOO_MANY, "too_many",                                                                                        \
		"The customer has limits.customer_events events that are not folded yet, or as many events wait.")     \
	X(QUARANTINED, "quarantined", "The record has ended kpid three times: it is not read any more.")

enum refusal {
	REFUSAL_NONE,
#define REFUSAL_ENUM(name, text, sentence) REFUSAL_##name,
	REFUSALS(REFUSAL_ENUM)
#undef REFUSAL_ENUM
		REFUSAL_COUNT
};

/* "bad_value"; static. */
const char *refusal_name(enum refusal refusal);
const char *refusal_sentence(enum refusal refusal);

#endif
