/* A configuration with stocks whose members move, stay and are touched. */
#ifndef TESTS_UNIT_MEMBERS_FIXTURE_H
#define TESTS_UNIT_MEMBERS_FIXTURE_H

extern const char members_kpid[], members_kpis[];

#endif
