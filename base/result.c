#include "base/result.h"

#include <stddef.h>

const char *result_text(enum result result)
{
	static const char *const sentences[] = {
#define RESULT_SENTENCE(name, sentence) [RESULT_##name] = sentence,
		RESULTS(RESULT_SENTENCE)
#undef RESULT_SENTENCE
	};
	size_t index = (size_t)result;
	return index < sizeof sentences / sizeof *sentences ? sentences[index] : "an unknown result";
}
