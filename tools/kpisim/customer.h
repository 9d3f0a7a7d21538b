/* Customers, and which rep an event of theirs names. */
#ifndef KPISIM_CUSTOMER_H
#define KPISIM_CUSTOMER_H

#include "tools/kpisim/world.h"

void customer_draw(struct world *world, struct customer *customer);
void customer_put_id(char id[static CUSTOMER_ID_MAX], uint32_t number);
/* The rep who looks after the customer; another one takes over where that one has left. */
int customer_rep(struct world *world, uint32_t number);
/* Rep and team of an event (mostly the rep alone; sometimes a team, a stranger, or nobody), and its id and source. */
void customer_attribute(struct world *world, struct event *event, uint32_t number);
/* What a deal with the customer is worth. */
int64_t customer_amount(struct world *world, uint32_t number);
/* Some customer without open lead or deal, new ones first; false where none was found. */
bool customer_find_idle(struct world *world, uint32_t *ret_number);

#endif
