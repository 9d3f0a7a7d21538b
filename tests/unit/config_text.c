#include "tests/unit/config_text.h"

#include "config/model_load.h"
#include "config/schema_load.h"
#include "tests/unit/unit.h"

const char config_text_events[] = "fields:\n"
				  "  rep: {type: text}\n"
				  "  deal: {type: text}\n"
				  "  outcome: {type: choice}\n"
				  "  deal_type: {type: choice}\n"
				  "  about: {type: choice}\n"
				  "  auto: {type: boolean}\n"
				  "  amount: {type: decimal, money: true, minimum: 0}\n"
				  "  hours: {type: decimal}\n"
				  "  score: {type: integer}\n"
				  "  created_at: {type: time}\n"
				  "  currency: {type: currency}\n"
				  "  credits: {type: credits}\n"
				  "  product: {type: text}\n"
				  "  competitor: {type: text}\n"
				  "common: [rep]\n"
				  "topics:\n"
				  "  - topic: deals\n"
				  "    key: customer\n"
				  "    events:\n"
				  "      deal.created: {fields: {deal: {required: true}, hours: {}}}\n"
				  "      deal.closed:\n"
				  "        fields:\n"
				  "          deal: {required: true}\n"
				  "          outcome: {required: true, one_of: [won, lost]}\n"
				  "          deal_type: {one_of: [new, upsell, renewal], default: new}\n"
				  "          amount: {}\n"
				  "          hours: {}\n"
				  "          score: {}\n"
				  "          created_at: {}\n"
				  "          currency: {}\n"
				  "          credits: {}\n"
				  "  - topic: emails\n"
				  "    key: customer\n"
				  "    events:\n"
				  "      email.sent:\n"
				  "        fields: {auto: {default: false}, about: {one_of: [info, other]}}\n"
				  "  - topic: costs\n"
				  "    key: id\n"
				  "    events:\n"
				  "      cost.recorded: {customer: optional, fields: {amount: {required: true}}}\n"
				  "  - topic: prices\n"
				  "    key: product\n"
				  "    events:\n"
				  "      price.set:\n"
				  "        customer: optional\n"
				  "        fields: {product: {required: true}, amount: {}, competitor: {}}\n"
				  "      price.asked: {customer: optional, fields: {product: {}, amount: {}}}\n";

void config_text_init(struct config_text *text)
{
	*text = (struct config_text){0};
	arena_init(&text->arena);
	problems_init(&text->problems);
	buf_init(&text->said);
}

struct node *config_text_parse(struct config_text *text, const char *file, const char *content)
{
	return document_parse(&text->arena, &text->problems, file, str_of(content));
}

void config_text_load_schema(struct config_text *text, const char *events)
{
	const struct node *root = config_text_parse(text, "events.yaml", events);
	schema_load(&text->problems, &text->arena, root, "EUR", &text->schema);
}

void config_text_load(struct config_text *text, const char *events, const char *kpis)
{
	config_text_load_schema(text, events);
	assert_int_equal(text->problems.error_count, 0);
	const struct node *root = config_text_parse(text, "kpis.yaml", kpis);
	static const struct calendar calendar = {NULL, 0, 1};
	model_load(&text->problems, &text->arena, &text->schema, &calendar, root, &text->model);
}

void config_text_load_model(struct config_text *text, const char *kpis)
{
	config_text_load(text, config_text_events, kpis);
}

void config_text_tell(struct config_text *text)
{
	problems_sort(&text->problems);
	buf_clear(&text->said);
	for (size_t i = 0; i < text->problems.count; i++) {
		const struct config_problem *problem = &text->problems.items[i];
		buf_printf(&text->said, "%d:%d: %s\n", problem->line, problem->column, problem->text);
	}
}

void config_text_release(struct config_text *text)
{
	buf_release(&text->said);
	config_problems_release(&text->problems);
	arena_release(&text->arena);
}

void assert_model_says(const char *kpis, const char *expected)
{
	struct config_text text;
	config_text_init(&text);
	config_text_load_model(&text, kpis);
	config_text_tell(&text);
	assert_string_equal(text.said.data, expected);
	config_text_release(&text);
}

const struct measure *config_text_measure(const struct config_text *text, const char *name)
{
	for (uint16_t i = 0; i < text->model.measure_count; i++)
		if (strcmp(text->model.measures[i].name, name) == 0)
			return &text->model.measures[i];
	fail_msg("no measure %s", name);
	return NULL;
}
