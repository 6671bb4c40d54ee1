/* Zones of time: Java's names for them, and the database's files (TZif, RFC 8536) behind most. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "spark/time.h"

#define FOLDER "/usr/share/zoneinfo/"
enum { FILE_MAX = 256 << 10, OFFSET_MAX_S = 18 * 3600, NAME_MAX_BYTES = 80 };

/* One end of daylight saving of a POSIX rule: "M3.5.0/2". */
struct change {
	char kind; /* 'M' month, week, day of the week; 'J' day 1 to 365 without leap days; 'D' day 0 to 365 */
	int month, week, day;
	int32_t at_s; /* on the wall clock then */
};
struct sp_zone {
	struct slice name;      /* as it was given */
	struct slice id;        /* ZoneId.getId(): "+08:00", "GMT+01:00", "America/Los_Angeles" */
	int32_t offset;         /* where n is 0 and no rule is there */
	size_t n;               /* transitions */
	int64_t *at;            /* n: instants in seconds */
	int32_t *offsets;       /* n + 1: before the first, behind each */
	const char **short_names; /* n + 1 */
	bool rule;              /* behind the last transition: by a rule */
	bool summer;            /* the rule has daylight saving */
	int32_t std, dst;
	struct slice std_name, dst_name;
	struct change begin, end;
};

/* ---- names ---- */

static const struct {
	const char *id, *is;
} short_ids[] = {
	{ "ACT", "Australia/Darwin" }, { "AET", "Australia/Sydney" }, { "AGT", "America/Argentina/Buenos_Aires" }, { "ART", "Africa/Cairo" },
	{ "AST", "America/Anchorage" }, { "BET", "America/Sao_Paulo" }, { "BST", "Asia/Dhaka" }, { "CAT", "Africa/Harare" },
	{ "CNT", "America/St_Johns" }, { "CST", "America/Chicago" }, { "CTT", "Asia/Shanghai" }, { "EAT", "Africa/Addis_Ababa" },
	{ "ECT", "Europe/Paris" }, { "EST", "-05:00" }, { "HST", "-10:00" }, { "IET", "America/Indiana/Indianapolis" },
	{ "IST", "Asia/Kolkata" }, { "JST", "Asia/Tokyo" }, { "MIT", "Pacific/Apia" }, { "MST", "-07:00" }, { "NET", "Asia/Yerevan" },
	{ "NST", "Pacific/Auckland" }, { "PLT", "Asia/Karachi" }, { "PNT", "America/Phoenix" }, { "PRT", "America/Puerto_Rico" },
	{ "PST", "America/Los_Angeles" }, { "SST", "Pacific/Guadalcanal" }, { "VST", "Asia/Ho_Chi_Minh" },
};
/* What the database has beside zones, and zones that Java doesn't have. */
static const char *const no_zones[] = { "localtime", "posixrules", "Factory", "EST", "HST", "MST", "ROC" };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* ZoneOffset.of: Z, +h, +hh, +hhmm, +hh:mm, +hhmmss, +hh:mm:ss. */
static bool offset_of(struct slice s, int32_t *out)
{
	static const char *const forms[] = { "0", "00", "0000", "00:00", "000000", "00:00:00" };
	int part[3] = { 0 };
	if (sl_eqs(s, "Z")) {
		*out = 0;
		return true;
	}
	if (s.n < 2 || (s.p[0] != '+' && s.p[0] != '-'))
		return false;
	for (size_t f = 0; f < ARRAY_LEN(forms); f++) {
		size_t digits = 0, i = 0;
		if (strlen(forms[f]) != s.n - 1)
			continue;
		part[0] = part[1] = part[2] = 0;
		for (; i < s.n - 1; i++) {
			char c = s.p[i + 1];
			if (forms[f][i] == ':' ? c != ':' : !is_digit(c))
				break;
			if (c != ':')
				part[f == 0 ? 0 : digits / 2] = part[f == 0 ? 0 : digits / 2] * 10 + c - '0', digits++;
		}
		if (i < s.n - 1)
			continue;
		*out = part[0] * 3600 + part[1] * 60 + part[2];
		if (part[0] > 18 || part[1] > 59 || part[2] > 59 || *out > OFFSET_MAX_S)
			return false;
		*out = s.p[0] == '-' ? -*out : *out;
		return true;
	}
	return false;
}

/* "+8:00" gets its zero, and "+08:5". */
static struct slice spark_form(struct slice s, char room[NAME_MAX_BYTES])
{
	for (size_t i = 0; i + 2 < s.n && s.n + 1 < NAME_MAX_BYTES; i++)
		if ((s.p[i] == '+' || s.p[i] == '-') && is_digit(s.p[i + 1]) && s.p[i + 2] == ':') {
			memcpy(room, s.p, i + 1);
			room[i + 1] = '0';
			memcpy(room + i + 2, s.p + i + 1, s.n - i - 1);
			s = (struct slice){ room, s.n + 1 };
			break;
		}
	if (s.n >= 5 && s.n + 1 < NAME_MAX_BYTES) {
		const char *e = s.p + s.n - 5;
		if ((e[0] == '+' || e[0] == '-') && is_digit(e[1]) && is_digit(e[2]) && e[3] == ':' && is_digit(e[4])) {
			memmove(room, s.p, s.n);
			room[s.n] = room[s.n - 1];
			room[s.n - 1] = '0';
			s = (struct slice){ room, s.n + 1 };
		}
	}
	return s;
}

/* ---- the database's files ---- */

/* A region's file, in memory of malloc; absent: there is none. */
static struct slice read_file(struct slice name)
{
	char path[sizeof(FOLDER) + NAME_MAX_BYTES];
	struct slice none = sl(NULL);
	char *p;
	ssize_t n, got = 0;
	int fd;
	if (name.n < 2 || name.n >= NAME_MAX_BYTES || sl_starts(name, S("posix/")) || sl_starts(name, S("right/")))
		return none;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!letter && (i == 0 || (!is_digit(c) && !strchr("~/_+-", c)))) /* no dot: nobody leaves the folder */
			return none;
	}
	for (size_t i = 0; i < ARRAY_LEN(no_zones); i++)
		if (sl_eqs(name, no_zones[i]))
			return none;
	(void)snprintf(path, sizeof(path), FOLDER "%.*s", SL(name));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return none;
	p = xmalloc(FILE_MAX);
	while (got < FILE_MAX) {
		n = read(fd, p + got, (size_t)(FILE_MAX - got));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		got += n;
	}
	(void)close(fd);
	if (got < 44 || memcmp(p, "TZif", 4) != 0) {
		free(p);
		return none;
	}
	return sl_of(p, (size_t)got);
}

/* "<+03>-3", "CET-1CEST,M3.5.0,M10.5.0/3": what holds behind the last transition. */
static bool rule_name(struct slice *s, struct slice *name)
{
	size_t n = 0;
	bool quoted = s->n && s->p[0] == '<';
	*s = quoted ? sl_from(*s, 1) : *s;
	while (n < s->n && (quoted ? s->p[n] != '>' : (s->p[n] | 32) >= 'a' && (s->p[n] | 32) <= 'z'))
		n++;
	*name = sl_of(s->p, n);
	*s = sl_from(*s, n + (quoted ? 1 : 0));
	return n > 0;
}

static bool rule_number(struct slice *s, int *out)
{
	int v = 0;
	size_t n = 0;
	for (; n < s->n && n < 6 && is_digit(s->p[n]); n++)
		v = v * 10 + s->p[n] - '0';
	*out = v;
	*s = sl_from(*s, n);
	return n > 0;
}

/* [+-]h[:m[:s]] */
static bool rule_time(struct slice *s, int32_t *out)
{
	int sign = 1, v = 0, unit = 3600;
	if (s->n && (s->p[0] == '-' || s->p[0] == '+')) {
		sign = s->p[0] == '-' ? -1 : 1;
		*s = sl_from(*s, 1);
	}
	if (!rule_number(s, &v))
		return false;
	*out = v * unit;
	while (unit > 1 && s->n && s->p[0] == ':') {
		*s = sl_from(*s, 1);
		unit /= 60;
		if (!rule_number(s, &v))
			return false;
		*out += v * unit;
	}
	*out *= sign;
	return true;
}

static bool rule_change(struct slice *s, struct change *c)
{
	*c = (struct change){ .kind = 'D', .at_s = 7200 };
	if (!s->n || s->p[0] != ',')
		return false;
	*s = sl_from(*s, 1);
	if (s->n && (s->p[0] == 'M' || s->p[0] == 'J')) {
		c->kind = s->p[0];
		*s = sl_from(*s, 1);
	}
	if (c->kind == 'M') {
		if (!rule_number(s, &c->month) || !s->n || s->p[0] != '.')
			return false;
		*s = sl_from(*s, 1);
		if (!rule_number(s, &c->week) || !s->n || s->p[0] != '.')
			return false;
		*s = sl_from(*s, 1);
		if (c->month < 1 || c->month > 12 || c->week < 1 || c->week > 5)
			return false;
	}
	if (!rule_number(s, &c->day))
		return false;
	if (s->n && s->p[0] == '/') {
		*s = sl_from(*s, 1);
		return rule_time(s, &c->at_s);
	}
	return true;
}

static bool read_rule(struct sp_zone *z, struct arena *a, struct slice s)
{
	s = arena_dup(a, s);
	if (!rule_name(&s, &z->std_name) || !rule_time(&s, &z->std))
		return false;
	z->std = -z->std;
	if (!s.n)
		return true;
	if (!rule_name(&s, &z->dst_name))
		return false;
	z->dst = z->std + 3600;
	if (s.n && s.p[0] != ',') {
		if (!rule_time(&s, &z->dst))
			return false;
		z->dst = -z->dst;
	}
	z->summer = true;
	return rule_change(&s, &z->begin) && rule_change(&s, &z->end) && !s.n;
}

/* The 64-bit part of a file, which stands behind the 32-bit one. */
static bool read_zone(struct sp_zone *z, struct arena *a, struct slice file)
{
	struct rd r = rd_of(file.p, file.n);
	uint32_t counts[6];
	uint32_t types, chars;
	struct slice indexes, infos, names;
	for (int part = 0; part < 2; part++) {
		(void)rd_bytes(&r, 20);
		for (int i = 0; i < 6; i++) /* of: utc, std, leap, transitions, types, characters */
			counts[i] = rd_u32be(&r);
		if (r.bad || counts[3] > FILE_MAX || counts[4] > 256 || counts[5] > FILE_MAX || counts[2] > FILE_MAX)
			return false;
		if (part == 0)
			(void)rd_bytes(&r, (size_t)counts[3] * 5 + counts[4] * 6 + counts[5] + (size_t)counts[2] * 8 + counts[1] + counts[0]);
	}
	z->n = counts[3];
	types = counts[4];
	chars = counts[5];
	z->at = arena_alloc(a, (z->n + 1) * sizeof(*z->at));
	z->offsets = arena_alloc(a, (z->n + 1) * sizeof(*z->offsets));
	z->short_names = arena_alloc(a, (z->n + 1) * sizeof(*z->short_names));
	for (size_t i = 0; i < z->n; i++) {
		uint64_t hi = rd_u32be(&r);
		z->at[i] = (int64_t)(hi << 32 | rd_u32be(&r));
	}
	indexes = rd_bytes(&r, z->n);
	infos = rd_bytes(&r, (size_t)types * 6);
	names = rd_bytes(&r, chars);
	(void)rd_bytes(&r, (size_t)counts[2] * 12 + counts[1] + counts[0]);
	if (r.bad || !types || !chars || names.p[chars - 1])
		return false;
	names = arena_dup(a, names);
	for (size_t i = 0; i <= z->n; i++) {
		uint8_t type = i ? (uint8_t)indexes.p[i - 1] : 0;
		struct rd info = rd_of(infos.p + (type < types ? type : 0) * 6, 6);
		z->offsets[i] = (int32_t)rd_u32be(&info);
		(void)rd_u8(&info);
		uint8_t at = rd_u8(&info);
		z->short_names[i] = names.p + (at < chars ? at : 0);
		if (type >= types || (i > 1 && z->at[i - 1] <= z->at[i - 2]) || z->offsets[i] > 26 * 3600 || z->offsets[i] < -26 * 3600)
			return false;
	}
	if (r.n > 2 && r.p[0] == '\n' && r.p[r.n - 1] == '\n')
		z->rule = read_rule(z, a, sl_of(r.p + 1, r.n - 2));
	return true;
}

static bool region(struct sp_zone *z, struct arena *a, struct slice name)
{
	struct slice file = read_file(name);
	bool good = file.p && read_zone(z, a, file);
	free((void *)file.p);
	return good;
}

const struct sp_zone *sp_zone_make(struct arena *a, struct slice name)
{
	static const char *const prefixes[] = { "UTC", "GMT", "UT" };
	char room[NAME_MAX_BYTES];
	struct sp_zone *z;
	struct slice s, rest = sl(NULL);
	int32_t offset = 0;
	bool good = false, found = false;
	if (name.n >= NAME_MAX_BYTES)
		return NULL;
	s = spark_form(name, room);
	for (size_t i = 0; i < ARRAY_LEN(short_ids); i++)
		if (sl_eqs(s, short_ids[i].id)) {
			s = sl(short_ids[i].is);
			break;
		}
	z = arena_alloc(a, sizeof(*z));
	z->name = arena_dup(a, name);
	z->id = arena_dup(a, s);
	if (s.n <= 1 || s.p[0] == '+' || s.p[0] == '-') {
		good = offset_of(s, &offset);
		found = true;
	}
	for (size_t i = 0; i < ARRAY_LEN(prefixes) && !found; i++)
		if (sl_after(s, sl(prefixes[i]), &rest)) {
			found = !rest.n || rest.p[0] == '+' || rest.p[0] == '-';
			good = !rest.n || (found && offset_of(rest, &offset));
			break;
		}
	if (!found)
		return region(z, a, s) ? z : NULL;
	z->offset = offset;
	if (good) {
		struct buf id = { 0 };
		buf_add(&id, s.p, rest.p ? s.n - rest.n : 0);
		if (offset || !rest.p)
			sp_print_offset(&id, offset);
		z->id = arena_dup(a, buf_slice(&id));
		buf_free(&id);
	}
	return good ? z : NULL;
}

void sp_print_offset(struct buf *b, int32_t offset_s)
{
	int s = abs(offset_s);
	if (!s)
		buf_addc(b, 'Z');
	else
		buf_addf(b, "%c%02d:%02d", offset_s < 0 ? '-' : '+', s / 3600, s / 60 % 60);
	if (s % 60)
		buf_addf(b, ":%02d", s % 60);
}

struct slice sp_zone_id(const struct sp_zone *z)
{
	return z ? z->id : S("UTC");
}

struct slice sp_zone_name(const struct sp_zone *z)
{
	return z ? z->name : S("UTC");
}

bool sp_zone_fixed(const struct sp_zone *z, int32_t *offset_s)
{
	if (z && (z->n || (z->rule && z->summer)))
		return false;
	*offset_s = !z ? 0 : z->offsets ? z->offsets[0] : z->offset;
	return true;
}

/* ---- from and to UTC ---- */

/* When a change comes in a year, in seconds of the wall clock. */
static int64_t change_local(const struct change *c, int64_t year)
{
	int64_t day;
	if (c->kind == 'M') {
		int64_t first = sp_days(year, c->month, 1);
		int skip = (c->day - sp_day_of_week(first) % 7 + 7) % 7 + (c->week - 1) * 7;
		day = first + (skip >= sp_month_days(year, c->month) ? skip - 7 : skip);
	} else if (c->kind == 'J') {
		day = sp_days(year, 1, 1) + c->day - 1 + (c->day > 59 && sp_is_leap(year));
	} else {
		day = sp_days(year, 1, 1) + c->day;
	}
	return day * SP_DAY_S + c->at_s;
}

/* By the rule; s is an instant, or with local a wall time. A time that a change leaves out or brings twice has the offset before it. */
static bool rule_summer(const struct sp_zone *z, int64_t s, bool local)
{
	int64_t year, begin, end, gain;
	int m, d;
	if (!z->summer)
		return false;
	sp_civil(sp_floor_div(local ? s : s + z->std, SP_DAY_S), &year, &m, &d);
	begin = change_local(&z->begin, year);
	end = change_local(&z->end, year);
	gain = z->dst - z->std;
	if (local) {
		begin += gain > 0 ? gain : 0;
		end += gain < 0 ? -gain : 0;
	} else {
		begin -= z->std;
		end -= z->dst;
	}
	return begin < end ? s >= begin && s < end : s >= begin || s < end;
}

/* How many transitions lie at or before an instant. */
static size_t passed(const struct sp_zone *z, int64_t s)
{
	size_t lo = 0, hi = z->n;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		if (z->at[mid] <= s)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

int32_t sp_zone_offset(const struct sp_zone *z, int64_t us)
{
	int64_t s = sp_floor_div(us, SP_US);
	size_t i;
	if (!z)
		return 0;
	if (!z->offsets)
		return z->offset;
	i = passed(z, s);
	if (i == z->n && z->rule)
		return rule_summer(z, s, false) ? z->dst : z->std;
	return z->offsets[i];
}

int32_t sp_zone_offset_near(const struct sp_zone *z, int64_t us, struct sp_zone_near *near)
{
	if (us >= near->from && us < near->to)
		return near->offset;
	near->offset = sp_zone_offset(z, us);
	near->from = near->to = us;
	if (z && z->offsets) {
		size_t i = passed(z, sp_floor_div(us, SP_US));
		if (i == z->n) /* by the rule, or for ever: an hour at a time is enough */
			near->to = us + (z->rule ? SP_US : INT64_C(3600) * SP_US);
		else if (i > 0)
			near->from = z->at[i - 1] * SP_US, near->to = z->at[i] * SP_US;
	}
	return near->offset;
}

struct slice sp_zone_short(const struct sp_zone *z, int64_t us)
{
	int64_t s = sp_floor_div(us, SP_US);
	size_t i = z && z->offsets ? passed(z, s) : 0;
	if (!z || !z->offsets)
		return sp_zone_id(z);
	if (i == z->n && z->rule)
		return rule_summer(z, s, false) ? z->dst_name : z->std_name;
	return sl(z->short_names[i]);
}

int64_t sp_to_local(const struct sp_zone *z, int64_t us)
{
	return (int64_t)((uint64_t)us + (uint64_t)((int64_t)sp_zone_offset(z, us) * SP_US)); /* at the ends of time it wraps */
}

int64_t sp_to_utc(const struct sp_zone *z, int64_t local_us)
{
	int64_t s = sp_floor_div(local_us, SP_US);
	size_t lo = 0, hi;
	int32_t offset;
	if (!z)
		return local_us;
	if (!z->offsets)
		return (int64_t)((uint64_t)local_us - (uint64_t)((int64_t)z->offset * SP_US));
	for (hi = z->n; lo < hi;) { /* the first transition that this wall time isn't behind by either offset */
		size_t mid = (lo + hi) / 2;
		int32_t before = z->offsets[mid], behind = z->offsets[mid + 1];
		if (z->at[mid] + (before > behind ? before : behind) <= s)
			lo = mid + 1;
		else
			hi = mid;
	}
	offset = lo == z->n && z->rule ? (rule_summer(z, s, true) ? z->dst : z->std) : z->offsets[lo];
	return (int64_t)((uint64_t)local_us - (uint64_t)((int64_t)offset * SP_US));
}

int64_t sp_day_start(const struct sp_zone *z, int64_t days)
{
	return sp_to_utc(z, days * SP_DAY_US);
}
