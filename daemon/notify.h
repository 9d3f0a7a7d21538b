/* What systemd is told. Each does nothing when the process does not run under it. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
void notify_status(const char *sentence);
void notify_watchdog(void);
/* How often notify_watchdog is wanted, ms; 0: never. */
int64_t notify_watchdog_interval(void);

#endif
