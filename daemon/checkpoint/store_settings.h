/* From the configuration to the place of the checkpoints: kpid and kpictl look in the same one. */
#ifndef DAEMON_CHECKPOINT_STORE_SETTINGS_H
#define DAEMON_CHECKPOINT_STORE_SETTINGS_H

#include "config/settings.h"
#include "daemon/checkpoint/store.h"

struct store_place {
	struct store_options options; /* for store_open; views into the settings and into `topic` */
	char topic[512];
};

/* `place` must not move while its options are in use. The directory is checkpoint.directory, else systemd's state directory, else "state". */
void store_place_init(struct store_place *place, const struct settings *settings);
/* The key that names the place: another value of it is another place. */
const char *store_setting(const struct settings *settings);

#endif
