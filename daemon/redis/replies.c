/* Which reply means what. */
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "daemon/redis/inside.h"

#include <hiredis/hiredis.h>
#include <stdio.h>

/* ---- errors ---- */

/* Redis takes no writes at all just now; `READONLY` means another connection. Scripts pass on errors with words of their own around. */
static const char *const holding[] = {
	"OOM", "MISCONF", "LOADING", "NOREPLICAS", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "CROSSSLOT", "MOVED", "NOPERM"};
static const char *const ending[] = {"READONLY", "NOAUTH", "WRONGPASS", "UNBLOCKED"};

/* The second script's reply in that to EXEC: snapshots.c. */
enum { TRANSACTION_ANSWER = 2, TRANSACTION_REPLIES = 4 };

static bool says(const char *error, const char *word)
{
	const char *found = strstr(error, word);
	return found && (found == error || found[-1] == ' ' || found[-1] == '-');
}

static bool says_any(const char *error, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (says(error, words[i]))
			return true;
	return false;
}

static void complain_of(struct writer *writer, const struct pending *pending, const char *error)
{
	struct key *key = NULL;
	switch ((enum pending_kind)pending->kind) {
	case PENDING_SNAPSHOT:
	case PENDING_REMOVAL:
		key = snapshot_key(writer, pending);
		writer_complain(
			writer, key ? key->name : "a leftover", error, key ? &key->complained : &writer->complained);
		break;
	case PENDING_BOARD:
	case PENDING_MEMBERS:
		writer_complain(writer, writer->boards.items[pending->id].name, error,
			&writer->boards.items[pending->id].complained);
		break;
	default:
		writer_complain(writer,
			pending->kind == PENDING_META            ? "meta"
				: pending->kind == PENDING_LEASE ? "lease"
								 : "a key",
			error, &writer->complained);
	}
}

/* The script is gone: it is loaded again, and what it should have written comes again, whole. */
static void script_lost(struct writer *writer, const struct pending *pending)
{
	writer->stats.scripts_lost++;
	if (!writer->loading)
		greeting_load_scripts(writer);
	writer->loading = true;
	if (pending->kind == PENDING_SNAPSHOT)
		snapshot_lost(writer, pending);
	else if (pending->kind == PENDING_BOARD || pending->kind == PENDING_BOARD_REMOVAL)
		writer_want_all(writer, false);
	else if (pending->kind == PENDING_ALERT)
		alert_keep_sending(writer);
}

/* Without these the figures still come. */
static bool is_comfort(const struct pending *pending)
{
	return pending->kind == PENDING_NAME || pending->kind == PENDING_RUN_ID || pending->kind == PENDING_CHANGES ||
		pending->kind == PENDING_SCAN;
}

/* The question is no longer open. */
static void close_question(struct writer *writer, const struct pending *pending)
{
	if (pending->kind == PENDING_SCAN)
		sweep_failed(writer);
	else if (pending->kind == PENDING_MEMBERS)
		writer->boards.items[pending->id].checking = false;
	else if (pending->kind == PENDING_LEASE)
		lease_failed(writer);
	else if (pending->kind == PENDING_RAISE)
		writer->raising = false;
}

static void take_error(struct writer *writer, const struct pending *pending, const struct redisReply *reply)
{
	const char *error = reply->str;
	bool greeting = writer->state == WRITER_GREETING || writer->state == WRITER_ASKING;
	close_question(writer, pending);
	if (pending->kind == PENDING_TRANSACTION || says(error, "EXECABORT"))
		return;
	if (is_comfort(pending) && says(error, "NOPERM"))
		writer_complain(writer, "a command", error, &writer->complained);
	else if (pending->kind == PENDING_META_BEFORE && says(error, "WRONGTYPE"))
		writer_set_ready(writer);
	else if (greeting || says_any(error, ending, sizeof ending / sizeof *ending))
		writer_lose(writer, error);
	else if (says_any(error, holding, sizeof holding / sizeof *holding))
		writer_hold(writer, error);
	else if (says(error, "NOSCRIPT"))
		script_lost(writer, pending);
	else {
		complain_of(writer, pending, error);
		if (pending->kind == PENDING_SNAPSHOT)
			snapshot_refused(writer, pending);
		if (pending->kind == PENDING_ALERT)
			alert_replied(writer, pending);
	}
}

/* ---- answers ---- */

static void take_sha(struct writer *writer, const struct pending *pending, const struct redisReply *reply)
{
	if (reply->type == REDIS_REPLY_STRING && reply->len == SHA_LENGTH)
		memcpy(writer->sha[pending->id], reply->str, SHA_LENGTH);
	if (pending->id + 1 == SCRIPT_COUNT)
		writer->loading = false;
}

static void take_run_id(struct writer *writer, const struct redisReply *reply)
{
	const char *found = reply->type == REDIS_REPLY_STRING ? strstr(reply->str, "\nrun_id:") : NULL;
	if (!found)
		return;
	char run_id[RUN_ID_LENGTH + 1] = "";
	snprintf(run_id, sizeof run_id, "%s", found + sizeof "\nrun_id:" - 1);
	bool other = *writer->run_id && strcmp(run_id, writer->run_id) != 0;
	memcpy(writer->run_id, run_id, sizeof run_id);
	if (other && writer->token)
		writer_found_loss(writer, "it was started anew, or is another one");
}

/* Refused: what stands there is newer. */
static bool is_refusal(struct writer *writer, const struct redisReply *reply)
{
	int64_t token;
	if (reply->type == REDIS_REPLY_INTEGER && reply->integer == SCRIPT_OLDER) {
		writer->stats.refused_older++;
		return true;
	}
	if (reply->type != REDIS_REPLY_STRING)
		return false;
	writer->stats.refused_token++;
	const char *digits = reply->str + strspn(reply->str, "0");
	if (text_to_i64(str_of(digits), &token) == RESULT_OK && (uint64_t)token > writer->token_above)
		writer->token_above = (uint64_t)token;
	return true;
}

static void take_answer(struct writer *writer, const struct pending *pending, const struct redisReply *reply)
{
	bool refused = is_refusal(writer, reply);
	writer->stats.writes += !refused;
	writer->stats.fields += refused ? 0 : pending->fields;
	writer->stats.swept += pending->swept && !refused && reply->integer > 0;
	if (pending->kind == PENDING_ALERT)
		alert_replied(writer, pending);
	if (refused)
		return;
	if (pending->kind == PENDING_SNAPSHOT)
		snapshot_replied(writer, pending, reply->integer);
	else if (pending->kind == PENDING_BOARD)
		board_replied(writer, pending, reply->integer);
}

/* The scripts may not do all that they need, by rights or since it has another name there: the script alone does without. */
static const char *const denials[] = {"NOPERM", "can't run", "Unknown Redis command"};

static void take_failed(struct writer *writer, const struct pending *pending, const struct redisReply *error)
{
	if (!says_any(error->str, denials, sizeof denials / sizeof *denials)) {
		take_error(writer, pending, error);
		return;
	}
	if (writer->transactions)
		log_notice("redis: large changes are written by script: %s", error->str);
	writer->transactions = false;
	snapshot_lost(writer, pending);
}

/* What the scripts around a large change said: the last one's answer, or the first error. */
static void take_transaction(struct writer *writer, const struct pending *pending, const struct redisReply *reply)
{
	for (size_t i = 0; i < reply->elements; i++)
		if (reply->element[i]->type == REDIS_REPLY_ERROR) {
			take_failed(writer, pending, reply->element[i]);
			return;
		}
	if (reply->elements == TRANSACTION_REPLIES)
		take_answer(writer, pending, reply->element[TRANSACTION_ANSWER]);
	else
		snapshot_lost(writer, pending);
}

static void take(struct writer *writer, const struct pending *pending, struct redisReply *reply)
{
	switch ((enum pending_kind)pending->kind) {
	case PENDING_GREETING:
	case PENDING_NAME:
	case PENDING_CHANGES:
		break;
	case PENDING_MASTER:
		sentinel_replied(writer, reply);
		break;
	case PENDING_ROLE:
		sentinel_role_replied(writer, reply);
		break;
	case PENDING_SCRIPT:
		take_sha(writer, pending, reply);
		break;
	case PENDING_RUN_ID:
		take_run_id(writer, reply);
		break;
	case PENDING_META_BEFORE:
		meta_before(writer, reply);
		writer_set_ready(writer);
		break;
	case PENDING_TRANSACTION:
		writer->transactions = true;
		break;
	case PENDING_SNAPSHOT:
		if (reply->type == REDIS_REPLY_ARRAY)
			take_transaction(writer, pending, reply);
		else
			take_answer(writer, pending, reply);
		break;
	case PENDING_REMOVAL:
	case PENDING_BOARD:
	case PENDING_BOARD_REMOVAL:
	case PENDING_ALERT:
		take_answer(writer, pending, reply);
		break;
	case PENDING_MEMBERS:
		board_members_replied(writer, pending, reply);
		break;
	case PENDING_META:
		meta_replied(writer, pending, reply->integer);
		break;
	case PENDING_RAISE:
		meta_raised(writer, pending, reply->integer);
		break;
	case PENDING_LEASE:
		lease_replied(writer, reply);
		break;
	case PENDING_SCAN:
		sweep_replied(writer, reply);
		break;
	case PENDING_CALLER:
		break;
	}
}

/* Of a command that was refused at once; then EXEC is, too, which says nothing new. */
static void take_prelude(struct writer *writer, const struct pending *pending, const struct redisReply *reply)
{
	if (reply->type == REDIS_REPLY_ERROR && pending->kind != PENDING_TRANSACTION)
		take_error(writer, pending, reply);
}

/* A waiting call gets errors, too. */
static bool give_to_caller(struct writer *writer, const struct pending *pending, struct redisReply *reply)
{
	if (pending->kind != PENDING_CALLER)
		return false;
	writer->calling = false;
	writer->call_reply = reply;
	return true;
}

static void take_one(struct writer *writer, struct redisReply *reply)
{
	struct pending pending;
	writer->heard_us = clock_steady_us();
	if (pending_take_prelude(&writer->pending, &pending)) {
		take_prelude(writer, &pending, reply);
	} else if (!pending_pop(&writer->pending, &pending)) {
		writer_lose(writer, reply->type == REDIS_REPLY_ERROR ? reply->str : "a reply without a command");
	} else if (give_to_caller(writer, &pending, reply)) {
		return;
	} else if (reply->type == REDIS_REPLY_ERROR) {
		take_error(writer, &pending, reply);
	} else {
		take(writer, &pending, reply);
	}
	connection_reply_free(reply);
	writer->stats.unacknowledged_bytes = writer->pending.bytes;
}

void replies_take(struct writer *writer)
{
	struct redisReply *reply = NULL;
	while (writer->connection.context) {
		if (connection_reply(&writer->connection, &reply) != RESULT_OK) {
			writer_lose(writer, writer->connection.problem);
			return;
		}
		if (!reply)
			return;
		take_one(writer, reply);
	}
}
