#include "watch/stamp.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/*
 * N digits at *S as a number, and step over them.  -1: they aren't there.
 */
static int
number(const char **s, size_t n)
{
	int value = 0;

	for (; n > 0; n--, (*s)++) {
		if (**s < '0' || **s > '9')
			return -1;
		value = value * 10 + (**s - '0');
	}
	return value;
}

static bool
skip(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static bool
leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Days from 1970-01-01 to YEAR-01-01. */
static int64_t
days_before(int year)
{
	int64_t y = year - 1;

	/* The year 0, which a zone can lead to, is before the ones that these count. */
	return year > 0 ? y * 365 + y / 4 - y / 100 + y / 400 - 719162 : -719528;
}

static int
month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && leap(year) ? 1 : 0);
}

/* The zone at *S in seconds east of UTC. */
static bool
zone(const char **s, int *offset)
{
	int sign, hours, minutes;

	*offset = 0;
	if (skip(s, 'Z'))
		return true;
	sign = **s == '-' ? -1 : 1;
	if (!skip(s, '+') && !skip(s, '-'))
		return false;
	hours = number(s, 2);
	if (hours < 0 || hours > 14 || !skip(s, ':'))
		return false;
	minutes = number(s, 2);
	if (minutes < 0 || minutes > 59)
		return false;
	*offset = sign * (hours * 3600 + minutes * 60);
	return true;
}

bool
stamp_parse(const char *s, int64_t *t)
{
	int year, month, day, hour, minute, second, offset, m;
	int64_t days;

	if (s == NULL)
		return false;
	if ((year = number(&s, 4)) < 1 || !skip(&s, '-') || (month = number(&s, 2)) < 1 || month > 12 ||
	    !skip(&s, '-') || (day = number(&s, 2)) < 1 || day > month_days(year, month) || !skip(&s, 'T') ||
	    (hour = number(&s, 2)) < 0 || hour > 23 || !skip(&s, ':') || (minute = number(&s, 2)) < 0 || minute > 59 ||
	    !skip(&s, ':') || (second = number(&s, 2)) < 0 || second > 60)
		return false;
	if (skip(&s, '.')) {
		if (number(&s, 1) < 0)
			return false;
		while (number(&s, 1) >= 0)
			;
	}
	if (!zone(&s, &offset) || *s != '\0')
		return false;
	days = days_before(year) + day - 1;
	for (m = 1; m < month; m++)
		days += month_days(year, m);
	*t = days * 86400 + hour * 3600 + minute * 60 + second - offset;
	return true;
}

void
stamp_put(char out[STAMP_SIZE], int64_t t)
{
	int64_t days, rest;
	int year, month;

	out[0] = '\0';
	if (t == STAMP_NONE)
		return;
	days = t / 86400;
	rest = t % 86400;
	if (rest < 0) {
		rest += 86400;
		days--;
	}
	year = (int)(1970 + days / 366);
	if (days < 0)
		year = (int)(1970 + days / 365 - 1);
	while (days_before(year + 1) <= days)
		year++;
	days -= days_before(year);
	for (month = 1; days >= month_days(year, month); month++)
		days -= month_days(year, month);
	snprintf(out, STAMP_SIZE, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, (int)days + 1, (int)(rest / 3600),
	    (int)(rest / 60 % 60), (int)(rest % 60));
}

void
stamp_age(char out[STAMP_SIZE], int64_t t, int64_t now)
{
	int64_t age;

	out[0] = '\0';
	if (t == STAMP_NONE)
		return;
	age = now > t ? now - t : 0;
	if (age < 60)
		snprintf(out, STAMP_SIZE, "%" PRId64 "s", age);
	else if (age < 60 * 60)
		snprintf(out, STAMP_SIZE, "%" PRId64 "m", age / 60);
	else if (age < 48 * 60 * 60)
		snprintf(out, STAMP_SIZE, "%" PRId64 "h", age / 3600);
	else if (age < 1000 * (int64_t)86400)
		snprintf(out, STAMP_SIZE, "%" PRId64 "d", age / 86400);
	else if (age < 1000 * 365 * (int64_t)86400)
		snprintf(out, STAMP_SIZE, "%" PRId64 "y", age / (365 * 86400));
	else
		snprintf(out, STAMP_SIZE, "999y");
}
