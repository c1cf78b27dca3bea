/* SPDX-License-Identifier: ISC */
#include <stddef.h>
#include <stdio.h>
#include <time.h>

#include "moment.h"

/* Reads exactly so many digits, of a number from lowest to highest. */
static bool
digits(const char **at, int count, int lowest, int highest, int *value)
{
	int v = 0;

	for (; count > 0; count--, (*at)++) {
		if (**at < '0' || **at > '9')
			return false;
		v = v * 10 + (**at - '0');
	}
	*value = v;
	return v >= lowest && v <= highest;
}

static bool
one_of(const char **at, const char *set)
{
	for (; *set != '\0'; set++) {
		if (**at == *set) {
			(*at)++;
			return true;
		}
	}
	return false;
}

static int
days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static bool
date(const char **at, struct tm *tm)
{
	int year;
	int month;

	if (!digits(at, 4, 1970, 9999, &year) || !one_of(at, "-") ||
	    !digits(at, 2, 1, 12, &month) || !one_of(at, "-") ||
	    !digits(at, 2, 1, days_in_month(year, month), &tm->tm_mday))
		return false;
	tm->tm_year = year - 1900;
	tm->tm_mon = month - 1;
	return true;
}

static bool
clock_time(const char **at, struct tm *tm)
{
	if (!digits(at, 2, 0, 23, &tm->tm_hour) || !one_of(at, ":") ||
	    !digits(at, 2, 0, 59, &tm->tm_min) || !one_of(at, ":") ||
	    !digits(at, 2, 0, 59, &tm->tm_sec))
		return false;
	if (!one_of(at, "."))
		return true;
	if (**at < '0' || **at > '9')
		return false;
	while (**at >= '0' && **at <= '9')
		(*at)++;
	return true;
}

/* How far the clock of that zone is ahead of UTC, in seconds. */
static bool
zone(const char **at, int *offset)
{
	int sign = **at == '-' ? -1 : 1;
	int hours;
	int minutes;

	*offset = 0;
	if (one_of(at, "Zz"))
		return true;
	if (!one_of(at, "+-") || !digits(at, 2, 0, 23, &hours) ||
	    !one_of(at, ":") || !digits(at, 2, 0, 59, &minutes))
		return false;
	*offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool
moment_parse(const char *text, int64_t *when)
{
	struct tm tm = { 0 };
	int offset = 0;

	*when = 0;
	if (!date(&text, &tm))
		return false;
	if (*text != '\0' &&
	    (!one_of(&text, "Tt ") || !clock_time(&text, &tm) ||
		!zone(&text, &offset) || *text != '\0'))
		return false;
	*when = (int64_t)timegm(&tm) - offset;
	return true;
}

const char *
moment_text(int64_t when, char *text)
{
	time_t t = (time_t)when;
	struct tm tm;

	if (when == 0)
		snprintf(text, MOMENT_SIZE, "never");
	else if (when < 0 || when > MOMENT_MAX || gmtime_r(&t, &tm) == NULL)
		snprintf(text, MOMENT_SIZE, "%lld", (long long)when);
	else
		strftime(text, MOMENT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
	return text;
}
