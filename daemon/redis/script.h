/* The scripts that Redis runs: each decides by the guard and writes, in one step. */
#ifndef DAEMON_REDIS_SCRIPT_H
#define DAEMON_REDIS_SCRIPT_H

/* What a script answers; a text is the token that stands above ours. Boards answer with the number of their members when all is well. */
#define SCRIPT_OLDER (-1) /* refused: as_of or revision stands above; of META, the sequence */
#define SCRIPT_GAP \
	(-2) /* SNAPSHOT: nothing was written, the whole key is needed. BOARD: written, but others may be missing. */
#define SCRIPT_OTHER (-3)  /* META, TOKEN: somebody else's token */
#define SCRIPT_FORGOTTEN 0 /* LEASE: it is not there, though it should be */
#define SCRIPT_GAINED 1    /* LEASE: it was free */
#define SCRIPT_KEPT 2      /* LEASE: it was ours already, without a break */

enum script {
	/* KEYS: hash; of a whole write also the guard of a removed one. ARGV: guard, guard it builds on or "" (whole), then field, value ... */
	SCRIPT_SNAPSHOT,
	/* Around a large change (snapshots.c). KEYS: hash, the next one. ARGV: guard it builds on. Makes the hash the next one where that is what
	 * it has, and answers 1; else 0. */
	SCRIPT_OPEN,
	/* KEYS: hash, the next one. ARGV: guard, guard it builds on. Makes the next one the hash again, and answers as SNAPSHOT. */
	SCRIPT_CLOSE,
	SCRIPT_REMOVE, /* KEYS: hash, the guard that stays behind. ARGV: guard. Answers how many keys went */
	SCRIPT_BOARD, /* KEYS: sorted set, guard. ARGV: guard, guard it builds on or "", then score or "" (leaves), member ... */
	SCRIPT_BOARD_REMOVE, /* KEYS: sorted set, guard. ARGV: guard. Answers how many boards went */
	/* KEYS: hash, guard, stream. ARGV: guard, from, to, since, end, "1" (announce), "0" or "r" (repeated), then field, value ... */
	SCRIPT_ALERT,
	/* KEYS: hash. ARGV: token, sequence that must be there, its own, then field, value ...; answers SCRIPT_GAP when it was not there */
	SCRIPT_META,
	SCRIPT_TOKEN, /* KEYS: hash. ARGV: token that must be there or "", the new one */
	/* KEYS: lease. ARGV: instance, the text to be there, life in ms, "1": take it where there is none, text that may be replaced or "".
	 * Answers SCRIPT_FORGOTTEN, SCRIPT_GAINED, SCRIPT_KEPT, or another one's text and for how many ms it is still there. */
	SCRIPT_LEASE,
	SCRIPT_LEASE_END, /* KEYS: lease. ARGV: instance, ms for which it shows that it is free. Answers 1 when it was ours */
	SCRIPT_COUNT
};

extern const char *const script_texts[SCRIPT_COUNT];

#endif
