/* Times and dates as text: the rest of base/text.h. */
#include "base/text.h"
#include "base/zone.h"

enum { FIRST_YEAR = 1970, LAST_YEAR = 9999, DAY_SECONDS = 86400 };

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
		if (c < '0' || c > '9')
			scan->wrong = true;
		else
			value = value * 10 + (c - '0');
	}
	return value;
}

/* ".123", any number of digits, cut to ms; 0 where there is no fraction. */
static int take_fraction(struct scan *scan)
{
	if (scan->at == scan->end || *scan->at != '.')
		return 0;
	scan->at++;
	int ms = 0;
	int weight = 100;
	do {
		ms += take_digits(scan, 1) * weight;
		weight /= 10;
	} while (scan->at < scan->end && *scan->at >= '0' && *scan->at <= '9');
	return ms;
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

enum result text_to_time(struct str text, int64_t *ret_ms)
{
	struct scan scan = scan_of(text);
	struct date date = take_date(&scan);
	char between = take_char(&scan);
	int hour = take_digits(&scan, 2);
	take(&scan, ':');
	int minute = take_digits(&scan, 2);
	take(&scan, ':');
	int second = take_digits(&scan, 2);
	int ms = take_fraction(&scan);
	struct offset offset = take_offset(&scan);
	if (scan.wrong || scan.at != scan.end || (between != 'T' && between != 't' && between != ' '))
		return RESULT_INVALID;
	if (!date_exists(date) || hour > 23 || minute > 59 || second > 60 || offset.hour > 23 || offset.minute > 59)
		return RESULT_RANGE;

	int64_t seconds = (int64_t)date_to_day(date.year, date.month, date.day) * DAY_SECONDS + hour * 3600 +
		minute * 60 + second - offset.sign * (offset.hour * 3600 + offset.minute * 60);
	int64_t end = (int64_t)date_to_day(LAST_YEAR + 1, 1, 1) * DAY_SECONDS;
	if (seconds < 0 || seconds >= end)
		return RESULT_RANGE;
	*ret_ms = seconds * 1000 + (second == 60 ? 0 : ms);
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
