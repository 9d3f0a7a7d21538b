#include "daemon/redis/inside.h"

static void end(struct writer *writer, size_t start, uint8_t kind, uint32_t id)
{
	writer_end_command(writer, start, (struct pending){.kind = kind, .id = id});
}

void greeting_login(struct writer *writer, const char *user, const char *password)
{
	struct buf *out = connection_queue(&writer->connection);
	if (!password)
		return;
	size_t start = out->length;
	command_begin(out, user ? 3 : 2);
	command_put(out, STR("AUTH"));
	if (user)
		command_put_text(out, user);
	command_put_text(out, password);
	end(writer, start, PENDING_GREETING, 0);
}

static void select_database(struct writer *writer, struct buf *out)
{
	if (!writer->url.database)
		return;
	size_t start = out->length;
	command_begin(out, 2);
	command_put(out, STR("SELECT"));
	command_put_number(out, (uint64_t)writer->url.database);
	end(writer, start, PENDING_GREETING, 0);
}

static void name_connection(struct writer *writer, struct buf *out)
{
	size_t start = out->length;
	command_begin(out, 3);
	command_put(out, STR("CLIENT"));
	command_put(out, STR("SETNAME"));
	command_put(out, STR("kpid"));
	end(writer, start, PENDING_NAME, 0);
}

void greeting_ask_run_id(struct writer *writer)
{
	struct buf *out = connection_queue(&writer->connection);
	size_t start = out->length;
	command_begin(out, 2);
	command_put(out, STR("INFO"));
	command_put(out, STR("server"));
	end(writer, start, PENDING_RUN_ID, 0);
}

/* A user may be denied them, and a proxy may not know them. */
static void try_transaction(struct writer *writer, struct buf *out)
{
	size_t start = out->length;
	command_begin(out, 1);
	command_put(out, STR("MULTI"));
	command_begin(out, 1);
	command_put(out, STR("EXEC"));
	writer->transactions = false;
	writer_end_command(writer, start, (struct pending){.kind = PENDING_TRANSACTION, .preludes = 1});
}

void greeting_load_scripts(struct writer *writer)
{
	struct buf *out = connection_queue(&writer->connection);
	for (uint32_t script = 0; script < SCRIPT_COUNT; script++) {
		size_t start = out->length;
		command_begin(out, 3);
		command_put(out, STR("SCRIPT"));
		command_put(out, STR("LOAD"));
		command_put_text(out, script_texts[script]);
		end(writer, start, PENDING_SCRIPT, script);
	}
}

void greeting_send(struct writer *writer)
{
	struct buf *out = connection_queue(&writer->connection);
	greeting_login(writer, writer->url.user, writer->url.password);
	sentinel_check_role(writer);
	select_database(writer, out);
	name_connection(writer, out);
	greeting_ask_run_id(writer);
	greeting_load_scripts(writer);
	try_transaction(writer, out);
	size_t start = out->length;
	command_begin(out, 4);
	command_put(out, STR("HMGET"));
	command_put(out, writer_key(writer, "meta", (struct str){0}));
	command_put(out, STR("token"));
	command_put(out, STR("sequence"));
	end(writer, start, PENDING_META_BEFORE, 0);
}
