#include "tools/kpisim/run.h"

static void take_record(void *context, struct record *record)
{
	struct run *run = context;

	heap_push(&run->outbox, record->arrival, record);
}

static void take_event(void *context, const struct event *event)
{
	struct run *run = context;

	faults_add(&run->faults, event);
}

void run_init(struct run *run, const struct options *options, const struct zone *zone, struct sink *const *sinks,
	int sink_count)
{
	struct world_settings world = {options->seed, options->start, options->end, (int)options->reps,
		(int)options->teams, (uint32_t)options->customers};
	struct fault_settings faults = {.seed = options->seed,
		.disorder_max = options->disorder_max,
		.end = options->live ? INT64_MAX : options->end + FAULTS_TRANSIT_MS,
		.oversized = (uint32_t)options->oversized,
		.currency = options->currency};

	*run = (struct run){.sink_count = sink_count, .limit = (uint64_t)options->limit};
	for (int i = 0; i < sink_count; i++)
		run->sinks[i] = sinks[i];
	for (int i = 0; i < FAULT_COUNT; i++)
		faults.share[i] = (uint32_t)options->shares[i];
	heap_init(&run->outbox);
	faults_init(&run->faults, &faults, zone, take_record, run);
	world_init(&run->world, &world, zone, take_event, run);
}

static void write_record(struct run *run, const struct record *record)
{
	for (int i = 0; i < run->sink_count && run->result == RESULT_OK; i++)
		run->result = run->sinks[i]->put(run->sinks[i], record);
	run->written++;
}

static void write_arrived(struct run *run, int64_t before)
{
	while (heap_next(&run->outbox) < before && run->result == RESULT_OK && !run_limit_reached(run)) {
		int64_t arrival;
		struct record *record = heap_pop(&run->outbox, &arrival);

		write_record(run, record);
		record_free(record);
	}
}

enum result run_history(struct run *run)
{
	int64_t end = run->world.settings.end;

	while (world_next(&run->world) < end && run->result == RESULT_OK && !run_limit_reached(run)) {
		world_step(&run->world, 0);
		if (world_next(&run->world) < end)
			write_arrived(run, world_next(&run->world) + FAULTS_TRANSIT_MS);
	}
	write_arrived(run, end + FAULTS_TRANSIT_MS);
	for (int i = 0; i < run->sink_count && run->result == RESULT_OK; i++)
		run->result = run->sinks[i]->flush(run->sinks[i]);
	run->faults.transit = 0;
	return run->result;
}

enum result run_live_step(struct run *run, int64_t now)
{
	if (!run_limit_reached(run))
		world_step(&run->world, now);
	write_arrived(run, now + 1);
	return run->result;
}

bool run_limit_reached(const struct run *run)
{
	return run->limit && run->written >= run->limit;
}

void run_release(struct run *run)
{
	heap_release(&run->outbox, record_free);
	faults_release(&run->faults);
	world_release(&run->world);
}
