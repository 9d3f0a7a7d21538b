#include "daemon/publishing.h"

#include "base/log.h"
#include "base/text.h"

/* A stride takes about so long. */
#define STRIDE_US INT64_C(2000000)
#define STRIDE_MAX_MS (INT64_C(365) * 86400000)
/* What comes next may be denser. */
#define STRIDE_GROWTH_MAX 8

/* By how long the last one took: the end of a stride costs the more the more keys there are, however few events it held. Within half and twice
 * that time nothing is to be gained. */
static void adapt_stride(struct publishing *publishing, int64_t now_us)
{
	int64_t took = now_us - publishing->announced_us;
	int64_t step = publishing->control->config->model.smallest_step;
	if (took <= STRIDE_US / 2)
		publishing->stride *= took > STRIDE_US / STRIDE_GROWTH_MAX ? STRIDE_US / took : STRIDE_GROWTH_MAX;
	else if (took >= STRIDE_US * 2)
		publishing->stride = publishing->stride * STRIDE_US / took;
	if (publishing->stride < step)
		publishing->stride = step;
	if (publishing->stride > STRIDE_MAX_MS)
		publishing->stride = STRIDE_MAX_MS;
}

/* The workers go on at once; what is shown does so with the next turn, so that this one can still show what they have read. In a fleet it counts
 * once it is read in the log, as all members do; a repeated word does no harm. */
static void announce(struct publishing *publishing, int64_t end, int64_t now_us)
{
	struct control *control = publishing->control;
	if (control->outbox) {
		if (atomic_exchange(&control->wanted_end, end) != end)
			control->outbox->wake(control->outbox->context);
		return;
	}
	publishing->announced_us = now_us;
	atomic_store(&control->end, end);
}

static void say_live(struct publishing *publishing, int64_t behind_ms)
{
	if (publishing->live == publishing->announce_live)
		return;
	publishing->announce_live = publishing->live;
	if (publishing->live)
		log_notice("caught up");
	else
		log_warning("behind by %lld s", (long long)(behind_ms / 1000));
}

void publishing_decide_end(struct publishing *publishing, int64_t wall_ms, int64_t now_us)
{
	const struct model *model = &publishing->control->config->model;
	int64_t as_of = merge_status(publishing->merge).as_of, heard = atomic_load(&publishing->control->end);
	if (heard > publishing->end) {
		publishing->end = heard;
		publishing->announced_us = publishing->control->outbox ? now_us : publishing->announced_us;
	}
	if (as_of == INT64_MIN || control_clock_is_wrong(publishing->control, wall_ms, now_us))
		return;
	int64_t wall_end = window_end(model, wall_ms), wanted = publishing->end;
	publishing->live = as_of >= wall_ms - CONTROL_LIVE_MS;
	say_live(publishing, wall_ms - as_of);
	bool read = merge_end(publishing->merge) == publishing->end && as_of >= publishing->end;
	if (publishing->live) {
		wanted = wall_end;
	} else if (read && atomic_load(&publishing->control->wanted_end) <= publishing->end) {
		adapt_stride(publishing, now_us);
		wanted = window_end(model, as_of + publishing->stride);
		wanted = wanted < wall_end ? wanted : wall_end;
	}
	if (wanted > publishing->end)
		announce(publishing, wanted, now_us);
}

static void say_ahead(struct publishing *publishing, int64_t wall_end)
{
	struct buf text;
	if (publishing->announce_ahead || publishing->earlier_end <= wall_end)
		return;
	publishing->announce_ahead = true;
	buf_init(&text);
	text_put_time(&text, publishing->earlier_end);
	log_warning("figures are published up to %s, which this clock has not reached: they stand still until it has",
		text.data);
	buf_release(&text);
}

/* The clock that the one before went by was ahead of the brokers' by limits.clock_skew at most: an end that is further was computed by
 * other rules. Where the brokers' is not known, this machine's must do. */
static bool end_reached(struct publishing *publishing, int64_t wall_ms, int64_t now_us)
{
	const struct config *config = publishing->control->config;
	int64_t brokers_ms = clock_brokers(atomic_load(&publishing->control->clock_offset), wall_ms, now_us);
	if (publishing->end >= publishing->earlier_end ||
		publishing->earlier_end > window_end(&config->model, brokers_ms + config->settings.clock_skew))
		return true;
	say_ahead(publishing, window_end(&config->model, wall_ms));
	return false;
}

void publishing_look_back(struct publishing *publishing, int64_t wall_ms, int64_t now_us)
{
	/* In a fleet what was merged may be old: then its ends of partitions are, too. */
	bool heard = !publishing->goes_on || publishing->heard_ms >= atomic_load(&publishing->control->hear_ms);
	if (!publishing->reached && heard && publishing_reached(publishing, buf_str(&publishing->earlier_offsets)))
		publishing->reached = end_reached(publishing, wall_ms, now_us);
}

bool publishing_may_show(const struct publishing *publishing)
{
	struct merge_status status = merge_status(publishing->merge);
	if (status.as_of == INT64_MIN || merge_end(publishing->merge) != publishing->end || !publishing->reached)
		return false;
	return publishing->published_end == publishing->end || publishing->live || status.as_of >= publishing->end;
}
