#include "daemon/publishing.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

/* Between two turns while events come one by one: three times what a turn takes of a processor, so that little load is shown at once and much
 * load in turns that are worth it; what a reader does not notice in any case. Not of the time: a turn that had to wait for a processor would
 * make the next one wait, too. */
#define TURN_GAP_MIN_US 500
#define TURN_GAP_MAX_US 25000
#define TURN_GAP_TIMES 3
/* While behind, figures are of the past, and each end concerns all of them: so not every end is shown. But readers hold kpid for gone after ten
 * seconds without a turn (docs/redis.md), and an end is some two seconds away from the next. */
#define BEHIND_GAP_US 5000000
#define WAIT_MAX_US 100000
#define FIRST_STRIDE INT64_C(3600000)
#define DRAIN_TIMEOUT_MS 2000

static void make_publisher(struct publishing *publishing)
{
	const struct config *config = publishing->control->config;
	publisher_free(publishing->publisher);
	publishing->publisher = publisher_new(&config->model, &config->roster, publishing->merge, &publishing->sink);
}

void publishing_init(struct publishing *publishing, struct control *control, struct writer *writer,
	uint32_t shard_count, uint64_t minimum_token, int64_t end)
{
	const struct config *config = control->config;
	*publishing = (struct publishing){
		.control = control,
		.writer = writer,
		.shard_count = shard_count,
		.merge = merge_new(&config->model, shard_count),
		.sink = writer_sink(writer),
		.calendar = {&config->zone, (int)config->settings.week_start, (int)config->settings.fiscal_year_start},
		.inputs = NEW_ARRAY(struct shard_input, shard_count),
		.end = end,
		.stride = FIRST_STRIDE,
		.published_end = INT64_MIN,
		.earlier_end = INT64_MIN,
		.alerts_end = INT64_MIN,
		.minimum_token = minimum_token,
		.started_ms = clock_wall_ms(),
	};
	make_publisher(publishing);
	publishing->evaluation = (struct evaluation){.model = &config->model,
		.roster = &config->roster,
		.spans = &publishing->spans,
		.merge = publishing->merge};
	publishing->announced_us = publishing->refresh_us = publishing->turn_us = clock_steady_us();
	buf_init(&publishing->earlier_offsets);
	for (size_t i = 0; i < sizeof publishing->meta / sizeof publishing->meta[0]; i++)
		buf_init(&publishing->meta[i]);
	atomic_store(&control->end, end);
	atomic_store(&publishing->beat_us, clock_steady_us());
}

static void keep_input(struct publishing *publishing, struct batch *batch)
{
	struct shard_input *input = &publishing->inputs[batch->status.shard];
	mem_free(input->positions);
	input->positions = batch->positions;
	input->position_count = batch->position_count;
	input->as_of = batch->status.as_of;
	memcpy(input->refused, batch->refused, sizeof input->refused);
	batch->positions = NULL;
}

static void take_batches(struct publishing *publishing)
{
	struct batch *batch = mailbox_take(&publishing->control->mailbox);
	while (batch) {
		struct batch *following = batch->following;
		struct str records = buf_str(&batch->records);
		enum result result = batch->whole ? merge_apply_whole(publishing->merge, &batch->status, records)
						  : merge_apply(publishing->merge, &batch->status, records);
		if (result != RESULT_OK)
			log_error("a batch of shard %u is damaged", batch->status.shard);
		keep_input(publishing, batch);
		publishing->fresh = true;
		batch_free(batch);
		batch = following;
	}
}

static void restore_alert(void *context, struct str fingerprint, struct alert alert)
{
	struct publishing *publishing = context;
	publisher_restore_alert(publishing->publisher, fingerprint, alert);
}

static enum result load_meta(struct publishing *publishing, const char *field, struct buf *ret_value)
{
	enum result result = writer_get_meta(publishing->writer, field, ret_value);
	if (result != RESULT_NOT_FOUND)
		return result;
	buf_clear(ret_value);
	return RESULT_OK;
}

/* What the writer before us had read, and up to when it had counted. */
static enum result load_earlier(struct publishing *publishing)
{
	struct buf end;
	buf_init(&end);
	enum result result = load_meta(publishing, "published_end", &end);
	if (result != RESULT_OK || text_to_time(buf_str(&end), &publishing->earlier_end) != RESULT_OK)
		publishing->earlier_end = INT64_MIN;
	buf_release(&end);
	return result == RESULT_OK ? load_meta(publishing, "offsets", &publishing->earlier_offsets) : result;
}

/* Once connected: the fencing token, what was published before, and the alerts as they were. */
static void take_over(struct publishing *publishing)
{
	uint64_t token, known_token = writer_token(publishing->writer);
	uint64_t minimum = known_token > publishing->minimum_token ? known_token : publishing->minimum_token;
	uint64_t heard = (uint64_t)atomic_load(&publishing->control->token); /* in a fleet, of the others */
	minimum = heard > minimum ? heard : minimum;
	/* Redis may have forgotten the last token, whose writes are still on their way: time has not stood still meanwhile. */
	uint64_t time_ms = (uint64_t)clock_wall_ms();
	minimum = time_ms > minimum ? time_ms : minimum;
	publishing->lease_term = writer_lease_term(publishing->writer);
	/* The token first: from here on nobody else changes what is read behind it. */
	if (writer_take_token(publishing->writer, minimum, &token) != RESULT_OK)
		return;
	if (writer_load_alerts(publishing->writer, restore_alert, publishing) != RESULT_OK)
		return;
	if (load_earlier(publishing) != RESULT_OK)
		return;
	atomic_store(&publishing->control->token, (int64_t)token);
	atomic_store(&publishing->control->hear_ms, clock_steady_us() / 1000 + 1);
	publishing->have_token = true;
	log_info("publishing with token %llu", (unsigned long long)token);
}

/* Another one may have published since: what was known of Redis is void, and what is handed out begins anew. */
static void give_up_token(struct publishing *publishing)
{
	publishing->have_token = publishing->reached = false;
	publishing->published_end = publishing->alerts_end = INT64_MIN;
	make_publisher(publishing);
}

/* The lease was gained anew. RESULT_OK: nobody has taken a token since ours; what Redis has lost shows itself elsewhere. RESULT_CONFLICT:
 * somebody has, perhaps a lower one that did not know of ours, which Redis had lost. */
static enum result compare_token(struct publishing *publishing)
{
	struct buf stored;
	int64_t token = 0;
	uint64_t term = writer_lease_term(publishing->writer);
	buf_init(&stored);
	enum result result = writer_get_meta(publishing->writer, "token", &stored);
	if (result == RESULT_OK && text_to_i64(buf_str(&stored), &token) != RESULT_OK)
		token = 0;
	buf_release(&stored);
	if (result != RESULT_OK && result != RESULT_NOT_FOUND)
		return result;
	publishing->lease_term = term;
	return token > 0 && (uint64_t)token != writer_token(publishing->writer) ? RESULT_CONFLICT : RESULT_OK;
}

static bool is_void(struct publishing *publishing, bool leased)
{
	struct lease_holder other;
	if (!leased)
		return writer_lease_holder(publishing->writer, &other);
	return writer_fenced(publishing->writer) || compare_token(publishing) == RESULT_CONFLICT;
}

/* Whether this process may write. The lease alone is not enough: when another one had it, a new token must be taken. */
static bool has_token(struct publishing *publishing)
{
	struct writer *writer = publishing->writer;
	bool leased = writer_has_lease(writer);
	bool sure = leased && !writer_fenced(writer) && publishing->lease_term == writer_lease_term(writer);
	if (publishing->have_token && !sure && is_void(publishing, leased))
		give_up_token(publishing);
	if (leased && !publishing->have_token)
		take_over(publishing);
	return writer_has_lease(writer) && publishing->have_token &&
		publishing->lease_term == writer_lease_term(writer);
}

static void refresh(struct publishing *publishing, int64_t now_us)
{
	size_t keys = publisher_key_count(publishing->publisher);
	int64_t round_us = publishing->control->config->settings.redis_refresh * 1000;
	/* Half again as fast as the promise, so that a round is over in time though turns are late now and then. */
	size_t due = (size_t)((double)keys * 1.5 * (double)(now_us - publishing->refresh_us) / (double)round_us);
	if (due == 0)
		return;
	publisher_refresh(publishing->publisher, &publishing->evaluation, due < keys ? due : keys);
	publishing->refresh_us = now_us;
}

/* Keys that Redis has lost since they were written. */
static void hand_out_wanted(struct publishing *publishing)
{
	const char *dimension;
	struct str key;
	while (writer_next_wanted(publishing->writer, &dimension, &key))
		publisher_again(publishing->publisher, &publishing->evaluation, dimension, key);
}

static void hand_out(struct publishing *publishing, int64_t now_us)
{
	const struct evaluation *evaluation = &publishing->evaluation;
	bool all = writer_begin_all(publishing->writer);
	publisher_turn(publishing->publisher, evaluation);
	if (publishing->live && publishing->alerts_end != publishing->end) {
		publisher_alerts(publishing->publisher, evaluation);
		publishing->alerts_end = publishing->end;
	}
	if (all) {
		publisher_refresh_all(publishing->publisher, evaluation);
		publisher_refresh_alerts(publishing->publisher, evaluation);
		writer_end_all(publishing->writer);
	} else {
		hand_out_wanted(publishing);
		refresh(publishing, now_us);
	}
	publishing->published_end = publishing->end;
}

static void publish(struct publishing *publishing, int64_t wall_ms, int64_t now_us)
{
	const struct model *model = &publishing->control->config->model;
	int64_t began_us = clock_thread_us();
	if (publishing->spans.end != publishing->end)
		window_spans_at(model, &publishing->calendar, publishing->end, &publishing->spans);
	publishing->evaluation.status = merge_status(publishing->merge);
	hand_out(publishing, now_us);
	publishing_flush(publishing, wall_ms);
	/* It can rise by itself, when Redis has lost it; checkpoints keep the newest. */
	atomic_store(&publishing->control->token, (int64_t)writer_token(publishing->writer));
	publishing->turn_cpu_us = clock_thread_us() - began_us;
	publishing->turn_took_us = clock_steady_us() - now_us;
	publishing->turn_us = now_us;
	publishing->fresh = false;
}

static bool can_write(struct publishing *publishing, int64_t wall_ms, int64_t now_us)
{
	if (writer_state(publishing->writer) != WRITER_READY || writer_busy(publishing->writer))
		return false;
	if (!has_token(publishing))
		return false;
	publishing_look_back(publishing, wall_ms, now_us);
	return true;
}

/* Another one is active now: this run ends, and the next one stands by. */
static void check_active(struct publishing *publishing)
{
	struct lease_holder other;
	const char *name = publishing->control->config->settings.name;
	if (publishing->goes_on || atomic_load(&publishing->control->failure) != RESULT_OK)
		return;
	if (!writer_has_lease(publishing->writer) && writer_lease_holder(publishing->writer, &other))
		log_warning("%s pid %ld publishes as '%s' now; this one stands by", other.host, other.pid, name);
	else if (writer_fenced(publishing->writer))
		log_warning("another kpid publishes as '%s' with a higher token; this one starts again", name);
	else
		return;
	atomic_store(&publishing->control->failure, RESULT_CLOSED);
}

static int64_t within(int64_t value, int64_t least, int64_t most)
{
	return value < least ? least : value > most ? most : value;
}

/* A moment's patience, so that events that come close together are evaluated together; with nothing new a turn is only a sign of life. */
static int64_t turn_due_us(const struct publishing *publishing)
{
	int64_t gap_us = WAIT_MAX_US;
	if (!publishing->live && publishing->published_end != publishing->end)
		gap_us = publishing->turn_took_us + BEHIND_GAP_US;
	else if (publishing->fresh)
		gap_us = within(TURN_GAP_TIMES * publishing->turn_cpu_us, TURN_GAP_MIN_US, TURN_GAP_MAX_US);
	return publishing->turn_us + gap_us;
}

static int64_t wait_us(const struct publishing *publishing, int64_t now_us)
{
	int64_t left_us = turn_due_us(publishing) - now_us;
	return left_us > 0 && left_us < WAIT_MAX_US ? left_us : WAIT_MAX_US;
}

void publishing_turn(struct publishing *publishing)
{
	int64_t wall_ms = clock_wall_ms(), now_us = clock_steady_us();
	atomic_store(&publishing->beat_us, now_us);
	publishing->heard_ms = atomic_load(&publishing->control->heard_ms);
	take_batches(publishing);
	publishing_decide_end(publishing, wall_ms, now_us);
	check_active(publishing);
	if (now_us >= turn_due_us(publishing) && can_write(publishing, wall_ms, now_us) &&
		publishing_may_show(publishing))
		publish(publishing, wall_ms, now_us);
	writer_poll(publishing->writer, wait_us(publishing, clock_steady_us()));
}

static void *publishing_main(void *context)
{
	struct publishing *publishing = context;
	while (!atomic_load(&publishing->control->stop))
		publishing_turn(publishing);
	return NULL;
}

enum result publishing_start(struct publishing *publishing)
{
	if (pthread_create(&publishing->thread, NULL, publishing_main, publishing) != 0)
		return RESULT_IO;
	publishing->started = true;
	return RESULT_OK;
}

void publishing_join(struct publishing *publishing)
{
	if (!publishing->started)
		return;
	writer_wake(publishing->writer);
	pthread_join(publishing->thread, NULL);
	publishing->started = false;
	if (writer_state(publishing->writer) == WRITER_READY &&
		writer_drain(publishing->writer, DRAIN_TIMEOUT_MS) != RESULT_OK)
		log_warning("what was written last to Redis is not acknowledged; the next start writes it again");
}

void publishing_release(struct publishing *publishing)
{
	publisher_free(publishing->publisher);
	merge_free(publishing->merge);
	for (uint32_t s = 0; s < publishing->shard_count; s++)
		mem_free(publishing->inputs[s].positions);
	mem_free(publishing->inputs);
	buf_release(&publishing->earlier_offsets);
	for (size_t i = 0; i < sizeof publishing->meta / sizeof publishing->meta[0]; i++)
		buf_release(&publishing->meta[i]);
}
