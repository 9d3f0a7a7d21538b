#include "tools/kpisim/event.h"

#include "base/check.h"

void event_init(struct event *event, enum event_type type, int64_t time)
{
	event->type = type;
	event->time = time;
	event->source = NULL;
	event->id[0] = '\0';
	event->customer[0] = '\0';
	event->key = NULL;
	event->field_count = 0;
}

static void event_set(struct event *event, struct field field)
{
	int i = 0;

	while (i < event->field_count && strcmp(event->fields[i].name, field.name) != 0)
		i++;
	CHECK(i < FIELD_MAX);
	event->fields[i] = field;
	if (i == event->field_count)
		event->field_count++;
}

void event_text(struct event *event, const char *name, const char *text)
{
	event_set(event, (struct field){name, FIELD_TEXT, text, 0});
}

void event_ref(struct event *event, const char *name, const char *prefix, int64_t number)
{
	event_set(event, (struct field){name, FIELD_REF, prefix, number});
}

void event_amount(struct event *event, int64_t fixed)
{
	event_set(event, (struct field){"amount", FIELD_AMOUNT, NULL, fixed});
}

void event_whole(struct event *event, const char *name, int64_t number)
{
	event_set(event, (struct field){name, FIELD_WHOLE, NULL, number});
}

void event_time(struct event *event, const char *name, int64_t ms)
{
	event_set(event, (struct field){name, FIELD_TIME, NULL, ms});
}

void event_flag(struct event *event, const char *name, bool flag)
{
	event_set(event, (struct field){name, FIELD_FLAG, NULL, flag});
}

void event_raw(struct event *event, const char *name, const char *json)
{
	event_set(event, (struct field){name, FIELD_RAW, json, 0});
}

void event_drop(struct event *event, const char *name)
{
	for (int i = 0; i < event->field_count; i++) {
		if (strcmp(event->fields[i].name, name) == 0) {
			event->field_count--;
			memmove(&event->fields[i], &event->fields[i + 1],
				(size_t)(event->field_count - i) * sizeof(event->fields[0]));
			return;
		}
	}
}

struct str event_key(const struct event *event)
{
	if (event->key)
		return str_of(event->key);
	return str_of(event->customer[0] ? event->customer : event->id);
}
