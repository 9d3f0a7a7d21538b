/* daemon/checkpoint/deaths.h: nobody dies of a record here. */
#include "daemon/checkpoint/deaths.h"

#include "base/mem.h"
#include "tests/simulator/member.h"

struct deaths {
	struct death_note notes[MEMBER_WORKERS_MAX];
};

struct deaths *deaths_open(const char *directory)
{
	(void)directory;
	return NEW(struct deaths);
}

bool deaths_quarantined(const struct deaths *deaths, const struct death_place *place)
{
	(void)deaths;
	(void)place;
	return false;
}

struct death_note *deaths_note(struct deaths *deaths, uint32_t index)
{
	return &deaths->notes[index];
}

void deaths_begin(struct death_note *note, const struct death_place *place)
{
	note->place = *place;
	note->under_way = true;
}

void deaths_end(struct death_note *note)
{
	note->under_way = false;
}

void deaths_close(struct deaths *deaths)
{
	mem_free(deaths);
}
