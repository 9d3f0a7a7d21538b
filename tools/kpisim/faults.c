#include "tools/kpisim/faults.h"

#include "tools/kpisim/calendar.h"
#include "tools/kpisim/malformed.h"
#include "tools/kpisim/message.h"

#include <stdio.h>

#define STREAM_NOISE 2
#define STREAM_FAULTS 16

/* An oversized message comes every so many events. */
#define OVERSIZED_EVERY 200

void faults_init(struct faults *faults, const struct fault_settings *settings, const struct zone *zone, faults_put *put,
	void *context)
{
	*faults = (struct faults){.settings = *settings, .zone = zone, .put = put, .context = context};
	faults->transit = FAULTS_TRANSIT_MS;
	rng_init(&faults->noise, settings->seed, STREAM_NOISE);
	for (int i = 0; i < FAULT_COUNT; i++)
		rng_init(&faults->streams[i], settings->seed, STREAM_FAULTS + (uint64_t)i);
	buf_init(&faults->text);
}

void faults_release(struct faults *faults)
{
	buf_release(&faults->text);
}

static struct str write_event(struct faults *faults, const struct event *event, struct message_style style)
{
	buf_clear(&faults->text);
	message_put(&faults->text, event, faults->zone, style);
	return buf_str(&faults->text);
}

static bool hits(struct faults *faults, enum fault fault)
{
	return rng_ppm(&faults->streams[fault], faults->settings.share[fault]);
}

/* Two in sixteen lie at the edge: one exactly on the limit, which is allowed, the other 1 ms beyond it. */
static int64_t beyond(struct rng *rng, int64_t limit, int64_t most)
{
	uint32_t draw = rng_below(rng, 16);

	if (draw < 2)
		return limit + draw;
	return limit + rng_between(rng, 1, most);
}

/* What is merely out of order arrives before the records end, so that it changes no figure. */
static int64_t by_the_end(const struct faults *faults, int64_t arrival)
{
	return arrival < faults->settings.end ? arrival : faults->settings.end - 1;
}

static int64_t arrival_draw(struct faults *faults, int64_t time, bool *ret_late)
{
	struct rng *disorder = &faults->streams[FAULT_DISORDER];
	struct rng *late = &faults->streams[FAULT_LATE];
	bool disordered = hits(faults, FAULT_DISORDER);
	int64_t arrival = time + faults->transit;

	if (disordered)
		arrival = by_the_end(faults, arrival + rng_between(disorder, 1, faults->settings.disorder_max));
	*ret_late = hits(faults, FAULT_LATE);
	return *ret_late ? time + beyond(late, FAULTS_LATENESS_MS, 3 * DAY_MS) : arrival;
}

static void put_duplicate(struct faults *faults, const struct record *record, int64_t time, bool late)
{
	struct rng *rng = &faults->streams[FAULT_DUPLICATES];
	static const int64_t widest[] = {5 * SECOND_MS, HOUR_MS, 5 * DAY_MS};
	static const uint16_t weights[] = {50, 40, 10};
	struct record *copy = record_copy(record);

	copy->wrong_partition = rng_ppm(rng, faults->settings.share[FAULT_WRONG_PARTITION]);
	copy->arrival = by_the_end(faults, copy->arrival + rng_between(rng, 0, widest[rng_pick(rng, weights, 3)]));
	if (!late && copy->arrival > time + FAULTS_LATENESS_MS)
		copy->arrival = time + FAULTS_LATENESS_MS;
	faults->put(faults->context, copy);
}

/* The same id with another time: the one that is first in the order of events stays. */
static void put_conflict(struct faults *faults, const struct event *event, struct message_style style, int64_t arrival)
{
	struct rng *rng = &faults->streams[FAULT_CONFLICTS];
	struct event other = *event;
	int64_t shift = rng_between(rng, MINUTE_MS, 30 * MINUTE_MS);
	struct str value;

	other.time += rng_percent(rng, 50) ? shift : -shift;
	event_drop(&other, "created_at");
	event_text(&other, "note", "changed afterwards");
	value = write_event(faults, &other, style);
	faults->put(faults->context,
		record_new(event_type_topic(event->type), arrival + MINUTE_MS * 40, event_key(event), value));
}

/* From the same moment to ten days later; one in eight arrives when the event is just as old as it may be, or 1 ms older. */
static int64_t retraction_delay(const struct faults *faults, struct rng *rng)
{
	static const int64_t widest[] = {0, 2 * DAY_MS, 6 * DAY_MS, 10 * DAY_MS};
	static const uint16_t weights[] = {5, 60, 15, 8};
	uint32_t draw = rng_below(rng, 16);

	if (draw < 2)
		return FAULTS_LATENESS_MS - faults->transit + draw;
	return rng_between(rng, 0, widest[rng_pick(rng, weights, 4)]);
}

/* In the topic and with the key of the event that it takes back. */
static void put_retraction(struct faults *faults, const struct event *event, struct message_style style)
{
	int64_t time = event->time + retraction_delay(faults, &faults->streams[FAULT_RETRACTIONS]);
	struct event retraction;

	if (time + faults->transit >= faults->settings.end)
		return;
	event_init(&retraction, EVENT_EVENT_RETRACTED, time);
	retraction.source = event->source;
	snprintf(retraction.id, sizeof(retraction.id), "r-%.200s", event->id);
	snprintf(retraction.customer, sizeof(retraction.customer), "%s", event->customer);
	event_text(&retraction, "retracts", event->id);
	if (event->key)
		event_text(&retraction, "product", event->key);
	faults->put(faults->context,
		record_new(event_type_topic(event->type), time + faults->transit, event_key(event),
			write_event(faults, &retraction, style)));
}

static void put_malformed(struct faults *faults, const struct event *event, int64_t arrival)
{
	bool is_object;
	enum topic topic;
	struct record *record;

	buf_clear(&faults->text);
	malformed_put(&faults->text, &faults->streams[FAULT_MALFORMED], event, faults->spoilt++, &topic, &is_object);
	record = record_new(topic, arrival, event_key(event), buf_str(&faults->text));
	record->is_object = is_object;
	faults->put(faults->context, record);
}

static void put_oversized(struct faults *faults, const struct event *event, int64_t arrival)
{
	faults->oversized++;
	buf_clear(&faults->text);
	malformed_put_oversized(&faults->text, event, faults->oversized);
	faults->put(faults->context, record_new(TOPIC_CALLS, arrival, event_key(event), buf_str(&faults->text)));
}

static void put_extras(
	struct faults *faults, const struct event *event, struct message_style style, int64_t arrival, bool plain)
{
	bool conflict = hits(faults, FAULT_CONFLICTS);
	bool malformed = hits(faults, FAULT_MALFORMED);
	bool retraction = hits(faults, FAULT_RETRACTIONS);

	if (conflict && plain)
		put_conflict(faults, event, style, arrival);
	if (retraction && plain)
		put_retraction(faults, event, style);
	if (malformed)
		put_malformed(faults, event, arrival);
	if (++faults->seen % OVERSIZED_EVERY == 0 && faults->oversized < faults->settings.oversized)
		put_oversized(faults, event, arrival);
}

void faults_add(struct faults *faults, const struct event *event)
{
	struct message_style style = {
		hits(faults, FAULT_CLOUDEVENTS), (uint32_t)rng_next(&faults->noise), faults->settings.currency};
	bool late;
	int64_t arrival = arrival_draw(faults, event->time, &late);
	bool future = hits(faults, FAULT_FUTURE);
	bool wrong = hits(faults, FAULT_WRONG_PARTITION);
	struct event moved;
	struct record *record;

	if (future && !late) {
		moved = *event;
		moved.time = arrival + beyond(&faults->streams[FAULT_FUTURE], FAULTS_FUTURE_MS, HOUR_MS);
		event = &moved;
	}
	record =
		record_new(event_type_topic(event->type), arrival, event_key(event), write_event(faults, event, style));
	record->wrong_partition = wrong;
	if (hits(faults, FAULT_DUPLICATES))
		put_duplicate(faults, record, event->time, late);
	faults->put(faults->context, record);
	put_extras(faults, event, style, arrival, !late && !future);
}
