#include "tests/simulator/shrink.h"

#include "base/mem.h"
#include "tests/simulator/campaign.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void choice_all(struct choice *choice)
{
	memset(choice, true, sizeof *choice);
}

bool choice_parse(const char *text, struct choice *ret_choice)
{
	struct choice choice = {0};
	for (const char *at = text; *at;) {
		char *end;
		char kind = *at;
		unsigned long number = strtoul(at + 1, &end, 10);
		bool known = (kind == 'r' && number < PLAN_RECORDS_MAX) || (kind == 'f' && number < PLAN_FAULTS_MAX);
		if (!known || end == at + 1)
			return false;
		(kind == 'r' ? choice.records : choice.faults)[number] = true;
		at = *end == ',' ? end + 1 : end;
	}
	*ret_choice = choice;
	return true;
}

void choice_print(const struct choice *choice, const struct plan *plan)
{
	const char *between = "";
	for (size_t i = 0; i < plan->record_count; i++)
		if (choice->records[i]) {
			printf("%sr%zu", between, i);
			between = ",";
		}
	for (size_t i = 0; i < plan->fault_count; i++)
		if (choice->faults[i]) {
			printf("%sf%zu", between, i);
			between = ",";
		}
}

void choice_apply(const struct choice *choice, const struct plan *plan, struct plan *ret_plan)
{
	*ret_plan = *plan;
	ret_plan->record_count = ret_plan->fault_count = 0;
	for (size_t i = 0; i < plan->record_count; i++)
		if (choice->records[i])
			ret_plan->records[ret_plan->record_count++] = plan->records[i];
	for (size_t i = 0; i < plan->fault_count; i++)
		if (choice->faults[i])
			ret_plan->faults[ret_plan->fault_count++] = plan->faults[i];
}

struct shrinking {
	const struct plan *plan;
	const struct variants *variants;
	struct plan smaller; /* scratch */
	time_t until;
};

static bool still_fails(struct shrinking *shrinking, const struct choice *choice)
{
	char failure[512];
	choice_apply(choice, shrinking->plan, &shrinking->smaller);
	return !campaign_try(&shrinking->smaller, shrinking->variants, false, failure);
}

/* Takes out `size` neighbours at a time. */
static void drop_pieces(struct shrinking *shrinking, struct choice *choice, bool *parts, size_t count, size_t size)
{
	for (size_t first = 0; first < count && time(NULL) < shrinking->until; first += size) {
		struct choice before = *choice;
		size_t length = first + size < count ? size : count - first;
		if (!memchr(parts + first, true, length))
			continue;
		memset(parts + first, false, length);
		if (!still_fails(shrinking, choice))
			*choice = before;
	}
}

static void drop(struct shrinking *shrinking, struct choice *choice, bool *parts, size_t count)
{
	for (size_t size = count / 2 ? count / 2 : 1;; size /= 2) {
		drop_pieces(shrinking, choice, parts, count, size);
		if (size <= 1)
			return;
	}
}

void shrink(const struct plan *plan, const struct variants *variants, int seconds, struct choice *ret_choice)
{
	struct shrinking *shrinking = NEW(struct shrinking);
	shrinking->plan = plan;
	shrinking->variants = variants;
	shrinking->until = time(NULL) + seconds;
	choice_all(ret_choice);
	drop(shrinking, ret_choice, ret_choice->faults, plan->fault_count);
	drop(shrinking, ret_choice, ret_choice->records, plan->record_count);
	drop(shrinking, ret_choice, ret_choice->faults, plan->fault_count);
	mem_free(shrinking);
}
