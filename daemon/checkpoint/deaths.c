#include "daemon/checkpoint/deaths.h"

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "daemon/checkpoint/deaths_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Three lines a quarantined record: what is longer than this tells of nothing but a process that can never live. */
#define FILE_MAX (1u << 20)

/* A record that ended a process, and how often. */
struct death {
	struct death_place place; /* its topic is a copy */
	unsigned count;
};

struct deaths {
	struct death_note notes[DEATHS_NOTES];
	struct death *items;
	size_t count, capacity;
	bool any; /* something is quarantined */
	int fd;   /* -1: deaths leave no trace */
};

static bool same_place(const struct death_place *a, const struct death_place *b)
{
	return a->offset == b->offset && a->shard == b->shard && a->fingerprint == b->fingerprint &&
		!strcmp(a->topic, b->topic);
}

static struct death *find(const struct deaths *deaths, const struct death_place *place)
{
	for (size_t i = 0; i < deaths->count; i++)
		if (same_place(&deaths->items[i].place, place))
			return &deaths->items[i];
	return NULL;
}

static void count_death(struct deaths *deaths, const struct death_place *place)
{
	struct death *death = find(deaths, place);
	if (!death) {
		GROW(deaths->items, deaths->count, deaths->capacity);
		death = &deaths->items[deaths->count++];
		*death = (struct death){*place, 0};
		death->place.topic = mem_text(place->topic);
	}
	death->count++;
	deaths->any |= death->count >= DEATHS_MAX;
}

/* A line that does not read is one that a dying process could not write to its end. */
static void count_line(struct deaths *deaths, const char *line)
{
	char topic[512];
	long long offset;
	struct death_place place = {.topic = topic};
	if (sscanf(line, "%9u %511s %19lld %8x", &place.shard, topic, &offset, &place.fingerprint) != 4)
		return;
	place.offset = offset;
	count_death(deaths, &place);
}

static bool read_file(int fd, struct buf *text)
{
	char piece[4096];
	ssize_t length;
	while ((length = read(fd, piece, sizeof piece)) != 0) {
		if (length < 0 && errno == EINTR)
			continue;
		if (length < 0 || text->length > FILE_MAX)
			return false;
		buf_put(text, piece, (size_t)length);
	}
	return true;
}

static void read_deaths(struct deaths *deaths, const char *directory)
{
	struct buf text;
	buf_init(&text);
	if (!read_file(deaths->fd, &text))
		log_warning("%s/deaths cannot be read whole", directory);
	for (char *line = text.data, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		if (*end)
			*end++ = '\0';
		count_line(deaths, line);
	}
	buf_release(&text);
}

static void say_deaths(const struct deaths *deaths)
{
	for (size_t i = 0; i < deaths->count; i++) {
		const struct death *death = &deaths->items[i];
		log_warning("topic %s partition %u: the record at offset %lld has ended kpid %u times%s",
			death->place.topic, death->place.shard, (long long)death->place.offset, death->count,
			death->count < DEATHS_MAX ? "" : ": it is quarantined");
	}
}

static int open_file(const char *directory)
{
	char path[4200];
	(void)mkdir(directory, 0700); /* the next step tells what is wrong */
	snprintf(path, sizeof path, "%s/deaths", directory);
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		log_warning("%s: %s; a record that ends kpid again and again will not be quarantined", path,
			strerror(errno));
	return fd;
}

struct deaths *deaths_open(const char *directory)
{
	struct deaths *deaths = NEW(struct deaths);
	deaths->fd = open_file(directory);
	if (deaths->fd >= 0)
		read_deaths(deaths, directory);
	say_deaths(deaths);
	last_words_watch(deaths->notes, deaths->fd);
	return deaths;
}

bool deaths_quarantined(const struct deaths *deaths, const struct death_place *place)
{
	if (!deaths->any)
		return false;
	const struct death *death = find(deaths, place);
	return death && death->count >= DEATHS_MAX;
}

struct death_note *deaths_note(struct deaths *deaths, uint32_t index)
{
	return &deaths->notes[index % DEATHS_NOTES];
}

void deaths_close(struct deaths *deaths)
{
	if (!deaths)
		return;
	last_words_watch(NULL, -1);
	if (deaths->fd >= 0)
		close(deaths->fd);
	for (size_t i = 0; i < deaths->count; i++)
		mem_free((char *)deaths->items[i].place.topic);
	mem_free(deaths->items);
	mem_free(deaths);
}
