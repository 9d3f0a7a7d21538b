/* An event of the simulator: what tests/simulator/config knows of, as a plain struct; of the shipped configuration only what is common to
 * all types, the rest being text (shipped.h). One struct is one record of a topic: what arrives
 * twice stands twice, with the same source and id.
 *
 * The list that is given to a computation holds every record that is an event by its form: duplicates, conflicts, late and future ones,
 * retractions. Records that are no events at all (broken JSON) are not in it. Its order is that of arrival and says nothing. */
#ifndef TESTS_SIMULATOR_SIM_EVENT_H
#define TESTS_SIMULATOR_SIM_EVENT_H

#include <stdbool.h>
#include <stdint.h>

/* In the order of events.yaml. */
enum sim_type {
	SIM_CALL_MADE,       /* customer, outcome connected or no_answer */
	SIM_REPLY_RECEIVED,  /* customer */
	SIM_DEAL_CREATED,    /* customer, deal */
	SIM_DEAL_CLOSED,     /* customer, deal, outcome won or lost, perhaps amount */
	SIM_DEAL_REOPENED,   /* customer, deal */
	SIM_DEAL_REFUNDED,   /* customer, deal, amount */
	SIM_PRICE_SET,       /* product, amount; perhaps a customer, which says nothing */
	SIM_EVENT_RETRACTED, /* retracts; customer, or (in the topic of prices) product */
	SIM_TYPE_COUNT
};

enum sim_outcome { SIM_OUTCOME_NONE, SIM_CONNECTED, SIM_NO_ANSWER, SIM_WON, SIM_LOST };

#define SIM_TEXT 16
#define SIM_REST 320

struct shipped_type;

struct sim_event {
	enum sim_type type;
	char id[SIM_TEXT];
	char source[SIM_TEXT];   /* "": none */
	int64_t time;            /* ms since 1970 */
	int64_t kafka_time;      /* the record's Kafka timestamp, ms */
	char customer[SIM_TEXT]; /* "": none */
	char rep[SIM_TEXT];      /* "": none; a, b and c are on the roster, others are not */
	char deal[SIM_TEXT];     /* "": none */
	char product[SIM_TEXT];  /* "": none; any event may have one */
	char retracts[SIM_TEXT]; /* of SIM_EVENT_RETRACTED: the id */
	enum sim_outcome outcome;
	bool has_amount;
	int64_t amount; /* in ten-thousandths */
	const struct shipped_type
		*shipped;    /* of the shipped configuration, with `rest` for outcome and amount; NULL: it is none */
	char rest[SIM_REST]; /* members, each with a comma before it */
	uint32_t topic;      /* of events.yaml, from 0: where the record lies */
	uint32_t partition;
	int64_t offset;
};

#endif
