#include "tests/unit/random_events.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>

#define COUNT_OF(array) ((int64_t)(sizeof(array) / sizeof *(array)))

static const char *const zones[] = {
	"UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe", "America/New_York"};
static const int64_t latenesses[] = {0, HOUR, 2 * DAY};
static const char *const lateness_texts[] = {"0s", "1h", "2d"};
static const char *const windows[] = {
	"[1h, 24h, 7d, 30d, 90d, 365d, day, week, month, quarter, year, month-1, quarter-1, year-1]",
	"[{window: 1h, step: 10s}, 7d]",
	"[week, month]",
	"[90d]",
	"[20m, 1h]",
	"[{window: 2h, step: 20m}, {window: 10d, step: 40m}]",
	"[20m, {window: 24h, step: 15m}, {window: 30d, step: 1d}, day, week-2]",
};

static const char stocks_and_measures[] =
	"dimensions: {stage: stage, product: product}\n"
	"stocks:\n"
	"  lead:\n"
	"    opens: lead.created\n"
	"    closes: [lead.closed, {event: deal.closed, where: \"outcome == 'won'\"}]\n"
	"    moves: {event: moved, where: \"score != 3\", dimension: stage, to: stage}\n"
	"  deal:\n"
	"    per: deal\n"
	"    once: true\n"
	"    opens: deal.created\n"
	"    closes: deal.closed\n"
	"    moves: {event: moved, dimension: stage, to: stage}\n"
	"  client:\n"
	"    opens: {event: deal.closed, where: \"outcome == 'won'\"}\n"
	"    holds: {per: sub, opens: sub.started, closes: sub.ended}\n"
	"measures:\n"
	"  won: {count: deal.closed, where: \"outcome == 'won'\"}\n"
	"  sold: {sum: amount, of: [{event: deal.closed, where: \"outcome == 'won'\"}, {event: cost, sign: minus}]}\n"
	"  first_wins: {count: deal.closed, where: \"outcome == 'won'\", first: customer}\n"
	"  created: {count: deal.created, first: deal}\n"
	"  leads: {count: lead.opened}\n"
	"  leads_open: {level: lead}\n"
	"  deals_open: {level: deal}\n"
	"  clients: {level: client}\n"
	"  reply: {elapsed: [ask, both], to: [answer, both], within: 5h, dimensions_of: start, histogram: true}\n"
	"  waiting: {level: reply}\n"
	"  latest: {elapsed: ask, to: answer, match: latest, within: 1h}\n"
	"  late_waiting: {level: latest}\n"
	"  every: {elapsed: ask, to: answer, match: every, within: 26h, dated: start}\n"
	"  once: {elapsed: ask, to: answer, first: true, within: 1d, dated: start}\n"
	"  cycle: {elapsed: deal.created, to: {event: deal.closed, where: \"outcome == 'won'\"}, per: deal, "
	"start_else: created_at}\n"
	"  quick: {elapsed: deal.created, to: deal.closed, per: deal, within: 6h, start_else: created_at}\n"
	"  won_lead: {elapsed: lead.opened, to: {event: deal.closed, where: \"outcome == 'won'\"}, match: every, "
	"within: 3d, dated: start}\n"
	"  seen: {distinct: customer, of: ask}\n"
	"  said: {last: amount, of: [ask, answer, price], per: deal, max_age: 9h}\n"
	"  scored: {last: score, of: lead.opened}\n"
	"  prices: {last: amount, of: price, per: deal, max_age: 40h}\n"
	"  seen_leads: {distinct: customer, of: ask, while: lead}\n"
	"  clients_kept: {stayed: client}\n"
	"  deals_kept: {stayed: deal}\n"
	"  touched: {touches: [ask, both, moved], to: {event: deal.closed, where: \"outcome == 'won'\"}, since: "
	"[lead, deal]}\n"
	"kpis:\n"
	"  a: {title: A, formula: won + first_wins + created + leads + level(leads_open) + level(deals_open) + "
	"level(clients), unit: count, by: [team, rep, stage]}\n"
	"  b: {title: B, formula: growth(sold), unit: percent}\n"
	"  c: {title: C, formula: mean(reply) + mean(latest) + mean(every) + mean(once), unit: seconds}\n"
	"  d: {title: D, formula: mean(cycle) + mean(quick) + mean(won_lead), unit: seconds}\n"
	"  e: {title: E, formula: level(waiting) + level(late_waiting) + seen + seen_leads + clients_kept + "
	"deals_kept, unit: "
	"count}\n"
	"  f: {title: F, formula: prev(won), unit: count}\n"
	"  h: {title: H, formula: mean(touched), unit: ratio}\n"
	"  g: {title: G, formula: prev(level(leads_open)), unit: count}\n"
	"  l: {title: L, formula: prev(mean(said)), unit: money}\n"
	"  i: {title: I, formula: last(scored), unit: count, by: [stage]}\n"
	"  j: {title: J, formula: prev(lowest(prices)) - highest(prices), unit: money, by: [product]}\n";

uint64_t random_next(struct random *random)
{
	uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

int64_t random_below(struct random *random, int64_t below)
{
	return (int64_t)(random_next(random) % (uint64_t)below);
}

bool random_percent(struct random *random, int percent)
{
	return random_below(random, 100) < percent;
}

static void make_config(struct random_history *history, struct random *random)
{
	struct buf kpid, kpis;
	int64_t lateness = random_below(random, COUNT_OF(latenesses));
	buf_init(&kpid);
	buf_init(&kpis);
	buf_printf(&kpid, "time_zone: %s\nroster: {file: \"\"}\nlimits: {allowed_lateness: %s}\n",
		zones[random_below(random, COUNT_OF(zones))], lateness_texts[lateness]);
	buf_printf(&kpis, "windows: %s\n%s", windows[random_below(random, COUNT_OF(windows))], stocks_and_measures);
	fixture_init(&history->fixture, kpid.data, kpis.data, "2026-03-20T00:00:00Z");
	history->lateness = latenesses[lateness];
	buf_release(&kpid);
	buf_release(&kpis);
}

static void put_people(struct buf *out, struct random *random)
{
	if (random_percent(random, 70))
		buf_printf(out, ", \"stage\": \"p%d\"", (int)random_below(random, 3));
	if (random_percent(random, 70))
		buf_printf(out, ", \"rep\": \"r%d\"", (int)random_below(random, 3));
	if (random_percent(random, 40))
		buf_printf(out, ", \"team\": \"t%d\"", (int)random_below(random, 2));
}

/* Members that every event may have; several of them stand for one type. With `exact` the time stays as it is. */
static void put_members(struct buf *out, struct random *random, struct random_record *record, int64_t first, bool exact)
{
	static const char *const types[] = {"lead.created", "ask", "ask", "answer", "answer", "both", "deal.created",
		"deal.closed", "deal.closed", "deal.reopened", "moved", "moved", "lead.closed", "sub.started",
		"sub.ended", "cost", "price", "price"};
	const char *type = types[random_below(random, COUNT_OF(types))];
	int64_t *time = &record->time, deal = random_below(random, 6);
	if (exact)
		deal = (*time - first) / (3 * DAY);
	else if (strncmp(type, "deal.", 5) == 0)
		*time = first + deal * 3 * DAY + random_below(random, 3 * DAY);
	if (!exact && random_percent(random, 30))
		*time -= *time % HOUR;
	buf_printf(out, "\"type\": \"%s\", \"deal\": \"d%d\", \"sub\": \"s%d\", \"outcome\": \"%s\", \"score\": %d",
		type, (int)deal, (int)random_below(random, 2), random_percent(random, 70) ? "won" : "lost",
		(int)random_below(random, 9));
	record->subject = 'c';
	if (strcmp(type, "price") == 0)
		record->subject = 'p';
	else if (strcmp(type, "cost") == 0 && random_percent(random, 50))
		record->subject = 'e';
	if (record->subject == 'p')
		buf_printf(out, ", \"product\": \"p%d\"", record->customer);
	if (record->subject == 'c' || (record->subject == 'p' && random_percent(random, 50)))
		buf_printf(out, ", \"customer\": \"c%d\"", record->customer);
	put_people(out, random);
	if (random_percent(random, 40))
		buf_printf(out, ", \"created_at\": %lld", (long long)(*time - random_below(random, 4 * DAY)));
	buf_printf(out, ", \"amount\": %d", (int)random_below(random, 1000));
	if (random_percent(random, 30)) {
		int share = 1 + (int)random_below(random, 9999);
		buf_printf(out, ", \"credits\": [{\"rep\": \"r%d\", \"share\": %d}, {\"rep\": \"r3\", \"share\": %d}]",
			(int)random_below(random, 3), share, 10000 - share);
	}
}

static int64_t arrival(const struct random_history *history, struct random *random, int64_t time)
{
	switch (random_below(random, 10)) {
	case 0:
		return time - random_below(random, 6 * MINUTE); /* dated ahead, too far at times */
	case 1:
		return time + random_below(random, history->lateness + HOUR); /* late at times */
	case 2:
	case 3:
		return time + random_below(random, history->lateness + 1);
	case 4:
		return time + history->lateness;
	default:
		return time + random_below(random, history->lateness < MINUTE ? history->lateness + 1 : MINUTE);
	}
}

static struct random_record *add_record(
	struct random_history *history, struct random *random, int id, int64_t time, bool exact)
{
	struct random_record *record = &history->records[history->count++];
	struct buf json;
	buf_init(&json);
	record->id = id;
	record->customer = id % 3;
	struct buf members;
	buf_init(&members);
	record->time = time;
	put_members(&members, random, record, history->first, exact);
	buf_printf(&json, "{\"id\": \"e%d\", \"time\": %lld, %s}", id, (long long)record->time, members.data);
	assert_true(json.length < sizeof record->json);
	memcpy(record->json, json.data, json.length + 1);
	record->kafka_time = arrival(history, random, record->time);
	buf_release(&members);
	buf_release(&json);
	return record;
}

/* A retraction of something that there is already, of the same customer; or an event, where there is none. */
static struct random_record *add_retraction(struct random_history *history, struct random *random, int id)
{
	const struct random_record *target = NULL;
	for (int tries = 0; history->count > 0 && tries < 20 && (!target || target->customer != id % 3); tries++)
		target = &history->records[random_below(random, (int64_t)history->count)];
	if (!target || target->customer != id % 3)
		return add_record(history, random, id, history->first, false);
	struct random_record *record = &history->records[history->count++];
	*record = (struct random_record){.id = id, .customer = id % 3, .subject = target->subject};
	record->time = target->time + random_below(random, history->lateness + 2 * HOUR) - HOUR / 2;
	if (random_percent(random, 20))
		record->time = target->time;
	record->kafka_time = arrival(history, random, record->time);
	if (random_percent(random, 20)) /* at the limit, or just beyond */
		record->kafka_time = target->time + history->lateness + random_below(random, 2);
	struct buf json;
	buf_init(&json);
	buf_printf(&json, "{\"id\": \"e%d\", \"type\": \"retracted\", \"time\": %lld, \"retracts\": \"e%d\"", id,
		(long long)record->time, target->id);
	if (record->subject == 'c')
		buf_printf(&json, ", \"customer\": \"c%d\"", record->customer);
	if (record->subject == 'p')
		buf_printf(&json, ", \"product\": \"p%d\"", record->customer);
	put_people(&json, random);
	buf_put_byte(&json, '}');
	assert_true(json.length < sizeof record->json);
	memcpy(record->json, json.data, json.length + 1);
	buf_release(&json);
	return record;
}

/* The same id with other content, near by or about as far away that it is another event. */
static void add_conflict(struct random_history *history, struct random *random, int id, int64_t time)
{
	int64_t away = random_below(random, 5 * MINUTE);
	if (random_percent(random, 50))
		away += history->lateness - random_below(random, 5 * MINUTE);
	if (random_percent(random, 20))
		away = random_below(random, 3 * DAY);
	add_record(history, random, id, random_percent(random, 50) ? time + away : time - away, true);
}

static void add_duplicate(struct random_history *history, struct random *random, const struct random_record *record)
{
	struct random_record *copy = &history->records[history->count++];
	*copy = *record;
	copy->kafka_time = arrival(history, random, copy->time);
}

struct arriving {
	int64_t time;
	struct random_record record;
};

static int by_arrival(const void *left, const void *right)
{
	const struct arriving *a = left, *b = right;
	return a->time != b->time ? (a->time > b->time) - (a->time < b->time) : strcmp(a->record.json, b->record.json);
}

static void sort_by_arrival(struct random_history *history, struct random *random)
{
	struct arriving *list = NEW_ARRAY(struct arriving, history->count);
	for (size_t i = 0; i < history->count; i++)
		list[i] = (struct arriving){
			history->records[i].kafka_time + random_below(random, 4 * MINUTE), history->records[i]};
	qsort(list, history->count, sizeof *list, by_arrival);
	for (size_t i = 0; i < history->count; i++)
		history->records[i] = list[i].record;
	mem_free(list);
}

void random_history_init(struct random_history *history, uint64_t seed, int events)
{
	struct random random = {seed};
	*history = (struct random_history){.first = at("2026-03-20T00:00:00Z"), .last = at("2026-04-08T00:00:00Z")};
	make_config(history, &random);
	history->records = NEW_ARRAY(struct random_record, (size_t)events * 3);
	for (int id = 0; id < events; id++) {
		/* Bursts: half of all come within an hour of a few instants. */
		int64_t time = history->first + random_below(&random, history->last - history->first);
		if (random_percent(&random, 50))
			time = history->first + random_below(&random, 4) * 4 * DAY + random_below(&random, HOUR);
		struct random_record *record = random_percent(&random, 12)
			? add_retraction(history, &random, id)
			: add_record(history, &random, id, time, false);
		if (random_percent(&random, 10))
			add_duplicate(history, &random, record);
		if (random_percent(&random, 10))
			add_conflict(history, &random, id, record->time);
	}
	sort_by_arrival(history, &random);
}

bool random_record_counts(const struct random_history *history, const struct random_record *record)
{
	return record->kafka_time - record->time <= history->lateness &&
		record->time - record->kafka_time <= 5 * MINUTE;
}

static enum shard_outcome feed(
	struct random_history *history, struct shard *shard, const struct random_record *record, int64_t kafka_time)
{
	struct event event = fixture_event(&history->fixture, record->json);
	return shard_event(shard, &event, kafka_time, &history->fixture.reason);
}

enum shard_outcome random_record_feed(
	struct random_history *history, struct shard *shard, const struct random_record *record)
{
	return feed(history, shard, record, record->kafka_time);
}

static int by_time(const void *left, const void *right)
{
	const struct random_record *a = *(const struct random_record *const *)left,
				   *b = *(const struct random_record *const *)right;
	return (a->time > b->time) - (a->time < b->time);
}

struct shard *random_history_plain(struct random_history *history, int64_t end, int customer)
{
	const struct random_record **sorted = NEW_ARRAY(const struct random_record *, history->count);
	struct shard *shard = shard_new(history->fixture.config, 0, end);
	for (size_t i = 0; i < history->count; i++)
		sorted[i] = &history->records[i];
	qsort(sorted, history->count, sizeof *sorted, by_time);
	for (size_t i = 0; i < history->count; i++)
		if (random_record_counts(history, sorted[i]) && (customer < 0 || sorted[i]->customer == customer))
			feed(history, shard, sorted[i], sorted[i]->kafka_time);
	mem_free(sorted);
	return shard;
}

void random_history_release(struct random_history *history)
{
	mem_free(history->records);
	fixture_release(&history->fixture);
}

static int64_t from_environment(const char *name, int64_t otherwise)
{
	const char *text = getenv(name);
	int64_t value;
	return text && text_to_i64(str_of(text), &value) == RESULT_OK && value > 0 ? value : otherwise;
}

int random_runs(int usual)
{
	return (int)from_environment("KPID_PROPERTY_RUNS", usual);
}

uint64_t random_seed(void)
{
	return (uint64_t)from_environment("KPID_PROPERTY_SEED", 1);
}
