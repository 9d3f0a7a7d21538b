#include "pipeline/waiting.h"

#include "base/mem.h"
#include "pipeline/correlate/record.h"
#include "pipeline/correlate/subject.h"

struct waiting_event {
	struct event event;
	int64_t reach;    /* of a retraction; else INT64_MAX */
	struct buf bytes; /* what the event's texts point into */
};

static void put_credits(struct buf *out, const struct event *event)
{
	buf_put_varint(out, event->credit_count);
	for (uint32_t i = 0; i < event->credit_count; i++) {
		buf_put_counted(out, event->credits[i].rep);
		buf_put_varint(out, event->credits[i].share);
	}
}

void waiting_init(struct waiting *waiting)
{
	*waiting = (struct waiting){.reach = INT64_MAX};
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

static void swap(struct waiting *waiting, uint32_t a, uint32_t b)
{
	struct waiting_event *kept = waiting->heap[a];
	waiting->heap[a] = waiting->heap[b];
	waiting->heap[b] = kept;
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

static void push(struct waiting *waiting, struct waiting_event *item)
{
	GROW(waiting->heap, waiting->count, waiting->capacity);
	waiting->heap[waiting->count] = item;
	if (item->reach < waiting->reach)
		waiting->reach = item->reach;
	sift_up(waiting, waiting->count++);
}

/* A copy of an event written by put_event; NULL on damage. */
static struct waiting_event *copy_of(struct str bytes, const struct schema *schema)
{
	struct waiting_event *item = NEW(struct waiting_event);
	buf_init(&item->bytes);
	buf_put_str(&item->bytes, bytes);
	struct reader in = reader_of(buf_str(&item->bytes));
	if (get_event(&in, schema, &item->event)) {
		bool retraction = item->event.type == schema->retractions.type;
		item->reach = retraction ? item->event.values[schema->retractions.reach].number : INT64_MAX;
		return item;
	}
	buf_release(&item->bytes);
	mem_free(item);
	return NULL;
}

void waiting_put(struct waiting *waiting, const struct event *event, const struct schema *schema)
{
	struct buf bytes;
	buf_init(&bytes);
	put_event(&bytes, event, schema);
	push(waiting, copy_of(buf_str(&bytes), schema));
	buf_release(&bytes);
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

bool waiting_finds(const struct waiting *waiting, const struct schema *schema, const struct event *retraction)
{
	for (uint32_t i = 0; i < waiting->count; i++)
		if (retracts(schema, retraction, &waiting->heap[i]->event))
			return true;
	return false;
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

void waiting_drop(struct waiting *waiting)
{
	int64_t reach = waiting->heap[0]->reach;
	free_item(waiting->heap[0]);
	waiting->heap[0] = waiting->heap[--waiting->count];
	sift_down(waiting, 0);
	if (reach == waiting->reach && reach < INT64_MAX)
		find_reach(waiting);
}

void waiting_save(const struct waiting *waiting, struct buf *out)
{
	buf_put_varint(out, waiting->count);
	for (uint32_t i = 0; i < waiting->count; i++)
		buf_put_counted(out, buf_str(&waiting->heap[i]->bytes));
}

bool waiting_load(struct waiting *waiting, const struct schema *schema, struct reader *in)
{
	uint64_t count = reader_varint(in);
	for (uint64_t i = 0; i < count && !in->failed; i++) {
		struct waiting_event *item = copy_of(reader_counted(in), schema);
		if (!item)
			return false;
		push(waiting, item);
	}
	return !in->failed;
}

void waiting_release(struct waiting *waiting)
{
	for (uint32_t i = 0; i < waiting->count; i++)
		free_item(waiting->heap[i]);
	mem_free(waiting->heap);
	waiting_init(waiting);
}
