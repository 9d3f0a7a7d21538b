/* What kpictl can do. Each verb gets the arguments from its own name on (argv[0] is the verb) and returns the exit code: 0, 1
 * when it found something wrong, 2 when it was called wrongly. */
#ifndef KPICTL_VERBS_H
#define KPICTL_VERBS_H

enum { EXIT_FOUND = 1, EXIT_USAGE = 2 };

int kpictl_check(int argc, char **argv);
int kpictl_checkpoint(int argc, char **argv);
int kpictl_config(int argc, char **argv);
int kpictl_explain(int argc, char **argv);
int kpictl_plan(int argc, char **argv);
int kpictl_replay(int argc, char **argv);
int kpictl_test(int argc, char **argv);
int kpictl_top(int argc, char **argv);

#endif
