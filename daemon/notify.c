#include "daemon/notify.h"

#include "base/clock.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <systemd/sd-daemon.h>

static atomic_bool ready;

void notify_ready(void)
{
	sd_notify(0, "READY=1");
	atomic_store(&ready, true);
}

void notify_reloading(void)
{
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_steady_us());
}

void notify_stopping(void)
{
	sd_notify(0, "STOPPING=1");
}

void notify_status(const char *sentence)
{
	sd_notifyf(0, "STATUS=%s", sentence);
}

void notify_watchdog(void)
{
	if (atomic_load(&ready))
		sd_notify(0, "WATCHDOG=1");
}

int64_t notify_watchdog_interval(void)
{
	uint64_t limit_us;
	if (sd_watchdog_enabled(0, &limit_us) <= 0)
		return 0;
	return (int64_t)(limit_us / 1000 / 3);
}
