/* Histories lie packed most of the time in most seeds: each that is touched puts another one away. A process that has thousands of
 * customers does so; here there are few. */
#include "pipeline/correlate/histories.h"
#include "tests/simulator/plan.h"
#include "tests/simulator/world.h"

void __real_histories_init(struct histories *histories);
void __wrap_histories_init(struct histories *histories);

void __wrap_histories_init(struct histories *histories)
{
	__real_histories_init(histories);
	uint32_t most = (uint32_t)(world->plan->seed % 4);
	if (most > 0)
		histories_set_most(histories, most);
}
