/*
 * http_date.c: dates of HTTP (RFC 9110 5.6.7). One form is written, three
 * are read, because old clients still send the other two. Calendar by
 * arithmetic: no time zone, no locale, no library call that depends on them.
 */
#include "http.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
static const char weekdays[] = "Sun\0Mon\0Tue\0Wed\0Thu\0Fri\0Sat";

const char *
http_month(int month)
{
    static const char names[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

    return month >= 1 && month <= 12 ? names[month - 1] : "???";
}

const char *
http_weekday(int weekday)
{
    return weekday >= 0 && weekday <= 6 ? weekdays + (size_t)weekday * 4
                                        : "???";
}

/* Days from 1970-01-01, counting years from March so that the leap day is
 * the last day of a year. */
static int64_t
days_of(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t in_era = y - era * 400;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year -
           719468;
}

struct http_clock
http_clock(int64_t unix_seconds)
{
    int64_t days = unix_seconds / 86400, rest = unix_seconds % 86400;
    struct http_clock c;
    int64_t era, in_era, year, in_year, month;

    if (rest < 0) {
        rest += 86400;
        days--;
    }
    c.hour = (int)(rest / 3600);
    c.minute = (int)(rest / 60 % 60);
    c.second = (int)(rest % 60);
    c.weekday = (int)(((days + 4) % 7 + 7) % 7); /* day 0 was a Thursday */
    days += 719468;
    era = (days >= 0 ? days : days - 146096) / 146097;
    in_era = days - era * 146097;
    year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    in_year = in_era - (365 * year + year / 4 - year / 100);
    month = (5 * in_year + 2) / 153;
    c.day = (int)(in_year - (153 * month + 2) / 5 + 1);
    c.month = (int)(month < 10 ? month + 3 : month - 9);
    c.year = (int)(year + era * 400 + (c.month <= 2));
    return c;
}

/* Two decimal digits. */
static char *
two(char *to, int n)
{
    *to++ = (char)('0' + n / 10 % 10);
    *to++ = (char)('0' + n % 10);
    return to;
}

/* Digit by digit: it is written twice for every answer. */
char *
http_date(int64_t unix_seconds, char buf[HTTP_DATE_LEN + 1])
{
    struct http_clock c = http_clock(unix_seconds);

    char *to = buf;

    memcpy(to, http_weekday(c.weekday), 3);
    memcpy(to + 3, ", ", 2);
    to = two(to + 5, c.day);
    *to = ' ';
    memcpy(to + 1, http_month(c.month), 3);
    to[4] = ' ';
    to = two(two(to + 5, c.year / 100), c.year % 100);
    *to = ' ';
    to = two(to + 1, c.hour);
    *to = ':';
    to = two(to + 1, c.minute);
    *to = ':';
    to = two(to + 1, c.second);
    memcpy(to, " GMT", 5);
    return buf;
}

/* A month's name of three letters: 1..12, or 0. */
static int
month_of(const char *name)
{
    for (int m = 0; m < 12; m++)
        if (memcmp(months + m * 3, name, 3) == 0)
            return m + 1;
    return 0;
}

static int
seconds_of(const struct http_clock *c, int64_t *out)
{
    static const int lengths[] = {
        31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (c->month < 1 || c->month > 12 || c->day < 1 ||
        c->day > lengths[c->month - 1] || c->hour > 23 || c->minute > 59 ||
        c->second > 60 || c->year < 1970)
        return -EINVAL;
    *out = days_of(c->year, c->month, c->day) * 86400 + c->hour * 3600 +
           c->minute * 60 + c->second;
    return 0;
}

int
http_date_parse(struct http_text t, int64_t *unix_seconds)
{
    struct http_clock c = {0};
    char text[48], month[4] = "";
    int used = 0;

    if (t.len < 8 || t.len >= sizeof(text) || memchr(t.at, 0, t.len))
        return -EINVAL;
    memcpy(text, t.at, t.len);
    text[t.len] = '\0';
    if (sscanf(text, "%*3[A-Za-z], %2d %3c %4d %2d:%2d:%2d GMT%n", &c.day,
            month, &c.year, &c.hour, &c.minute, &c.second, &used) == 6 &&
        (size_t)used == t.len) {
        c.month = month_of(month);
    } else if (sscanf(text, "%*9[A-Za-z], %2d-%3c-%2d %2d:%2d:%2d GMT%n",
                   &c.day, month, &c.year, &c.hour, &c.minute, &c.second,
                   &used) == 6 &&
               (size_t)used == t.len) {
        c.month = month_of(month);
        c.year += c.year < 70 ? 2000 : 1900;
    } else if (sscanf(text, "%*3[A-Za-z] %3c %2d %2d:%2d:%2d %4d%n", month,
                   &c.day, &c.hour, &c.minute, &c.second, &c.year,
                   &used) == 6 &&
               (size_t)used == t.len) {
        c.month = month_of(month);
    } else {
        return -EINVAL;
    }
    if (c.day < 0 || c.hour < 0 || c.minute < 0 || c.second < 0)
        return -EINVAL;
    return seconds_of(&c, unix_seconds);
}
