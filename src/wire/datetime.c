#include "wire/datetime.h"

#include <stddef.h>

#define DAY_MS INT64_C(86400000)
#define ERA_DAYS 146097	 /* 400 years */
#define EPOCH_DAY 719468 /* 1970-01-01, counted from 0000-03-01 */
/* 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999Z */
#define FIRST_MS INT64_C(-62167219200000)
#define LAST_MS INT64_C(253402300799999)
/* xs:dateTime allows no more. */
#define OFFSET_MAX_MIN (14 * 60)

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int
month_days(int year, int month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year) ? 1 : 0);
}

/*
 * Both ways count from 1 March of the year 0, so that the leap day is the last
 * of its year and 153 days make five months.
 */
static int64_t
days_from_date(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * ERA_DAYS + doe - EPOCH_DAY;
}

void
datetime_from_ms(int64_t ms, struct datetime *out)
{
	uint32_t days, rest, era, doe, yoe, doy, mp;

	if (ms < FIRST_MS)
		ms = FIRST_MS;
	if (ms > LAST_MS)
		ms = LAST_MS;
	/* From 1 March of the year -400 on, so that nothing is negative and 32 bits are enough. */
	ms += (EPOCH_DAY + ERA_DAYS) * DAY_MS;
	days = (uint32_t)(ms / DAY_MS);
	rest = (uint32_t)(ms % DAY_MS);
	era = days / ERA_DAYS;
	doe = days % ERA_DAYS;
	yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	mp = (5 * doy + 2) / 153;
	out->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	out->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	out->year = (int)(yoe + era * 400) - 400 + (out->month <= 2 ? 1 : 0);
	out->ms = (int)(rest % 1000);
	rest /= 1000;
	out->second = (int)(rest % 60);
	rest /= 60;
	out->minute = (int)(rest % 60);
	out->hour = (int)(rest / 60);
}

int64_t
datetime_to_ms(const struct datetime *dt)
{
	int64_t ms = days_from_date(dt->year, dt->month, dt->day) * DAY_MS;

	return ms + ((dt->hour * INT64_C(60) + dt->minute) * 60 + dt->second) * 1000 + dt->ms;
}

static char *
put2(char *at, int n)
{
	*at++ = (char)('0' + n / 10);
	*at++ = (char)('0' + n % 10);
	return at;
}

/* All but the zone. */
static char *
put_local(char *at, const struct datetime *dt)
{
	at = put2(at, dt->year / 100);
	at = put2(at, dt->year % 100);
	*at++ = '-';
	at = put2(at, dt->month);
	*at++ = '-';
	at = put2(at, dt->day);
	*at++ = 'T';
	at = put2(at, dt->hour);
	*at++ = ':';
	at = put2(at, dt->minute);
	*at++ = ':';
	return put2(at, dt->second);
}

void
datetime_print(int64_t ms, char out[DATETIME_SIZE])
{
	struct datetime dt;
	char *at;

	datetime_from_ms(ms, &dt);
	at = put_local(out, &dt);
	*at++ = 'Z';
	*at = '\0';
}

void
datetime_print_ms(int64_t ms, char out[DATETIME_MS_SIZE])
{
	struct datetime dt;
	char *at;

	datetime_from_ms(ms, &dt);
	at = put_local(out, &dt);
	*at++ = '.';
	*at++ = (char)('0' + dt.ms / 100);
	at = put2(at, dt.ms % 100);
	*at++ = 'Z';
	*at = '\0';
}

/* Take N digits from *S; false, at the first that is none. */
static bool
take_digits(const char **s, int n, int *out)
{
	const char *at = *s;

	*out = 0;
	while (n-- > 0) {
		if (*at < '0' || *at > '9')
			return false;
		*out = *out * 10 + (*at++ - '0');
	}
	*s = at;
	return true;
}

static bool
take_char(const char **s, char c)
{
	if (**s != c)
		return false;
	(*s)++;
	return true;
}

static bool
take_fraction(const char **s, int *ms)
{
	int unit = 100;

	*ms = 0;
	if (!take_char(s, '.'))
		return true;
	if (**s < '0' || **s > '9')
		return false;
	while (**s >= '0' && **s <= '9') {
		*ms += (**s - '0') * unit;
		unit /= 10;
		(*s)++;
	}
	return true;
}

static bool
take_zone(const char **s, int *minutes)
{
	int hour, minute, sign;

	*minutes = 0;
	if (take_char(s, 'Z'))
		return true;
	sign = **s == '-' ? -1 : 1;
	if (!take_char(s, '+') && !take_char(s, '-'))
		return false;
	if (!take_digits(s, 2, &hour) || !take_char(s, ':') || !take_digits(s, 2, &minute))
		return false;
	if (minute > 59 || hour * 60 + minute > OFFSET_MAX_MIN)
		return false;
	*minutes = sign * (hour * 60 + minute);
	return true;
}

bool
datetime_parse(const char *s, int64_t *ms)
{
	struct datetime dt;
	int offset;

	if (s == NULL)
		return false;
	if (!take_digits(&s, 4, &dt.year) || !take_char(&s, '-') || !take_digits(&s, 2, &dt.month) ||
	    !take_char(&s, '-') || !take_digits(&s, 2, &dt.day) || !take_char(&s, 'T') ||
	    !take_digits(&s, 2, &dt.hour) || !take_char(&s, ':') || !take_digits(&s, 2, &dt.minute) ||
	    !take_char(&s, ':') || !take_digits(&s, 2, &dt.second) || !take_fraction(&s, &dt.ms) ||
	    !take_zone(&s, &offset) || *s != '\0')
		return false;
	if (dt.month < 1 || dt.month > 12 || dt.day < 1 || dt.day > month_days(dt.year, dt.month) || dt.hour > 23 ||
	    dt.minute > 59 || dt.second > 59)
		return false;
	*ms = datetime_to_ms(&dt) - offset * INT64_C(60000);
	return true;
}
