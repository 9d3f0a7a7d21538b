#include "base/buf.h"
#include "config/node.h"
#include <errno.h>
#include <stdio.h>

static void put_path(struct buf *path, const char *directory, const char *file)
{
	if (file[0] != '/')
		buf_printf(path, "%s/", directory);
	buf_put_text(path, file);
}

/* One byte more than is allowed is enough to see that it is too large. */
static bool read_whole(FILE *stream, struct buf *out)
{
	char piece[16384];
	size_t length;
	while (out->length <= DOCUMENT_BYTES_MAX && (length = fread(piece, 1, sizeof piece, stream)) > 0)
		buf_put(out, piece, length);
	return !ferror(stream);
}

static struct node *empty_file(struct arena *arena, const char *file, enum node_kind kind)
{
	struct node *node = ARENA_NEW(arena, struct node);
	node->kind = kind;
	node->mark = (struct mark){arena_text(arena, str_of(file)), 1, 1};
	return node;
}

struct node *document_load(
	struct arena *arena, struct config_problems *problems, const char *directory, const char *file, bool required)
{
	struct buf path, content;
	buf_init(&path);
	buf_init(&content);
	put_path(&path, directory, file);
	FILE *stream = fopen(path.data, "re");
	bool absent = !stream && errno == ENOENT;
	bool read = stream && read_whole(stream, &content);
	struct node *root;
	if (read) {
		root = document_parse(arena, problems, file, buf_str(&content));
	} else if (absent && !required) {
		root = empty_file(arena, file, NODE_MAPPING);
	} else {
		problem_at(problems, (struct mark){file, 1, 1}, "the file cannot be read: %s", strerror(errno));
		root = empty_file(arena, file, NODE_REFUSED);
	}
	if (stream)
		fclose(stream);
	buf_release(&content);
	buf_release(&path);
	return root;
}
