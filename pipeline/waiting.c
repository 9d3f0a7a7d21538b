#include "pipeline/waiting.h"

#include "base/mem.h"
#include "pipeline/correlate/correlate.h"
#include "pipeline/correlate/record.h"
#include "pipeline/correlate/subject.h"
#include "pipeline/shard_outline.h"

struct waiting_event {
	struct event event;
	int64_t reach;              /* of a retraction; else INT64_MAX */
	struct buf bytes;           /* what the event's texts point into */
	uint32_t at;                /* its place in the heap */
	struct waiting_event *next; /* with the same id */
};

static void put_credits(struct buf *out, const struct event *event)
{
	buf_put_varint(out, event->credit_count);
	for (uint32_t i = 0; i < event->credit_count; i++) {
		buf_put_counted(out, event->credits[i].rep);
		buf_put_varint(out, event->credits[i].share);
	}
}

void waiting_init(struct waiting *waiting, const struct schema *schema, int64_t lateness)
{
	*waiting = (struct waiting){.schema = schema, .lateness = lateness, .reach = INT64_MAX};
	map_init(&waiting->by_id);
	buf_init(&waiting->key);
}

static void put_event(struct buf *out, const struct event *event, const struct schema *schema)
{
	buf_put_svarint(out, event->time);
	buf_put_svarint(out, event->kafka_time);
	buf_put_varint(out, event->type);
	buf_put_u64(out, event->content);
	buf_put_counted(out, event->source);
	buf_put_counted(out, event->id);
	buf_put_counted(out, event->customer);
	buf_put_varint(out, event->present);
	for (uint64_t left = event->present; left; left &= left - 1) {
		unsigned f = (unsigned)__builtin_ctzll(left);
		if (schema->fields[f].kind == FIELD_TEXT)
			buf_put_counted(out, event->values[f].text);
		else
			buf_put_svarint(out, event->values[f].number);
	}
	put_credits(out, event);
}

static bool get_credits(struct reader *in, struct event *event)
{
	uint64_t count = reader_varint(in), whole = 0;
	if (count > EVENT_CREDITS_MAX)
		return false;
	event->credit_count = (uint32_t)count;
	for (uint32_t i = 0; i < event->credit_count; i++) {
		event->credits[i].rep = reader_counted(in);
		uint64_t share = reader_varint(in);
		if (in->failed || !event->credits[i].rep.length || !share || share > EVENT_CREDIT_WHOLE)
			return false;
		event->credits[i].share = (uint32_t)share;
		whole += share;
	}
	return !count || whole == EVENT_CREDIT_WHOLE;
}

static bool number_valid(const struct field *field, int64_t number)
{
	if (field->kind == FIELD_CHOICE)
		return number >= 0 && number < field->choice_count;
	return field->kind != FIELD_TIME || record_time_valid(number);
}

/* Format 4 has no Kafka time: it becomes the event's own. */
static bool get_event(struct reader *in, uint32_t format, const struct schema *schema, struct event *ret_event)
{
	ret_event->time = reader_svarint(in);
	ret_event->kafka_time = format > 4 ? reader_svarint(in) : ret_event->time;
	ret_event->type = (uint16_t)reader_varint(in);
	ret_event->content = reader_u64(in);
	ret_event->source = reader_counted(in);
	ret_event->id = reader_counted(in);
	ret_event->customer = reader_counted(in);
	ret_event->present = reader_varint(in);
	if (in->failed || ret_event->type >= schema->type_count || !record_time_valid(ret_event->time) ||
		!record_kafka_time_valid(ret_event->kafka_time) ||
		(schema->field_count < 64 && ret_event->present >> schema->field_count) ||
		!record_retraction_whole(schema, ret_event->type, ret_event->present))
		return false;
	for (uint64_t left = ret_event->present; left; left &= left - 1) {
		unsigned f = (unsigned)__builtin_ctzll(left);
		if (schema->fields[f].kind == FIELD_TEXT)
			ret_event->values[f].text = reader_counted(in);
		else
			ret_event->values[f].number = reader_svarint(in);
		if (schema->fields[f].kind != FIELD_TEXT &&
			!number_valid(&schema->fields[f], ret_event->values[f].number))
			return false;
	}
	return get_credits(in, ret_event) && !in->failed;
}

static void place(struct waiting *waiting, uint32_t at, struct waiting_event *item)
{
	waiting->heap[at] = item;
	item->at = at;
}

static void swap(struct waiting *waiting, uint32_t a, uint32_t b)
{
	struct waiting_event *kept = waiting->heap[a];
	place(waiting, a, waiting->heap[b]);
	place(waiting, b, kept);
}

static bool before(const struct waiting *waiting, uint32_t a, uint32_t b)
{
	return waiting->heap[a]->event.time < waiting->heap[b]->event.time;
}

static void sift_up(struct waiting *waiting, uint32_t at)
{
	for (; at > 0 && before(waiting, at, (at - 1) / 2); at = (at - 1) / 2)
		swap(waiting, at, (at - 1) / 2);
}

static void sift_down(struct waiting *waiting, uint32_t at)
{
	for (;;) {
		uint32_t least = at;
		for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < waiting->count; child++)
			if (before(waiting, child, least))
				least = child;
		if (least == at)
			return;
		swap(waiting, at, least);
		at = least;
	}
}

/* The history that the event belongs to, its source and its id; valid until the next call. */
static struct str key_of(struct waiting *waiting, const struct event *event)
{
	struct subject subject = subject_of(waiting->schema, event);
	buf_clear(&waiting->key);
	buf_put_byte(&waiting->key, (uint8_t)subject.kind);
	buf_put_counted(&waiting->key, subject.name);
	buf_put_counted(&waiting->key, event->source);
	buf_put_str(&waiting->key, event->id);
	return buf_str(&waiting->key);
}

/* The first of those with the event's id. Each event is looked for, and mostly none waits. */
static struct waiting_event *find_chain(struct waiting *waiting, const struct event *event)
{
	if (waiting->by_id.count == 0)
		return NULL;
	const uint64_t *value = map_get(&waiting->by_id, key_of(waiting, event));
	return value ? (struct waiting_event *)(uintptr_t)*value : NULL;
}

static void set_chain(struct waiting *waiting, struct waiting_event *first)
{
	*map_put(&waiting->by_id, key_of(waiting, &first->event), NULL) = (uint64_t)(uintptr_t)first;
}

static void unchain(struct waiting *waiting, struct waiting_event *item)
{
	struct waiting_event *first = find_chain(waiting, &item->event), **link = &first;
	while (*link != item)
		link = &(*link)->next;
	*link = item->next;
	if (first)
		set_chain(waiting, first);
	else
		map_remove(&waiting->by_id, key_of(waiting, &item->event));
}

static void push(struct waiting *waiting, struct waiting_event *item)
{
	GROW(waiting->heap, waiting->count, waiting->capacity);
	item->next = find_chain(waiting, &item->event);
	set_chain(waiting, item);
	place(waiting, waiting->count++, item);
	if (item->reach < waiting->reach)
		waiting->reach = item->reach;
	sift_up(waiting, item->at);
}

static void free_item(struct waiting_event *item)
{
	buf_release(&item->bytes);
	mem_free(item);
}

static void find_reach(struct waiting *waiting)
{
	waiting->reach = INT64_MAX;
	for (uint32_t i = 0; i < waiting->count; i++)
		if (waiting->heap[i]->reach < waiting->reach)
			waiting->reach = waiting->heap[i]->reach;
}

static void drop(struct waiting *waiting, struct waiting_event *item)
{
	uint32_t at = item->at;
	int64_t reach = item->reach;
	unchain(waiting, item);
	free_item(item);
	struct waiting_event *last = waiting->heap[--waiting->count];
	if (at < waiting->count) {
		place(waiting, at, last);
		sift_up(waiting, at);
		sift_down(waiting, last->at);
	}
	if (reach == waiting->reach && reach < INT64_MAX)
		find_reach(waiting);
}

static int64_t reach_of(const struct schema *schema, const struct event *event)
{
	const struct retractions *retractions = &schema->retractions;
	return event->type == retractions->type ? event->values[retractions->reach].number : INT64_MAX;
}

/* A copy of an event written by put_event; NULL on damage. */
static struct waiting_event *copy_of(struct str bytes, const struct schema *schema)
{
	struct waiting_event *item = NEW(struct waiting_event);
	buf_init(&item->bytes);
	buf_put_str(&item->bytes, bytes);
	struct reader in = reader_of(buf_str(&item->bytes));
	if (get_event(&in, SHARD_FORMAT, schema, &item->event)) {
		item->reach = reach_of(schema, &item->event);
		return item;
	}
	free_item(item);
	return NULL;
}

static void push_copy(struct waiting *waiting, const struct event *event)
{
	struct buf bytes;
	buf_init(&bytes);
	put_event(&bytes, event, waiting->schema);
	push(waiting, copy_of(buf_str(&bytes), waiting->schema));
	buf_release(&bytes);
}

/* Of those with the event's id: the one with its content, and its neighbours in the order of events. */
struct found {
	struct waiting_event *same, *before, *after;
};

static int compare(const struct waiting *waiting, const struct event *a, const struct event *b)
{
	struct record first, second;
	record_of_event(&first, a, 0, waiting->schema);
	record_of_event(&second, b, 0, waiting->schema);
	return first.content == second.content ? 0 : record_compare(&first, &second);
}

static struct found find(struct waiting *waiting, const struct event *event)
{
	struct found found = {NULL, NULL, NULL};
	for (struct waiting_event *item = find_chain(waiting, event); item; item = item->next) {
		int order = compare(waiting, &item->event, event);
		if (order == 0)
			found.same = item;
		else if (order < 0 && (!found.before || compare(waiting, &found.before->event, &item->event) < 0))
			found.before = item;
		else if (order > 0 && (!found.after || compare(waiting, &item->event, &found.after->event) < 0))
			found.after = item;
	}
	return found;
}

static bool takes_id(const struct waiting *waiting, const struct waiting_event *before, const struct event *event)
{
	return before && correlate_conflicts(before->event.time, event->kafka_time, waiting->lateness);
}

static bool loses_id(const struct waiting *waiting, const struct waiting_event *after, const struct event *event)
{
	return after && correlate_conflicts(event->time, after->event.kafka_time, waiting->lateness);
}

/* A retraction that comes again reaches as far back as the one that reaches furthest; an event is known for its latest record. */
static void take_duplicate(struct waiting *waiting, struct waiting_event *same, const struct event *event)
{
	struct event both = *event;
	if (reach_of(waiting->schema, event) >= same->reach && event->kafka_time <= same->event.kafka_time)
		return;
	if (same->event.kafka_time > both.kafka_time)
		both.kafka_time = same->event.kafka_time;
	if (same->reach < reach_of(waiting->schema, event))
		both.values[waiting->schema->retractions.reach].number = same->reach;
	drop(waiting, same);
	push_copy(waiting, &both);
}

/* As for events that do not wait (pipeline/correlate/correlate.c). */
enum waiting_outcome waiting_put(struct waiting *waiting, const struct event *event)
{
	struct found found = find(waiting, event);
	if (found.same) {
		take_duplicate(waiting, found.same, event);
		return WAITING_DUPLICATE;
	}
	if (takes_id(waiting, found.before, event))
		return WAITING_CONFLICT;
	bool replaces = loses_id(waiting, found.after, event);
	if (replaces)
		drop(waiting, found.after);
	push_copy(waiting, event);
	return replaces ? WAITING_CONFLICT : WAITING_PUT;
}

bool waiting_drop_same(struct waiting *waiting, const struct event *event)
{
	struct waiting_event *item = find_chain(waiting, event);
	while (item && !loses_id(waiting, item, event))
		item = item->next;
	if (item)
		drop(waiting, item);
	return item != NULL;
}

const struct event *waiting_first(const struct waiting *waiting, int64_t end)
{
	if (waiting->count == 0 || waiting->heap[0]->event.time >= end)
		return NULL;
	return &waiting->heap[0]->event;
}

/* A retraction is the last of its time. */
static bool retracts(const struct schema *schema, const struct event *retraction, const struct event *event)
{
	const struct retractions *retractions = &schema->retractions;
	struct subject theirs = subject_of(schema, retraction), its = subject_of(schema, event);
	return event->type != retractions->type && event->time <= retraction->time &&
		event->time >= retraction->values[retractions->reach].number &&
		str_equal(event->id, retraction->values[retractions->names].text) &&
		str_equal(event->source, retraction->source) && theirs.kind == its.kind &&
		str_equal(theirs.name, its.name);
}

bool waiting_finds(const struct waiting *waiting, const struct event *retraction)
{
	for (uint32_t i = 0; i < waiting->count; i++)
		if (retracts(waiting->schema, retraction, &waiting->heap[i]->event))
			return true;
	return false;
}

void waiting_drop(struct waiting *waiting)
{
	drop(waiting, waiting->heap[0]);
}

void waiting_save(const struct waiting *waiting, struct buf *out)
{
	buf_put_varint(out, waiting->count);
	for (uint32_t i = 0; i < waiting->count; i++)
		buf_put_counted(out, buf_str(&waiting->heap[i]->bytes));
}

bool waiting_load(struct waiting *waiting, uint32_t format, struct reader *in)
{
	uint64_t count = reader_varint(in);
	for (uint64_t i = 0; i < count && !in->failed; i++) {
		struct event event;
		struct reader bytes = reader_of(reader_counted(in));
		if (in->failed || !get_event(&bytes, format, waiting->schema, &event))
			return false;
		if (waiting_put(waiting, &event) != WAITING_PUT)
			return false;
	}
	return !in->failed;
}

void waiting_release(struct waiting *waiting)
{
	for (uint32_t i = 0; i < waiting->count; i++)
		free_item(waiting->heap[i]);
	mem_free(waiting->heap);
	map_release(&waiting->by_id);
	buf_release(&waiting->key);
}
