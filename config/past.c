#include "config/past.h"

#include "base/decimal.h"
#include "base/mem.h"

/* ---- writing ---- */

static void put_span(struct buf *out, int64_t from, int64_t until, struct str value)
{
	buf_put_svarint(out, from);
	buf_put_svarint(out, until);
	buf_put_counted(out, value);
}

static void put_reps(const struct roster *roster, struct buf *out)
{
	buf_put_varint(out, roster->rep_count);
	for (uint32_t i = 0; i < roster->rep_count; i++) {
		const struct roster_rep *rep = &roster->reps[i];
		buf_put_counted(out, rep->id);
		buf_put_varint(out, rep->membership_count);
		for (uint32_t k = 0; k < rep->membership_count; k++)
			put_span(out, rep->memberships[k].from, rep->memberships[k].until,
				roster->teams[rep->memberships[k].team].id);
	}
}

static void put_currency(const struct currency_rates *currency, const struct zone *zone, struct buf *out)
{
	struct buf value;
	buf_init(&value);
	buf_put_counted(out, currency->code);
	buf_put_varint(out, currency->count);
	for (uint32_t i = 0; i < currency->count; i++) {
		bool last = i + 1 == currency->count;
		buf_clear(&value);
		decimal_put(&value, (i128)currency->rates[i].scaled, RATES_DECIMALS);
		put_span(out, zone_instant(zone, currency->rates[i].from, 0),
			last ? INT64_MAX : zone_instant(zone, currency->rates[i + 1].from, 0), buf_str(&value));
	}
	buf_release(&value);
}

void past_put(const struct config *config, struct buf *out)
{
	put_reps(&config->roster, out);
	buf_put_varint(out, config->rates.count);
	for (uint32_t i = 0; i < config->rates.count; i++)
		put_currency(&config->rates.currencies[i], &config->zone, out);
}

/* ---- reading ---- */

struct span {
	int64_t from, until;
	struct str value;
};

/* Of one rep or currency; the spans rise and do not overlap. */
struct timeline {
	struct str name;
	struct span *spans;
	uint32_t count, capacity;
};

struct timelines {
	struct timeline *items;
	uint32_t count, capacity;
	struct map by_name; /* -> index */
};

/* No calendar reaches further than the years 0 to 9999, but "always" and "for ever" do. */
static bool is_date(int64_t time)
{
	return time > INT64_C(-62200000000000) && time < INT64_C(253403000000000);
}

static bool read_spans(struct reader *in, struct timeline *line)
{
	uint64_t count = reader_varint(in);
	for (uint64_t i = 0; i < count && !in->failed; i++) {
		struct span span = {.from = reader_svarint(in)};
		span.until = reader_svarint(in);
		span.value = reader_counted(in);
		bool rises = !line->count || span.from >= line->spans[line->count - 1].until;
		bool dated = (span.from == INT64_MIN || is_date(span.from)) &&
			(span.until == INT64_MAX || is_date(span.until));
		if (in->failed || span.from >= span.until || !rises || !dated)
			return false;
		GROW(line->spans, line->count, line->capacity);
		line->spans[line->count++] = span;
	}
	return !in->failed;
}

static bool read_timelines(struct reader *in, struct timelines *lines)
{
	uint64_t count = reader_varint(in);
	for (uint64_t i = 0; i < count && !in->failed; i++) {
		bool is_new;
		GROW(lines->items, lines->count, lines->capacity);
		struct timeline *line = &lines->items[lines->count++];
		*line = (struct timeline){.name = reader_counted(in)};
		*map_put(&lines->by_name, line->name, &is_new) = i;
		if (!is_new || !read_spans(in, line))
			return false;
	}
	return !in->failed;
}

static void timelines_release(struct timelines *lines)
{
	for (uint32_t i = 0; i < lines->count; i++)
		mem_free(lines->items[i].spans);
	mem_free(lines->items);
	map_release(&lines->by_name);
}

static const struct timeline *find(const struct timelines *lines, struct str name)
{
	static const struct timeline nothing = {0};
	const uint64_t *index = map_get(&lines->by_name, name);
	return index ? &lines->items[*index] : &nothing;
}

/* ---- comparing ---- */

struct difference {
	int64_t at;
	struct str before, now; /* empty: none */
};

/* The value at `time`, which never goes back from call to call, and when it ends. */
static struct str value_at(const struct timeline *line, uint32_t *position, int64_t time, int64_t *ret_until)
{
	while (*position < line->count && line->spans[*position].until <= time)
		++*position;
	*ret_until = INT64_MAX;
	if (*position == line->count)
		return (struct str){0};
	const struct span *span = &line->spans[*position];
	*ret_until = span->from > time ? span->from : span->until;
	return span->from > time ? (struct str){0} : span->value;
}

static bool differ(const struct timeline *before, const struct timeline *now, int64_t end, struct difference *ret)
{
	uint32_t at_before = 0, at_now = 0;
	for (int64_t time = INT64_MIN; time < end;) {
		int64_t until_before, until_now;
		struct str was = value_at(before, &at_before, time, &until_before);
		struct str is = value_at(now, &at_now, time, &until_now);
		if (!str_equal(was, is)) {
			*ret = (struct difference){time, was, is};
			return true;
		}
		time = until_before < until_now ? until_before : until_now;
	}
	return false;
}

/* What differs between two kinds of bytes: "rep", in "team", and so on. */
struct kind {
	const char *what, *value;
};

static void put_value(struct buf *out, const struct kind *kind, struct str value)
{
	if (value.length)
		buf_printf(out, "%s '%.*s'", kind->value, STR_ARG(value));
	else
		buf_printf(out, "no %s", kind->value);
}

static void say(const struct zone *zone, const struct kind *kind, struct str name, const struct difference *difference,
	struct buf *out)
{
	buf_printf(out, "%s '%.*s' ", kind->what, STR_ARG(name));
	if (difference->at == INT64_MIN) {
		buf_put_text(out, "(from the beginning)");
	} else {
		int year, month, day;
		date_of_day(zone_civil(zone, difference->at).day, &year, &month, &day);
		buf_printf(out, "(from %04d-%02d-%02d)", year, month, day);
	}
	buf_put_text(out, " had ");
	put_value(out, kind, difference->before);
	buf_put_text(out, " and has ");
	put_value(out, kind, difference->now);
}

/* The first in the order of what was before; then what is new. */
static enum result compare(const struct timelines *before, const struct timelines *now, int64_t end,
	const struct zone *zone, const struct kind *kind, struct buf *ret_difference)
{
	struct difference difference;
	for (uint32_t i = 0; i < before->count + now->count; i++) {
		struct str name = i < before->count ? before->items[i].name : now->items[i - before->count].name;
		if (!differ(find(before, name), find(now, name), end, &difference))
			continue;
		say(zone, kind, name, &difference, ret_difference);
		return RESULT_CONFLICT;
	}
	return RESULT_OK;
}

static enum result compare_next(struct reader *before, struct reader *now, int64_t end, const struct zone *zone,
	const struct kind *kind, struct buf *ret_difference)
{
	struct timelines was = {0}, is = {0};
	enum result result = RESULT_CORRUPT;
	map_init(&was.by_name);
	map_init(&is.by_name);
	if (read_timelines(before, &was) && read_timelines(now, &is))
		result = compare(&was, &is, end, zone, kind, ret_difference);
	timelines_release(&was);
	timelines_release(&is);
	return result;
}

enum result past_compare(struct str before, const struct config *config, int64_t end, struct buf *ret_difference)
{
	static const struct kind reps = {"rep", "team"}, currencies = {"currency", "rate"};
	struct buf bytes;
	buf_init(&bytes);
	past_put(config, &bytes);
	struct reader was = reader_of(before), is = reader_of(buf_str(&bytes));
	enum result result = compare_next(&was, &is, end, &config->zone, &reps, ret_difference);
	if (result == RESULT_OK)
		result = compare_next(&was, &is, end, &config->zone, &currencies, ret_difference);
	if (result == RESULT_OK && !reader_done(&was))
		result = RESULT_CORRUPT;
	buf_release(&bytes);
	return result;
}
