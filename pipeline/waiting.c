#include "pipeline/waiting.h"

#include "base/mem.h"
#include "pipeline/correlate/record.h"
#include "pipeline/correlate/subject.h"

struct waiting_event {
	struct event event;
	int64_t reach;    /* of a retraction; else INT64_MAX */
	struct buf bytes; /* what the event's texts point into */
	uint32_t at;      /* its place in the heap */
};

static void put_credits(struct buf *out, const struct event *event)
{
	buf_put_varint(out, event->credit_count);
	for (uint32_t i = 0; i < event->credit_count; i++) {
		buf_put_counted(out, event->credits[i].rep);
		buf_put_varint(out, event->credits[i].share);
	}
}

void waiting_init(struct waiting *waiting, const struct schema *schema)
{
	*waiting = (struct waiting){.schema = schema, .reach = INT64_MAX};
	map_init(&waiting->by_id);
	buf_init(&waiting->key);
}

static void put_event(struct buf *out, const struct event *event, const struct schema *schema)
{
	buf_put_svarint(out, event->time);
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

static bool get_event(struct reader *in, const struct schema *schema, struct event *ret_event)
{
	ret_event->time = reader_svarint(in);
	ret_event->type = (uint16_t)reader_varint(in);
	ret_event->content = reader_u64(in);
	ret_event->source = reader_counted(in);
	ret_event->id = reader_counted(in);
	ret_event->customer = reader_counted(in);
	ret_event->present = reader_varint(in);
	if (in->failed || ret_event->type >= schema->type_count || !record_time_valid(ret_event->time) ||
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

static struct waiting_event *find_same(struct waiting *waiting, const struct event *event)
{
	const uint64_t *value = map_get(&waiting->by_id, key_of(waiting, event));
	return value ? (struct waiting_event *)(uintptr_t)*value : NULL;
}

/* Its id is not taken. */
static void push(struct waiting *waiting, struct waiting_event *item)
{
	GROW(waiting->heap, waiting->count, waiting->capacity);
	*map_put(&waiting->by_id, key_of(waiting, &item->event), NULL) = (uint64_t)(uintptr_t)item;
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
	map_remove(&waiting->by_id, key_of(waiting, &item->event));
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
	if (get_event(&in, schema, &item->event)) {
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

/* As for events that do not wait (pipeline/correlate/correlate.c): by the same order, and a retraction that comes again reaches as far back
 * as the one that reaches furthest. */
enum waiting_outcome waiting_put(struct waiting *waiting, const struct event *event)
{
	struct waiting_event *same = find_same(waiting, event);
	if (!same) {
		push_copy(waiting, event);
		return WAITING_PUT;
	}
	struct record record, other;
	record_of_event(&record, event, 0, waiting->schema);
	record_of_event(&other, &same->event, 0, waiting->schema);
	bool duplicate = record.content == other.content;
	bool replaces =
		duplicate ? reach_of(waiting->schema, event) < same->reach : record_compare(&record, &other) < 0;
	if (replaces) {
		drop(waiting, same);
		push_copy(waiting, event);
	}
	return duplicate ? WAITING_DUPLICATE : WAITING_CONFLICT;
}

bool waiting_drop_same(struct waiting *waiting, const struct event *event)
{
	struct waiting_event *same = find_same(waiting, event);
	if (same)
		drop(waiting, same);
	return same != NULL;
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

bool waiting_load(struct waiting *waiting, struct reader *in)
{
	uint64_t count = reader_varint(in);
	for (uint64_t i = 0; i < count && !in->failed; i++) {
		struct waiting_event *item = copy_of(reader_counted(in), waiting->schema);
		if (!item)
			return false;
		if (find_same(waiting, &item->event)) {
			free_item(item);
			return false;
		}
		push(waiting, item);
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
