#include "pipeline/decode/credits.h"

#include "pipeline/decode/value.h"

/* An object with these two members and no other. */
static bool read_credit(const struct json_node *nodes, uint32_t object, struct credit *ret_credit)
{
	const struct json_node *rep = NULL, *share = NULL;
	if (nodes[object].kind != JSON_OBJECT)
		return false;
	for (uint32_t i = object + 1; i < nodes[object].end; i = nodes[i].end) {
		const struct json_node **member = str_equal(nodes[i].name, STR("rep")) ? &rep
			: str_equal(nodes[i].name, STR("share"))                       ? &share
										       : NULL;
		if (!member || *member)
			return false;
		*member = &nodes[i];
	}
	int64_t parts;
	if (!rep || !share || rep->kind != JSON_TEXT || !rep->text.length || !value_integer(share, &parts) ||
		parts < 1 || parts > EVENT_CREDIT_WHOLE)
		return false;
	*ret_credit = (struct credit){rep->text, (uint32_t)parts};
	return true;
}

static bool is_there(const struct event *event, struct str rep)
{
	for (uint32_t i = 0; i < event->credit_count; i++)
		if (str_equal(event->credits[i].rep, rep))
			return true;
	return false;
}

enum refusal credits_read(const struct json_node *nodes, const struct json_node *list, struct event *event)
{
	uint32_t whole = 0;
	uint32_t at = (uint32_t)(list - nodes);
	struct credit credit;
	event->credit_count = 0;
	if (list->kind != JSON_ARRAY)
		return REFUSAL_BAD_VALUE;
	for (uint32_t i = at + 1; i < list->end; i = nodes[i].end) {
		if (event->credit_count == EVENT_CREDITS_MAX || !read_credit(nodes, i, &credit) ||
			is_there(event, credit.rep))
			return REFUSAL_BAD_VALUE;
		event->credits[event->credit_count++] = credit;
		whole += credit.share;
	}
	return whole == EVENT_CREDIT_WHOLE ? REFUSAL_NONE : REFUSAL_BAD_VALUE;
}
