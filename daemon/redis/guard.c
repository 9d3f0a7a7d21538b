#include "daemon/redis/guard.h"

static void put(char *at, uint64_t number)
{
	for (int i = GUARD_DIGITS - 1; i >= 0; i--) {
		at[i] = (char)('0' + number % 10);
		number /= 10;
	}
}

struct guard_text guard_alert_text(uint64_t token, int64_t since)
{
	struct guard_text guard = {0};
	put(guard.text, token);
	guard.text[GUARD_DIGITS] = '.';
	put(guard.text + GUARD_DIGITS + 1, since > 0 ? (uint64_t)since : 0);
	return guard;
}

struct guard_text guard_text(uint64_t token, int64_t as_of, uint64_t revision)
{
	struct guard_text guard = guard_alert_text(token, as_of);
	guard.text[GUARD_ALERT_LENGTH] = '.';
	put(guard.text + GUARD_ALERT_LENGTH + 1, revision);
	return guard;
}
