/* Redis commands as bytes: command_begin says how many arguments follow, then each is put. */
#ifndef DAEMON_REDIS_COMMAND_H
#define DAEMON_REDIS_COMMAND_H

#include "base/buf.h"

void command_begin(struct buf *out, size_t arguments);
void command_put(struct buf *out, struct str argument);
void command_put_text(struct buf *out, const char *argument);
void command_put_number(struct buf *out, uint64_t number);
/* One argument of two pieces. */
void command_put_joined(struct buf *out, struct str first, struct str second);

#endif
