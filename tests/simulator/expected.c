#include "tests/simulator/expected.h"

#include "tests/simulator/brute.h"
#include "tests/simulator/log.h"

struct writing {
	struct keyspace *keys;
	struct str snapshot; /* name of the key that figures belong to; the keyspace's own */
};

static struct sim_key *key_named(struct writing *writing, struct buf *name, enum key_type type)
{
	struct sim_key *key = keyspace_make(writing->keys, buf_str(name), type);
	buf_release(name);
	return key;
}

static void take_key(void *context, const char *dimension, const char *key, const char *name)
{
	struct writing *writing = context;
	struct buf text;
	buf_init(&text);
	buf_printf(&text, "kpi:snap:%s:", dimension);
	brute_encode(key, &text);
	struct sim_key *made = key_named(writing, &text, KEY_HASH);
	key_set(made, STR("_name"), str_of(name));
	writing->snapshot = made->name;
}

static void take_figure(void *context, const struct brute_figure *figure)
{
	struct writing *writing = context;
	struct buf field, value;
	buf_init(&field);
	buf_init(&value);
	buf_put_text(&field, figure->kpi);
	buf_put_byte(&field, '@');
	buf_put_text(&field, figure->window);
	brute_figure_text(figure, &value);
	key_set(keyspace_get(writing->keys, writing->snapshot), buf_str(&field), buf_str(&value));
	buf_release(&value);
	buf_release(&field);
}

static void take_rank(void *context, const struct brute_rank *rank)
{
	struct writing *writing = context;
	struct buf text, member;
	buf_init(&text);
	buf_init(&member);
	buf_printf(&text, "kpi:board:%s@%s:%s", rank->kpi, rank->window, rank->dimension);
	brute_encode(rank->key, &member);
	key_set_score(key_named(writing, &text, KEY_SET), buf_str(&member), rank->score);
	buf_release(&member);
}

void expected_keys(
	const struct plan *plan, const bool read[PLAN_RECORDS_MAX], int64_t end, bool gap, struct keyspace *ret_keys)
{
	struct sim_event events[PLAN_RECORDS_MAX];
	size_t count = 0;
	struct writing writing = {.keys = ret_keys};
	struct brute_reader reader = {.key = take_key, .figure = take_figure, .rank = take_rank, .context = &writing};
	for (size_t i = 0; i < plan->record_count; i++) {
		if (!read[i] || plan->records[i].form != FORM_EVENT)
			continue;
		events[count] = plan->records[i].event;
		events[count++].offset = log_record_of(i)->offset;
	}
	*ret_keys = (struct keyspace){0};
	brute_run(&brute_variants[brute_variant(plan->seed)], events, count, end, gap, &reader);
}
