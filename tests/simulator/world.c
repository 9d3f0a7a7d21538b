#include "tests/simulator/world.h"

#include "tests/simulator/checkpoints.h"
#include "tests/simulator/group.h"
#include "tests/simulator/log.h"
#include "tests/simulator/partials.h"
#include "tests/simulator/plan.h"
#include "tests/simulator/redis.h"

#include <stdarg.h>
#include <stdio.h>

struct world *world;

const char *const rare_sentences[RARE_COUNT] = {
#define RARE_SENTENCE(name, sentence) [RARE_##name] = (sentence),
	RARE_PATHS(RARE_SENTENCE)
#undef RARE_SENTENCE
};

/* splitmix64 */
uint64_t chance_next(struct chance *chance)
{
	uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

struct chance chance_of(uint64_t seed, uint64_t stream)
{
	struct chance mixed = {seed * UINT64_C(0xd1342543de82ef95) + stream};
	return (struct chance){chance_next(&mixed)};
}

int64_t chance_between(struct chance *chance, int64_t low, int64_t high)
{
	return low + (int64_t)(chance_next(chance) % (uint64_t)(high - low + 1));
}

bool chance_percent(struct chance *chance, unsigned percent)
{
	return chance_next(chance) % 100 < percent;
}

int64_t world_true_ms(void)
{
	return world->start_ms + world->now_us / 1000;
}

/* The members of a fleet wait one after the other here, instead of side by side: waits are short, so that no round of them takes long. */
int64_t world_wait_us(int64_t most_us)
{
	static const int64_t short_us = 16000;
	return world->plan->members && most_us > short_us ? short_us : most_us;
}

static void begin_fault(const struct fault *fault)
{
	TRACE("fault %s %lld", fault_names[fault->kind], (long long)fault->number);
	if (fault->kind == FAULT_CLOCK_STEP) {
		world->skew_ms = fault->number;
		world_rare(RARE_CLOCK_STEP);
	}
	redis_fault(fault);
	log_fault(fault);
	checkpoints_fault(fault);
	partials_fault(fault);
}

static const struct fault *next_fault(void)
{
	const struct plan *plan = world->plan;
	while (world->faults_done < plan->fault_count && fault_is_of_member(plan->faults[world->faults_done].kind))
		world->faults_done++;
	return world->faults_done < plan->fault_count ? &plan->faults[world->faults_done] : NULL;
}

void world_advance(int64_t until_us)
{
	const struct fault *fault;
	while ((fault = next_fault()) && fault->at_us <= until_us) {
		if (fault->at_us > world->now_us)
			world->now_us = fault->at_us;
		redis_run();
		world->faults_done++;
		begin_fault(fault);
	}
	if (until_us > world->now_us)
		world->now_us = until_us;
	redis_run();
	letters_run();
	partials_run();
	group_run();
}

void world_fail(const char *format, ...)
{
	va_list arguments;
	if (*world->failure)
		return;
	va_start(arguments, format);
	vsnprintf(world->failure, sizeof world->failure, format, arguments);
	va_end(arguments);
	TRACE("FAILED: %s", world->failure);
}

void world_say(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	printf("%12.3f s  ", (double)world->now_us / 1e6);
	vprintf(format, arguments);
	va_end(arguments);
	putchar('\n');
}
