#include "tools/kpisim/org.h"

#include "base/mem.h"
#include "base/zone.h"

#include <stdio.h>

#define AWAY_DAYS 14
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void team_name(struct team *team, int index)
{
	static const char *const names[] = {"North", "South", "West", "East", "Central", "Coast", "Islands", "Online"};

	if ((size_t)index < COUNT(names))
		snprintf(team->name, sizeof(team->name), "%s", names[index]);
	else
		snprintf(team->name, sizeof(team->name), "Team%02d", index + 1);
	snprintf(team->id, sizeof(team->id), "%s", team->name);
	team->id[0] = (char)(team->id[0] | 0x20);
}

static void rep_name(struct rep *rep, int index)
{
	static const char *const names[] = {"Ada Berg", "Bo Lind", "Zoë Ångström", "Dev Patel", "Élodie Faure",
		"Finn Holm", "Łucja Żak", "Jürgen Groß", "Mei Tanaka 田中", "José Núñez", "Carla Neri",
		"Siobhán Ó Briain"};
	static const char *const first[] = {"Ivo", "Nora", "Tariq", "Lea", "Oskar", "Ines", "Pavel", "Ruth", "Kai"};
	static const char *const last[] = {"Brandt", "Costa", "Duval", "Eriksen", "Farkas", "Šimić", "Horvat"};

	if ((size_t)index < COUNT(names))
		snprintf(rep->name, sizeof(rep->name), "%s", names[index]);
	else
		snprintf(rep->name, sizeof(rep->name), "%s %s", first[(size_t)index % COUNT(first)],
			last[(size_t)index % COUNT(last)]);
}

static void rep_init(struct org *org, int index, int32_t half, int32_t three_quarters)
{
	struct rep *rep = &org->reps[index];
	int team = index % org->team_count;

	snprintf(rep->id, sizeof(rep->id), "r%02d", index + 1);
	rep_name(rep, index);
	rep->skill = 350 + (index * 37 + 45) % 61 * 10;
	rep->memberships[0] = (struct membership){team, ORG_NO_DATE, ORG_NO_DATE};
	rep->membership_count = 1;
	rep->away = ORG_NO_DATE;
	if (org->rep_count < 4)
		return;
	if (index == 2) {
		rep->memberships[0].until = half;
		rep->memberships[1] = (struct membership){(team + 1) % org->team_count, half, ORG_NO_DATE};
		rep->membership_count = 2;
	} else if (index == org->rep_count - 2) {
		rep->memberships[0].until = three_quarters;
	}
	rep->silent = index == org->rep_count - 1;
	rep->away = rep->silent ? half : ORG_NO_DATE;
}

/* The team's first rep leads it; once that one is in another team, the next of its reps. */
static void team_managers(struct org *org, int index)
{
	struct team *team = &org->teams[index];

	team->manager = index < org->rep_count ? index : -1;
	team->next_manager = -1;
	if (team->manager >= 0 && org->reps[index].membership_count > 1 && index + org->team_count < org->rep_count)
		team->next_manager = index + org->team_count;
}

void org_init(struct org *org, int reps, int teams, int32_t first_day, int32_t last_day)
{
	int32_t length = last_day - first_day;

	org->rep_count = reps;
	org->team_count = teams;
	org->reps = NEW_ARRAY(struct rep, (size_t)reps);
	org->teams = NEW_ARRAY(struct team, (size_t)teams);
	for (int i = 0; i < teams; i++)
		team_name(&org->teams[i], i);
	for (int i = 0; i < reps; i++)
		rep_init(org, i, first_day + length / 2, first_day + length / 4 * 3);
	for (int i = 0; i < teams; i++)
		team_managers(org, i);
	org->first_day = first_day;
	org->last_day = last_day;
}

int org_team(const struct org *org, int rep, int32_t day)
{
	const struct rep *who = &org->reps[rep];

	for (int i = 0; i < who->membership_count; i++) {
		const struct membership *membership = &who->memberships[i];

		if ((membership->from == ORG_NO_DATE || day >= membership->from) &&
			(membership->until == ORG_NO_DATE || day < membership->until))
			return membership->team;
	}
	return -1;
}

bool org_works(const struct org *org, int rep, int32_t day)
{
	return !org->reps[rep].silent && org_team(org, rep, day) >= 0;
}

static void put_plain_date(struct buf *buf, int32_t date)
{
	int year, month, day_of_month;

	date_of_day(date, &year, &month, &day_of_month);
	buf_printf(buf, "%04d-%02d-%02d", year, month, day_of_month);
}

static void put_date(struct buf *buf, const char *name, int32_t date)
{
	if (date == ORG_NO_DATE)
		return;
	buf_printf(buf, ", %s: ", name);
	put_plain_date(buf, date);
}

static void put_absence(struct buf *buf, int32_t day)
{
	if (day == ORG_NO_DATE)
		return;
	buf_put_text(buf, "    absences:\n      - {from: ");
	put_plain_date(buf, day);
	put_date(buf, "until", day + AWAY_DAYS);
	buf_put_text(buf, "}\n      - ");
	put_plain_date(buf, day + 2 * AWAY_DAYS);
	buf_put_text(buf, "\n");
}

/* New year and the days of Christmas of every year of the period. */
static void put_calendar(const struct org *org, struct buf *buf)
{
	int first, last, month, day_of_month;

	date_of_day(org->first_day, &first, &month, &day_of_month);
	date_of_day(org->last_day, &last, &month, &day_of_month);
	buf_put_text(buf,
		"calendar:\n"
		"  days: [monday, tuesday, wednesday, thursday, friday]\n"
		"  hours: 08:00-18:00\n"
		"  holidays:\n");
	for (int year = first; year <= last; year++)
		buf_printf(buf, "    - %04d-01-01\n    - {from: %04d-12-25, until: %04d-12-27}\n", year, year, year);
}

static void put_managers(const struct org *org, const struct team *team, struct buf *buf)
{
	const struct rep *manager = &org->reps[team->manager];

	if (team->next_manager < 0) {
		buf_printf(buf, "    manager: %s\n", manager->id);
		return;
	}
	buf_printf(buf, "    managers:\n      - {rep: %s", manager->id);
	put_date(buf, "until", manager->memberships[0].until);
	buf_printf(buf, "}\n      - {rep: %s", org->reps[team->next_manager].id);
	put_date(buf, "from", manager->memberships[0].until);
	buf_put_text(buf, "}\n");
}

void org_put_roster(const struct org *org, struct buf *buf)
{
	put_calendar(org, buf);
	buf_put_text(buf, "teams:\n");
	for (int i = 0; i < org->team_count; i++) {
		buf_printf(buf, "  - id: %s\n    name: %s\n", org->teams[i].id, org->teams[i].name);
		if (org->teams[i].manager >= 0)
			put_managers(org, &org->teams[i], buf);
	}
	buf_put_text(buf, "reps:\n");
	for (int i = 0; i < org->rep_count; i++) {
		const struct rep *rep = &org->reps[i];

		buf_printf(buf, "  - id: %s\n    name: %s\n    teams:\n", rep->id, rep->name);
		for (int k = 0; k < rep->membership_count; k++) {
			buf_printf(buf, "      - {team: %s", org->teams[rep->memberships[k].team].id);
			put_date(buf, "from", rep->memberships[k].from);
			put_date(buf, "until", rep->memberships[k].until);
			buf_put_text(buf, "}\n");
		}
		put_absence(buf, rep->away);
	}
}

void org_release(struct org *org)
{
	mem_free(org->reps);
	mem_free(org->teams);
	*org = (struct org){0};
}
