#include "connect/joda.h"

#include "spark/time.h"

/* Ids without a folder; Java's other short ones (PST, CTT) are none of Joda's. */
static const char bare[] = " CET CST6CDT Cuba EET EST EST5EDT Egypt Eire GB GB-Eire GMT+0 GMT-0 GMT0 Greenwich HST Hongkong Iceland Iran "
			   "Israel Jamaica Japan Kwajalein Libya MET MST MST7MDT NZ NZ-CHAT Navajo PRC PST8PDT Poland Portugal ROC ROK Singapore "
			   "Turkey UCT Universal W-SU WET Zulu ";

static bool is_bare(struct slice id)
{
	char word[24];
	if (id.n == 0 || id.n > 16 || sl_chr(id, ' ') >= 0)
		return false;
	(void)snprintf(word, sizeof(word), " %.*s ", SL(id));
	return strstr(bare, word) != NULL;
}

static bool known_name(struct slice id)
{
	if (sl_chr(id, '/') < 0)
		return is_bare(id);
	return id.p[0] >= 'A' && id.p[0] <= 'Z' && !sl_starts(id, S("SystemV/")) && !sl_eq(id, S("US/Pacific-New"));
}

static int digits_at(struct slice s, size_t at, size_t most)
{
	size_t n = 0;
	while (n < most && at + n < s.n && s.p[at + n] >= '0' && s.p[at + n] <= '9')
		n++;
	return (int)n;
}

static int number_at(struct slice s, size_t at, int n)
{
	int v = 0;
	for (int i = 0; i < n; i++)
		v = v * 10 + s.p[at + (size_t)i] - '0';
	return v;
}

ssize_t joda_offset(struct slice s, size_t at, int64_t *ms)
{
	static const int64_t units[] = { 3600000, 60000, 1000, 1 };
	bool minus, parted = false;
	int64_t sum = 0;
	if (at >= s.n || (s.p[at] != '+' && s.p[at] != '-'))
		return ~(ssize_t)at;
	minus = s.p[at++] == '-';
	for (int f = 0; f < 4; f++) {
		int width = f == 3 ? 3 : 2, n;
		size_t from = at;
		if (f && at >= s.n)
			break;
		if (f == 1)
			parted = s.p[at] == ':';
		if (f && parted && s.p[at] != (f == 3 ? '.' : ':') && !(f == 3 && s.p[at] == ','))
			break;
		from += f && parted;
		n = digits_at(s, from, (size_t)width);
		if (f && !n && !parted)
			break;
		if (f < 3 ? n < 2 : n < 1)
			return ~(ssize_t)from;
		int v = number_at(s, from, n);
		if (v > (f == 0 ? 23 : f < 3 ? 59 : 999))
			return ~(ssize_t)from;
		for (int i = n; i < width; i++)
			v *= 10;
		sum += v * units[f];
		at = from + (size_t)n;
	}
	*ms = minus ? -sum : sum;
	return (ssize_t)at;
}

int joda_malformed(struct slice text, size_t at, struct error *err)
{
	struct slice shown = text.n <= at + 35 ? text : sl_of(text.p, at + 32);
	const char *more = shown.n < text.n ? "..." : "";
	if (at == 0)
		return err_set(err, ERR_INVALID, "Invalid format: \"%.*s%s\"", SL(shown), more);
	if (at >= text.n)
		return err_set(err, ERR_INVALID, "Invalid format: \"%.*s%s\" is too short", SL(shown), more);
	return err_set(err, ERR_INVALID, "Invalid format: \"%.*s%s\" is malformed at \"%.*s%s\"", SL(shown), more, SL(sl_from(shown, at)), more);
}

static int fixed(struct slice s, struct joda_zone *out, struct error *err)
{
	int64_t rest;
	ssize_t end = joda_offset(s, 0, &out->offset_ms);
	if (end < 0 || (size_t)end < s.n)
		return joda_malformed(s, (size_t)(end < 0 ? ~end : end), err);
	int64_t v = out->offset_ms < 0 ? -out->offset_ms : out->offset_ms;
	int n = snprintf(out->id, sizeof(out->id), "%c%02d:%02d", out->offset_ms < 0 ? '-' : '+', (int)(v / 3600000), (int)(v / 60000 % 60));
	if ((rest = v % 60000))
		n += snprintf(out->id + n, sizeof(out->id) - (size_t)n, ":%02d", (int)(rest / 1000));
	if (rest % 1000)
		(void)snprintf(out->id + n, sizeof(out->id) - (size_t)n, ".%03d", (int)(rest % 1000));
	if (!v)
		memcpy(out->id, "UTC", 4);
	return 0;
}

int joda_zone_make(struct arena *a, struct slice id, struct joda_zone *out, struct error *err)
{
	static const char *const prefixes[] = { "UTC", "GMT", "UT" };
	*out = (struct joda_zone){ .id = "UTC" };
	if (sl_eqs(id, "UTC") || sl_eqs(id, "UT") || sl_eqs(id, "GMT") || sl_eqs(id, "Z"))
		return 0;
	if (id.n && (id.p[0] == '+' || id.p[0] == '-'))
		return fixed(id, out, err);
	if (known_name(id) && id.n < sizeof(out->id)) {
		out->rules = sp_zone_make(a, sl_eqs(id, "ROC") ? S("Asia/Taipei") : id);
		(void)snprintf(out->id, sizeof(out->id), "%.*s", SL(id));
		if (out->rules)
			return 0;
	}
	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t n = strlen(prefixes[i]);
		if (id.n > n && sl_starts(id, sl(prefixes[i])) && (id.p[n] == '+' || id.p[n] == '-'))
			return fixed(sl_from(id, n), out, err);
	}
	return err_set(err, ERR_INVALID, "The datetime zone id '%.*s' is not recognised", SL(id));
}

int64_t joda_zone_offset(const struct joda_zone *z, int64_t ms)
{
	return z->rules ? (int64_t)sp_zone_offset(z->rules, ms * 1000) * 1000 : z->offset_ms;
}

int64_t joda_to_local(const struct joda_zone *z, int64_t ms)
{
	return ms + joda_zone_offset(z, ms);
}

int64_t joda_to_utc(const struct joda_zone *z, int64_t local)
{
	int64_t first = joda_zone_offset(z, local), offset = joda_zone_offset(z, local - first);
	/* Left out: west of Greenwich the offset before the gap, east of it the other, which the first guess has found. */
	if (first != offset && first < 0 && joda_zone_offset(z, local - offset) != offset)
		offset = first;
	return local - offset;
}

int64_t joda_span(const struct joda_zone *z, int64_t duration_ms, int64_t ms)
{
	return joda_to_utc(z, joda_to_local(z, ms) / duration_ms * duration_ms);
}
