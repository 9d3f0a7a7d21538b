#include "pipeline/refusal.h"

#include "base/check.h"

static const struct {
	const char *name;
	const char *sentence;
} rows[REFUSAL_COUNT] = {[REFUSAL_NONE] = {"none", "The message is accepted."},
#define REFUSAL_ROW(name, text, sentence) [REFUSAL_##name] = {text, sentence},
	REFUSALS(REFUSAL_ROW)
#undef REFUSAL_ROW
};

const char *refusal_name(enum refusal refusal)
{
	CHECK((unsigned)refusal < REFUSAL_COUNT);
	return rows[refusal].name;
}

const char *refusal_sentence(enum refusal refusal)
{
	CHECK((unsigned)refusal < REFUSAL_COUNT);
	return rows[refusal].sentence;
}
