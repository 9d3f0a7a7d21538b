/* Times and dates as text: the rest of base/text.h. */
#include "base/text.h"
#include "base/zone.h"

#include <endian.h>

enum { FIRST_YEAR = 1970, LAST_YEAR = 9999, DAY_SECONDS = 86400 };
#define END_SECONDS INT64_C(253402300800) /* the year 10000 */

/* Reads a text from front to back; the first thing that is not as expected sets `wrong`. */
struct scan {
	const char *at;
	const char *end;
	bool wrong;
};

static struct scan scan_of(struct str text)
{
	return (struct scan){text.data, text.length ? text.data + text.length : text.data, false};
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static char take_char(struct scan *scan)
{
	if (scan->at == scan->end) {
		scan->wrong = true;
		return '\0';
	}
	return *scan->at++;
}

static void take(struct scan *scan, char expected)
{
	if (take_char(scan) != expected)
		scan->wrong = true;
}

static int take_digits(struct scan *scan, int count)
{
	int value = 0;
	while (count-- > 0) {
		char c = take_char(scan);
		if (!is_digit(c))
			scan->wrong = true;
		else
			value = value * 10 + (c - '0');
	}
	return value;
}

/* ".123", any number of digits, cut to ms; 0 where there is no fraction. */
static int take_fraction(struct scan *scan)
{
	const char *at = scan->at, *end = scan->end;
	if (at == end || *at != '.')
		return 0;
	const char *start = ++at;
	int ms = 0;
	for (; at < end && is_digit(*at); at++)
		if (at - start < 3)
			ms = ms * 10 + (*at - '0');
	scan->wrong |= at == start;
	scan->at = at;
	return at - start == 1 ? ms * 100 : at - start == 2 ? ms * 10 : ms;
}

struct date {
	int year, month, day;
};

static struct date take_date(struct scan *scan)
{
	struct date date;
	date.year = take_digits(scan, 4);
	take(scan, '-');
	date.month = take_digits(scan, 2);
	take(scan, '-');
	date.day = take_digits(scan, 2);
	return date;
}

static bool date_exists(struct date date)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	if (date.year < FIRST_YEAR || date.year > LAST_YEAR || date.month < 1 || date.month > 12)
		return false;
	bool leap = date.year % 4 == 0 && (date.year % 100 != 0 || date.year % 400 == 0);
	int length = lengths[date.month - 1] + (date.month == 2 && leap);
	return date.day >= 1 && date.day <= length;
}

enum result text_to_date(struct str text, int32_t *ret_day)
{
	struct scan scan = scan_of(text);
	struct date date = take_date(&scan);
	if (scan.wrong || scan.at != scan.end)
		return RESULT_INVALID;
	if (!date_exists(date))
		return RESULT_RANGE;
	*ret_day = date_to_day(date.year, date.month, date.day);
	return RESULT_OK;
}

struct offset {
	int sign, hour, minute;
};

static struct offset take_offset(struct scan *scan)
{
	struct offset offset = {1, 0, 0};
	char c = take_char(scan);
	if (c == 'Z' || c == 'z')
		return offset;
	if (c != '+' && c != '-')
		scan->wrong = true;
	offset.sign = c == '-' ? -1 : 1;
	offset.hour = take_digits(scan, 2);
	take(scan, ':');
	offset.minute = take_digits(scan, 2);
	return offset;
}

/* Eight characters at once, the first in the lowest byte. A shape says what they are: `form` with a 0 for any digit; adding `room` to what a
 * character has more than that reaches the top bit of its byte, unless it is a digit, or just what it has to be. */
struct shape {
	uint64_t form, room;
};
static const struct shape year_month = {0x2d30302d30303030, 0x7f76767f76767676}; /* "0000-00-" */
static const struct shape clock_time = {0x30303a30303a3030, 0x76767f76767f7676}; /* "00:00:00" */

/* In byte i then stands the number that the digits i and i + 1 make. */
static bool read_shape(const char *at, struct shape shape, uint64_t *ret_pairs)
{
	uint64_t digits;
	memcpy(&digits, at, sizeof digits);
	digits = le64toh(digits) ^ shape.form;
	*ret_pairs = digits * 10 + (digits >> 8);
	return !((digits | (digits + shape.room)) & UINT64_C(0x8080808080808080));
}

static int pair_at(uint64_t pairs, int i)
{
	return (int)(pairs >> (8 * i) & 0xff);
}

struct date_and_time {
	struct date date;
	int hour, minute, second;
};

/* "2026-11-23T21:00:00"; what follows is for the scan. */
enum { TIME_FRONT = 19, DAY_AT = 8, BETWEEN_AT = 10, CLOCK_AT = 11 };

static struct date_and_time take_front(struct scan *scan)
{
	uint64_t date = 0, clock = 0;
	const char *at = scan->at;
	if (scan->end - at < TIME_FRONT || !read_shape(at, year_month, &date) ||
		!read_shape(at + CLOCK_AT, clock_time, &clock)) {
		scan->wrong = true;
		return (struct date_and_time){0};
	}
	unsigned tens = (unsigned)at[DAY_AT] - '0', ones = (unsigned)at[DAY_AT + 1] - '0';
	char between = at[BETWEEN_AT];
	scan->wrong |= tens > 9 || ones > 9 || (between != 'T' && between != 't' && between != ' ');
	scan->at += TIME_FRONT;
	return (struct date_and_time){
		.date = {pair_at(date, 0) * 100 + pair_at(date, 2), pair_at(date, 5), (int)(tens * 10 + ones)},
		.hour = pair_at(clock, 0),
		.minute = pair_at(clock, 3),
		.second = pair_at(clock, 6),
	};
}

/* ".123Z", as most have it, of what is at least so long. False: it is something else. */
static bool is_milliseconds(const char *at, int *ret_ms)
{
	unsigned hundreds = (unsigned)at[1] - '0', tens = (unsigned)at[2] - '0', ones = (unsigned)at[3] - '0';
	*ret_ms = (int)(hundreds * 100 + tens * 10 + ones);
	return at[0] == '.' && at[4] == 'Z' && hundreds <= 9 && tens <= 9 && ones <= 9;
}

enum result text_to_time(struct str text, int64_t *ret_ms)
{
	enum { USUAL = 24 };
	struct scan scan = scan_of(text);
	struct date_and_time time = take_front(&scan);
	struct offset offset = {1, 0, 0};
	int ms;
	if (text.length == USUAL && is_milliseconds(text.data + TIME_FRONT, &ms)) {
		scan.at = scan.end;
	} else {
		ms = take_fraction(&scan);
		offset = take_offset(&scan);
	}
	if (scan.wrong || scan.at != scan.end)
		return RESULT_INVALID;
	if (!date_exists(time.date) || time.hour > 23 || time.minute > 59 || time.second > 60 || offset.hour > 23 ||
		offset.minute > 59)
		return RESULT_RANGE;

	int64_t seconds = (int64_t)date_to_day(time.date.year, time.date.month, time.date.day) * DAY_SECONDS +
		time.hour * 3600 + time.minute * 60 + time.second -
		offset.sign * (offset.hour * 3600 + offset.minute * 60);
	if (seconds < 0 || seconds >= END_SECONDS)
		return RESULT_RANGE;
	*ret_ms = seconds * 1000 + (time.second == 60 ? 0 : ms);
	return RESULT_OK;
}

#define TIME_TEXT_MAX 40

/* Two times stand in every figure, so they are not left to printf. */
static char *put_digits(char *at, char before, int number, int width)
{
	if (before)
		*at++ = before;
	for (int i = width; i-- > 0; number /= 10)
		at[i] = (char)('0' + number % 10);
	return at + width;
}

void text_put_time(struct buf *buf, int64_t ms)
{
	int64_t day_ms = DAY_SECONDS * (int64_t)1000;
	int64_t day = ms / day_ms - (ms % day_ms < 0);
	int64_t rest = ms - day * day_ms;
	int second = (int)(rest / 1000);
	int year, month, day_of_month;
	char text[TIME_TEXT_MAX];
	date_of_day((int32_t)day, &year, &month, &day_of_month);
	char *at = put_digits(text, '\0', year, 4);
	at = put_digits(at, '-', month, 2);
	at = put_digits(at, '-', day_of_month, 2);
	at = put_digits(at, 'T', second / 3600, 2);
	at = put_digits(at, ':', second / 60 % 60, 2);
	at = put_digits(at, ':', second % 60, 2);
	if (rest % 1000)
		at = put_digits(at, '.', (int)(rest % 1000), 3);
	*at++ = 'Z';
	buf_put(buf, text, (size_t)(at - text));
}
