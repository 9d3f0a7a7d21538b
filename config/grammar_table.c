#include "config/grammar.h"

#include "base/check.h"

/* The first is the file itself; what it is made of follows. */
static const struct grammar_mapping mappings[] = {
	{"events", "events.yaml: how messages become events",
		{
			{"fields", "{@field}", true, "What events may carry: a name and its type."},
			{"common", "[name]", false, "Fields that every event may carry."},
			{"topics", "[@topic]", true, "The topics, with the events that they hold."},
			{"retractions", "@retraction", false, "The event that takes another one back."},
		}},
	{"retraction", "The event that takes another one back",
		{
			{"event", "event", true, "Its name; every topic takes it."},
			{"names", "name", true, "Its field that holds the id of what it takes back."},
		}},
	{"field", "A field of events; it has one type everywhere",
		{
			{"type",
				"'text' | 'choice' | 'decimal' | 'integer' | 'boolean' | 'time' | 'currency' | "
				"'credits'",
				true, "What its values are."},
			{"one_of", "[text]", false, "The values of a choice, for all events."},
			{"money", "boolean", false, "A decimal in the configured currency."},
			{"minimum", "number", false, "A smaller value refuses the event."},
			{"maximum", "number", false, "A larger value refuses the event."},
		}},
	{"topic", "A topic of Kafka",
		{
			{"topic", "topic", true, "Its name, without kafka.topic_prefix."},
			{"key", "'customer' | 'id' | 'customer_or_id' | 'product'", true,
				"What its records are keyed by."},
			{"map", "{path}", false,
				"Where id, type, time, source, customer or a field stand, if not under their names: a "
				"JSON pointer or a dotted path."},
			{"type", "event", false, "The event that every message is, where messages do not say so."},
			{"events", "{@event | null}", true, "The events, in their order within one millisecond."},
		}},
	{"event", "An event",
		{
			{"customer", "'required' | 'optional'", false, "Whether it needs a customer (required)."},
			{"in_force", "@in_force", false, "Of some of these events only the last one counts."},
			{"fields", "{@rule | null}", false, "The fields that it carries beside the common ones."},
			{"refuse", "condition | [condition]", false, "Events for which this holds are refused."},
		}},
	{"in_force", "Which events take back others of their kind",
		{
			{"per", "name", true, "Of the events with the same value of this field, the last one counts."},
			{"undone_by", "event", true, "A later event of this type takes it back."},
		}},
	{"rule", "What an event's field must be",
		{
			{"required", "boolean", false, "Without it the event is refused."},
			{"default", "text | number | boolean", false, "Stands in where the field is absent."},
			{"one_of", "[text]", false, "The choices that this event allows."},
			{"minimum", "number", false, "A smaller value refuses the event."},
			{"maximum", "number", false, "A larger value refuses the event."},
			{"not_after_time", "boolean", false, "A time after the event's own refuses it."},
		}},
	{"kpis", "kpis.yaml: what is measured, and the figures made of it",
		{
			{"windows", "[text | @window]", false, "Over which time figures are computed."},
			{"dimensions", "{name | [name]}", false,
				"By what they are split, beside company, team and rep."},
			{"constants", "{number | percent}", false, "Numbers that formulas use by name."},
			{"stocks", "{@stock}", false, "What is open from one event to another."},
			{"measures", "{@count | @sum | @elapsed | @level | @distinct | @stayed | @touches | @last}",
				false, "What is counted, added up and timed."},
			{"kpis", "{@kpi}", false, "The figures."},
			{"activities", "[name]", false, "KPIs that count what people do: what kpictl plan plans with."},
			{"boards", "[@board]", false, "Leaderboards."},
			{"alerts", "{@alert}", false, "When a figure is out of bounds."},
			{"targets", "[@target]", false, "What a figure shall be, and when."},
		}},
	{"window", "A window with a step of its own",
		{
			{"window", "text", true,
				"45m, 24h, 30d; day, week, month, quarter, year to date; month-1, the whole one "
				"before."},
			{"step", "duration", false, "How far a rolling window moves at a time."},
		}},
	{"stock", "Something that is open from one event to another",
		{
			{"per", "name", false, "One for each value of this field; else one for each customer."},
			{"once", "boolean", false, "What was closed never opens again."},
			{"opens", "@listen | event | [@listen | event]", true, "Events that open it."},
			{"closes", "@listen | event | [@listen | event]", false, "Events that close it."},
			{"holds", "@holds", false,
				"It stays open while one of these is held, and closes with the last."},
			{"moves", "@moves", false, "An event that gives it another key in a dimension."},
		}},
	{"holds", "What keeps a stock open",
		{
			{"per", "name", true, "One for each value of this field."},
			{"opens", "@listen | event | [@listen | event]", true, "Events that begin it."},
			{"closes", "@listen | event | [@listen | event]", true, "Events that end it."},
		}},
	{"moves", "How an open stock goes from key to key of a dimension",
		{
			{"event", "event", true, "The event that moves it."},
			{"where", "condition", false, "Only if this holds."},
			{"dimension", "name", true, "The dimension."},
			{"to", "name", true, "The field of the event that holds the new key."},
		}},
	{"listen", "Which events are meant",
		{
			{"event", "event", true, "The event, or STOCK.opened, STOCK.closed."},
			{"where", "condition", false, "Only those for which this holds."},
			{"sign", "'plus' | 'minus'", false, "A sum or a count subtracts with minus."},
		}},
	{"count", "How many events",
		{
			{"count", "@listen | event | [@listen | event]", true, "The events."},
			{"where", "condition", false, "Only those for which this holds."},
			{"first", "'customer' | name", false,
				"Only the first ever, of a customer or of a value of this field."},
		}},
	{"sum", "The sum of a field",
		{
			{"sum", "name", true, "The field, a decimal or an integer."},
			{"of", "@listen | event | [@listen | event]", true, "The events."},
			{"where", "condition", false, "Only those for which this holds."},
		}},
	{"elapsed", "Pairs of events, and the time between",
		{
			{"elapsed", "@listen | event | [@listen | event]", true, "What starts a pair."},
			{"to", "@listen | event | [@listen | event]", true, "What ends it."},
			{"per", "name", false, "Both have the same value of this field."},
			{"match", "'first' | 'latest' | 'every'", false,
				"What a further start does while one waits: nothing, it takes its place, it waits "
				"too."},
			{"first", "boolean", false, "Only the first start ever."},
			{"within", "duration", false, "The longest time between."},
			{"dated", "'start' | 'end'", false, "Of which of its events the pair has the date (end)."},
			{"dimensions_of", "'start' | 'end'", false,
				"Of which of its events it has rep and team (as dated)."},
			{"start_else", "name", false, "A time of the end to start from where no start was seen."},
			{"histogram", "boolean", false, "Keep what quantiles need."},
		}},
	{"level", "How many are open",
		{
			{"level", "name", true, "A stock, or an elapsed measure: its starts that wait."},
		}},
	{"distinct", "How many customers were seen",
		{
			{"distinct", "'customer'", true, "What is counted once."},
			{"of", "@listen | event | [@listen | event]", true, "The events by which they are seen."},
			{"where", "condition", false, "Only those for which this holds."},
			{"while", "name", false, "Only those in this stock, since they are in it."},
		}},
	{"stayed", "How many were there when the window began, and still are",
		{
			{"stayed", "name", true, "The stock."},
		}},
	{"touches", "How many events came between a beginning and an end",
		{
			{"touches", "@listen | event | [@listen | event]", true, "What is counted."},
			{"to", "@listen | event | [@listen | event]", true, "The end."},
			{"since", "name | [name]", true, "Stocks: the first of them that is open at the end began it."},
		}},
	{"last", "The latest value of a field",
		{
			{"last", "name", true, "The field, a decimal or an integer."},
			{"of", "@listen | event | [@listen | event]", true, "The events."},
			{"where", "condition", false, "Only those for which this holds."},
			{"per", "name", false, "One for each value of this field."},
			{"max_age", "duration", false, "An older value does not count."},
		}},
	{"kpi", "A figure",
		{
			{"title", "text", false, "For people; else the name."},
			{"formula", "formula", true,
				"What it is, made of measures, other KPIs, constants and functions."},
			{"unit", "'count' | 'percent' | 'ratio' | 'money' | 'seconds'", true,
				"What it is measured in."},
			{"better", "'higher' | 'lower'", false, "Which way is good (higher)."},
			{"sample", "formula", false, "A count: how much stands behind the figure."},
			{"minimum_sample", "integer", false, "With less behind it the figure is null, reason sample."},
			{"windows", "[text]", false, "Some of the windows; else all."},
			{"by", "name | [name]", false, "Dimensions ([team, rep]); the company is always among them."},
			{"roll_up", "name", false,
				"For other dimensions' keys: the sides' sums over the keys of this dimension."},
		}},
	{"board", "A leaderboard",
		{
			{"kpis", "[name]", true, "The KPIs: a board for each."},
			{"by", "name", true, "The dimension whose keys are ranked."},
			{"windows", "[text]", false, "Some of the windows; else all of the KPI."},
		}},
	{"alert", "When a figure is out of bounds",
		{
			{"kpi", "name", true, "The KPI."},
			{"window", "text", true, "One of its windows."},
			{"by", "name", false, "The dimension (company)."},
			{"key", "text", false, "Only this key of the dimension."},
			{"below", "number | percent | duration", false, "It fires when the figure is below."},
			{"above", "number | percent | duration", false, "It fires when the figure is above."},
			{"clear", "number | percent | duration", false,
				"It is over when the figure is back here (the limit)."},
			{"for", "duration", false, "So long it must last first."},
			{"minimum_sample", "integer", false, "With less behind it the figure says nothing."},
		}},
	{"target", "What a figure shall be, and when",
		{
			{"kpi", "name", true, "The KPI."},
			{"value", "number | percent | duration", false, "What it shall be."},
			{"increase", "percent", false, "Instead of a value: by how much it shall rise over a base."},
			{"decrease", "percent", false, "By how much it shall fall."},
			{"over",
				"'previous day' | 'previous week' | 'previous month' | 'previous quarter' | "
				"'previous year'",
				false, "The base."},
			{"by", "date", false, "The last day."},
			{"from", "date", false, "The first day."},
			{"window", "text", false, "The window that the goal is for."},
			{"of", "name", false, "The dimension that has the goal (company)."},
			{"key", "text", false, "The one key of it that has the goal; else each."},
			{"roll_down", "['team' | 'rep']", false, "Whom the goal is handed down to."},
			{"keys", "{number | percent | duration}", false, "Parts that are not computed, by key."},
		}},
	{"roster", "roster.yaml: who works where, and when",
		{
			{"calendar", "@calendar", false, "When people work."},
			{"teams", "[@team]", false, "The teams."},
			{"reps", "[@rep]", false, "The reps."},
		}},
	{"team", "A team",
		{
			{"id", "text", true, "As events and rosters name it."},
			{"name", "text", false, "For people."},
			{"manager", "text", false, "The rep who leads it, always."},
			{"managers", "[@leadership]", false, "The reps who lead it, with dates."},
		}},
	{"leadership", "Leading a team for a time",
		{
			{"rep", "text", true, "The rep."},
			{"from", "date", false, "The first day; else always."},
			{"until", "date", false, "The day after the last; else for ever."},
		}},
	{"calendar", "When people work",
		{
			{"days", "['monday' | 'tuesday' | 'wednesday' | 'thursday' | 'friday' | 'saturday' | 'sunday']",
				false, "The days of the week (Monday to Friday)."},
			{"hours", "text", false, "From when to when (09:00-17:00), local."},
			{"holidays", "[date | @days]", false, "Days on which nobody works."},
		}},
	{"days", "A range of days",
		{
			{"from", "date", true, "The first day."},
			{"until", "date", true, "The day after the last."},
		}},
	{"rep", "A rep",
		{
			{"id", "text", true, "As events name it."},
			{"name", "text", false, "For people."},
			{"team", "text", false, "The team, always."},
			{"teams", "[@membership]", false, "The teams, with dates."},
			{"absences", "[date | @days]", false, "Days on which the rep does not work."},
		}},
	{"membership", "Being in a team for a time",
		{
			{"team", "text", true, "The team."},
			{"from", "date", false, "The first day; else always."},
			{"until", "date", false, "The day after the last; else for ever."},
		}},
	{"rates", "rates.yaml: what other currencies are worth",
		{
			{"rates", "{[@rate]}", true, "By currency."},
		}},
	{"rate", "The rate of a currency from a day on",
		{
			{"from", "date", true, "The first day, local."},
			{"rate", "number", true, "One unit of it in the configured currency; up to 10 decimals."},
		}},
	{"tests", "tests/*.yaml: what the figures must be",
		{
			{"zone", "text", false, "The time zone, in the place of kpid.yaml's."},
			{"settings", "{text}", false, "Keys of kpid.yaml with other values."},
			{"roster", "any", false, "A roster in the place of roster.yaml."},
			{"tests", "{@test}", true, "The tests, by name."},
		}},
	{"test", "A test",
		{
			{"given", "[any]", true, "Events, each with a type and a time (at, after), or a file of them."},
			{"then", "[@step]", true, "When to look, and what is to be seen."},
			{"zone", "text", false, "As for all tests, for this one."},
			{"settings", "{text}", false, "As for all tests, for this one."},
			{"roster", "any", false, "As for all tests, for this one."},
		}},
	{"step", "An instant of a test",
		{
			{"at", "time", false, "The instant."},
			{"after", "duration", false, "The instant, from the one before."},
			{"given", "[any]", false, "Further events."},
			{"expect", "[any]", true, "Figures, alerts, boards, and what was refused."},
		}},
};

enum { MAPPINGS = sizeof mappings / sizeof *mappings };

static const struct grammar_function functions[] = {
	{"prev", "x", "The same over the interval before."},
	{"growth", "x", "(x − prev(x)) / prev(x); null when prev(x) is 0 or less."},
	{"level", "m", "Of a level: how many are open."},
	{"age", "m", "Of a level: the sum of the ages of what is open."},
	{"opening", "m", "Of a level: how many were open just before the window began."},
	{"count", "m",
		"Of a sum: how many events were added. Of touches: how many there were. Of a last value: how many are "
		"current."},
	{"mean", "m",
		"Of an elapsed measure: the mean time. Of touches: touches for each end. Of a last value: the mean of "
		"the current ones."},
	{"median", "m", "Of an elapsed measure with `histogram: true`: the median time, within 1 %."},
	{"p90", "m", "Likewise the 90th percentile."},
	{"p95", "m", "Likewise the 95th percentile."},
	{"p99", "m", "Likewise the 99th percentile."},
	{"last", "m", "Of a last value: the sum of the current ones; null where there is none."},
	{"lowest", "m", "Of a last value: the lowest current one, of one product at a time."},
	{"highest", "m", "Of a last value: the highest current one, of one product at a time."},
	{"company", "x", "x of the company, whatever the key."},
	{"roster", "", "Reps on the roster at the window's end, of the team or company."},
	{"months", "", "The exact length of the window in months of 30.4375 days."},
	{"days", "", "The exact length of the window in days of 24 hours."},
	{"per_month", "x", "x / months(); a count becomes a ratio."},
	{"per_day", "x", "x / days(); a count becomes a ratio."},
	{"min", "x, y, …", "The smallest, with its n."},
	{"max", "x, y, …", "The largest, with its n."},
	{"coalesce", "x, y, …", "The first that is defined; where none is, the first one's reason."},
	{"if", "c, x, y", "x where c holds, else y; only the reasons of c and of what is taken count."},
};

const struct grammar_function *grammar_functions(size_t *ret_count)
{
	*ret_count = sizeof functions / sizeof *functions;
	return functions;
}

const struct grammar_mapping *grammar_find(struct str name)
{
	for (size_t i = 0; i < MAPPINGS; i++)
		if (str_equal(name, str_of(mappings[i].name)))
			return &mappings[i];
	return NULL;
}

const struct grammar_mapping *grammar_at(size_t index)
{
	return index < MAPPINGS ? &mappings[index] : NULL;
}

size_t grammar_key_count(const struct grammar_mapping *mapping)
{
	size_t count = 0;
	while (count < GRAMMAR_KEYS_MAX && mapping->keys[count].name)
		count++;
	return count;
}

void expect_mapping_keys(struct config_problems *problems, const struct node *node, const char *mapping)
{
	const struct grammar_mapping *found = grammar_find(str_of(mapping));
	const char *names[GRAMMAR_KEYS_MAX];
	CHECK(found);
	size_t count = grammar_key_count(found);
	for (size_t i = 0; i < count; i++)
		names[i] = found->keys[i].name;
	expect_keys(problems, node, names, count);
}
