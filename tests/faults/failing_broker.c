/* An embedded broker that gives errors when it is told to: failing_broker TOPIC:PARTITIONS ...
 *
 * It prints its address, then reads lines "API ERROR TIMES" and answers each with "ok"; it ends with its standard input. */
#include "daemon/kafka/embedded.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool create_topic(struct embedded_broker *broker, char *name)
{
	char *colon = strrchr(name, ':');
	if (!colon)
		return false;
	*colon = '\0';
	return embedded_broker_create_topic(broker, name, atoi(colon + 1)) == RESULT_OK;
}

static void serve(struct embedded_broker *broker)
{
	char line[64];
	int api, error, times;
	while (fgets(line, sizeof line, stdin)) {
		if (sscanf(line, "%d %d %d", &api, &error, &times) == 3)
			embedded_broker_fail(broker, api, error, times);
		puts("ok");
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	struct embedded_broker *broker;
	char error[256] = "";
	signal(SIGPIPE, SIG_IGN);
	bool made = embedded_broker_new(1, error, sizeof error, &broker) == RESULT_OK;
	for (int i = 1; made && i < argc; i++)
		made = create_topic(broker, argv[i]);
	if (!made) {
		fprintf(stderr, "no broker: %s\n", error);
		return 1;
	}
	puts(embedded_broker_address(broker));
	fflush(stdout);
	serve(broker);
	embedded_broker_free(broker);
	return 0;
}
