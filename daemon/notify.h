/* What systemd is told, from any thread. Each does nothing when the process does not run under it. */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

void notify_ready(void);
void notify_reloading(void);
void notify_stopping(void);
void notify_status(const char *sentence);
/* Nothing before the first notify_ready: systemd would count from then on, and a start may take as long as it takes. */
void notify_watchdog(void);
/* How often notify_watchdog is wanted, ms; 0: never. */
int64_t notify_watchdog_interval(void);

#endif
