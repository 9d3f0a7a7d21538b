#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "tools/kpisim/sink.h"

#include <errno.h>
#include <stdio.h>

struct sink_file {
	struct sink sink;
	FILE *file;
	const char *path;
	struct buf line;
};

static enum result file_failed(struct sink_file *file)
{
	log_error("cannot write file=%s error=%s", file->path, strerror(errno));
	return RESULT_IO;
}

/* An object gets one or two more members in front; anything else stays as it is. */
static enum result file_put(struct sink *sink, const struct record *record)
{
	struct sink_file *file = (struct sink_file *)sink;
	struct str value = record_value(record);

	buf_clear(&file->line);
	if (record->is_object) {
		buf_printf(&file->line, "{\"received_at\":%lld,", (long long)record->arrival);
		if (record->wrong_partition)
			buf_put_text(&file->line, "\"wrong_partition\":true,");
		value = (struct str){value.data + 1, value.length - 1};
	}
	buf_put_str(&file->line, value);
	buf_put_byte(&file->line, '\n');
	if (fwrite(file->line.data, 1, file->line.length, file->file) != file->line.length)
		return file_failed(file);
	return RESULT_OK;
}

static enum result file_flush(struct sink *sink)
{
	struct sink_file *file = (struct sink_file *)sink;

	return fflush(file->file) == 0 ? RESULT_OK : file_failed(file);
}

/* Somebody may be reading along. A failure shows at the next write. */
static void file_poll(struct sink *sink)
{
	fflush(((struct sink_file *)sink)->file);
}

static void file_free(struct sink *sink)
{
	struct sink_file *file = (struct sink_file *)sink;

	if (file->file != stdout)
		fclose(file->file);
	buf_release(&file->line);
	mem_free(file);
}

enum result sink_file_new(const char *path, struct sink **ret_sink)
{
	struct sink_file *file = NEW(struct sink_file);

	file->sink = (struct sink){.put = file_put, .flush = file_flush, .poll = file_poll, .free = file_free};
	file->path = path;
	file->file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
	if (!file->file) {
		log_error("cannot open file=%s error=%s", path, strerror(errno));
		mem_free(file);
		return RESULT_IO;
	}
	buf_init(&file->line);
	*ret_sink = &file->sink;
	return RESULT_OK;
}
