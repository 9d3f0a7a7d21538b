/* The last words of a process: what runs here runs in a signal handler of a thread that is about to die, so nothing is allocated, locked or
 * formatted by the library. */
#include "daemon/checkpoint/deaths_internal.h"

#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

static struct death_note *volatile watched;
static volatile sig_atomic_t watched_fd = -1;
static _Thread_local struct death_note *volatile mine;

struct words {
	char text[640];
	size_t length;
};

static void say_char(struct words *words, char c)
{
	if (words->length < sizeof words->text)
		words->text[words->length++] = c;
}

static void say_number(struct words *words, uint64_t number, unsigned base)
{
	char digits[24];
	size_t count = 0;
	do {
		digits[count++] = "0123456789abcdef"[number % base];
		number /= base;
	} while (number);
	while (count)
		say_char(words, digits[--count]);
}

/* One write, so that two processes do not mix their lines. Begins a new line, since the one before may have been cut short. */
static void write_down(const struct death_note *note)
{
	struct words words = {.length = 0};
	say_char(&words, '\n');
	say_number(&words, note->place.shard, 10);
	say_char(&words, ' ');
	for (const char *c = note->place.topic; *c; c++)
		say_char(&words, *c);
	say_char(&words, ' ');
	say_number(&words, (uint64_t)note->place.offset, 10);
	say_char(&words, ' ');
	say_number(&words, note->place.fingerprint, 16);
	say_char(&words, '\n');
	ssize_t written = write((int)watched_fd, words.text, words.length);
	(void)written;
}

static void write_down_all(void)
{
	struct death_note *notes = watched;
	for (size_t i = 0; notes && i < DEATHS_NOTES; i++)
		if (notes[i].under_way)
			write_down(&notes[i]);
}

/* SA_RESETHAND: after this the signal does what it does by default, a core dump included. A fault comes again by itself; a signal that was sent
 * does not. */
static void last_words(int number, siginfo_t *info, void *context)
{
	(void)context;
	bool from_outside = info->si_code == SI_USER || info->si_code == SI_QUEUE;
	if (from_outside)
		write_down_all();
	else if (mine && mine->under_way)
		write_down(mine);
	if (info->si_code <= 0)
		raise(number);
}

void last_words_watch(struct death_note *notes, int fd)
{
	static const int fatal[] = {
		SIGABRT,
#ifndef __SANITIZE_ADDRESS__
		SIGSEGV, SIGBUS, SIGFPE, SIGILL, /* where there is a sanitizer it has more to say about these */
#endif
	};
	struct sigaction action = {.sa_flags = SA_SIGINFO | SA_RESETHAND};
	action.sa_sigaction = last_words;
	sigemptyset(&action.sa_mask);
	watched_fd = fd;
	watched = notes;
	for (size_t i = 0; notes && i < sizeof fatal / sizeof *fatal; i++)
		sigaction(fatal[i], &action, NULL);
}

void deaths_begin(struct death_note *note, const struct death_place *place)
{
	note->place = *place;
	atomic_signal_fence(memory_order_seq_cst);
	mine = note;
	note->under_way = true;
}

void deaths_end(struct death_note *note)
{
	note->under_way = false;
	atomic_signal_fence(memory_order_seq_cst);
	mine = NULL;
}
