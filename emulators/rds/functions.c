/* MySQL functions and the default collation, registered with SQLite. */
#include <ctype.h>
#include <math.h>
#include <regex.h>

#include "core/sigv4.h"
#include "rds/rds.h"

static struct rds_session *session_of(sqlite3_context *c)
{
	struct rds *r = sqlite3_user_data(c);
	return r->current;
}

static void text(sqlite3_context *c, const char *s)
{
	sqlite3_result_text(c, s, -1, SQLITE_TRANSIENT);
}

static struct slice arg(sqlite3_value *v)
{
	const unsigned char *p = sqlite3_value_text(v);
	return sl_of(p, p ? (size_t)sqlite3_value_bytes(v) : 0);
}

static void f_version(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct rds *r = sqlite3_user_data(c);
	text(c, r->version);
}

static void f_database(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct rds *r = sqlite3_user_data(c);
	if (r->current && !r->current->db[0])
		sqlite3_result_null(c);
	else
		text(c, r->database);
}

static void f_user(sqlite3_context *c, int n, sqlite3_value **v)
{
	char out[96];
	snprintf(out, sizeof(out), "%s@%%", session_of(c) ? session_of(c)->user : "");
	text(c, out);
}

static void f_connection_id(sqlite3_context *c, int n, sqlite3_value **v)
{
	sqlite3_result_int64(c, session_of(c) ? session_of(c)->id : 0);
}

static void f_last_insert_id(sqlite3_context *c, int n, sqlite3_value **v)
{
	sqlite3_result_int64(c, session_of(c) ? (int64_t)session_of(c)->last_insert_id : 0);
}

/* NOW, CURDATE, CURTIME: the service's clock in UTC; user data can't tell them apart, the name's part does. */
static void now_part(sqlite3_context *c, size_t from, size_t n)
{
	char iso[32];
	clock_iso(session_of(c) ? session_of(c)->now_ms : 0, iso);
	iso[10] = ' ';
	sqlite3_result_text(c, iso + from, (int)n, SQLITE_TRANSIENT);
}

static void f_now(sqlite3_context *c, int n, sqlite3_value **v)
{
	now_part(c, 0, 19);
}

static void f_curdate(sqlite3_context *c, int n, sqlite3_value **v)
{
	now_part(c, 0, 10);
}

static void f_curtime(sqlite3_context *c, int n, sqlite3_value **v)
{
	now_part(c, 11, 8);
}

static void f_rand(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct rds *r = sqlite3_user_data(c);
	uint64_t seed = n ? (uint64_t)sqlite3_value_int64(v[0]) : (uint64_t)conf_int(r->env->conf, "stack", "seed", 42);
	uint64_t *count = &r->next_random;
	uint64_t h = faults_hash(seed, S("rds.RAND"), (*count)++);
	sqlite3_result_double(c, (double)(h >> 11) * 0x1.0p-53);
}

static void f_concat(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct buf b = { 0 };
	for (int i = 0; i < n; i++) {
		if (sqlite3_value_type(v[i]) == SQLITE_NULL) {
			buf_free(&b);
			sqlite3_result_null(c);
			return;
		}
		buf_addsl(&b, arg(v[i]));
	}
	sqlite3_result_text64(c, b.p ? b.p : "", b.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_free(&b);
}

static void f_concat_ws(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct buf b = { 0 };
	bool any = false;
	if (sqlite3_value_type(v[0]) == SQLITE_NULL) {
		sqlite3_result_null(c);
		return;
	}
	for (int i = 1; i < n; i++) {
		if (sqlite3_value_type(v[i]) == SQLITE_NULL)
			continue;
		if (any)
			buf_addsl(&b, arg(v[0]));
		any = true;
		buf_addsl(&b, arg(v[i]));
	}
	sqlite3_result_text64(c, b.p ? b.p : "", b.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_free(&b);
}

/* Bytes taken by the first `chars` characters. */
static size_t utf8_bytes(struct slice s, int64_t chars)
{
	size_t i = 0;
	for (; i < s.n && chars > 0; chars--) {
		i++;
		while (i < s.n && ((unsigned char)s.p[i] & 0xc0) == 0x80)
			i++;
	}
	return i;
}

static int64_t utf8_count(struct slice s)
{
	int64_t n = 0;
	for (size_t i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

static void f_left(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct slice s = arg(v[0]);
	if (s.p)
		sqlite3_result_text64(c, s.p, utf8_bytes(s, sqlite3_value_int64(v[1])), SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void f_right(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct slice s = arg(v[0]);
	int64_t want = sqlite3_value_int64(v[1]), have = utf8_count(s);
	if (!s.p)
		return;
	size_t from = utf8_bytes(s, want < have ? have - (want > 0 ? want : 0) : 0);
	sqlite3_result_text64(c, s.p + from, s.n - from, SQLITE_TRANSIENT, SQLITE_UTF8);
}

static void f_bytes(sqlite3_context *c, int n, sqlite3_value **v)
{
	if (sqlite3_value_type(v[0]) != SQLITE_NULL)
		sqlite3_result_int64(c, (int64_t)arg(v[0]).n);
}

static void f_chars(sqlite3_context *c, int n, sqlite3_value **v)
{
	if (sqlite3_value_type(v[0]) != SQLITE_NULL)
		sqlite3_result_int64(c, utf8_count(arg(v[0])));
}

static void f_mod(sqlite3_context *c, int n, sqlite3_value **v)
{
	int64_t d = sqlite3_value_int64(v[1]);
	if (d)
		sqlite3_result_int64(c, d == -1 ? 0 : sqlite3_value_int64(v[0]) % d);
}

/* YEAR, MONTH, ... of "2018-02-03 04:05:06": digits at a place. */
static void part(sqlite3_context *c, sqlite3_value *v, size_t from, size_t digits)
{
	struct slice s = arg(v);
	int64_t out;
	if (s.p && s.n >= from + digits && sl_int(sl_of(s.p + from, digits), 0, 9999, &out))
		sqlite3_result_int64(c, out);
}

#define PART(name, from, digits)                                                                                               \
	static void name(sqlite3_context *c, int n, sqlite3_value **v)                                                         \
	{                                                                                                                      \
		(void)n;                                                                                                       \
		part(c, v[0], from, digits);                                                                                   \
	}
PART(f_year, 0, 4)
PART(f_month, 5, 2)
PART(f_day, 8, 2)
PART(f_hour, 11, 2)
PART(f_minute, 14, 2)
PART(f_second, 17, 2)

static void f_unix_timestamp(sqlite3_context *c, int n, sqlite3_value **v)
{
	int64_t ms;
	if (n == 0)
		sqlite3_result_int64(c, session_of(c) ? session_of(c)->now_ms / 1000 : 0);
	else if (clock_parse_iso(arg(v[0]), &ms))
		sqlite3_result_int64(c, ms / 1000);
}

static void f_regexp(sqlite3_context *c, int n, sqlite3_value **v)
{
	regex_t re;
	if (sqlite3_value_type(v[0]) == SQLITE_NULL || sqlite3_value_type(v[1]) == SQLITE_NULL)
		return;
	if (regcomp(&re, (const char *)sqlite3_value_text(v[0]), REG_EXTENDED | REG_NOSUB | REG_ICASE)) {
		sqlite3_result_error(c, "Illegal argument to a regular expression.", -1);
		return;
	}
	sqlite3_result_int(c, regexec(&re, (const char *)sqlite3_value_text(v[1]), 0, NULL, 0) == 0);
	regfree(&re);
}

static void f_md5(sqlite3_context *c, int n, sqlite3_value **v)
{
	uint8_t sum[16];
	struct buf b = { 0 };
	if (sqlite3_value_type(v[0]) == SQLITE_NULL)
		return;
	struct slice s = arg(v[0]);
	hash_md5(s.p, s.n, sum);
	buf_hex(&b, sum, sizeof(sum));
	sqlite3_result_text64(c, b.p, b.n, SQLITE_TRANSIENT, SQLITE_UTF8);
	buf_free(&b);
}

static void f_isnull(sqlite3_context *c, int n, sqlite3_value **v)
{
	sqlite3_result_int(c, sqlite3_value_type(v[0]) == SQLITE_NULL);
}

static void f_floor(sqlite3_context *c, int n, sqlite3_value **v)
{
	if (sqlite3_value_type(v[0]) != SQLITE_NULL)
		sqlite3_result_int64(c, (int64_t)floor(sqlite3_value_double(v[0])));
}

static void f_ceil(sqlite3_context *c, int n, sqlite3_value **v)
{
	if (sqlite3_value_type(v[0]) != SQLITE_NULL)
		sqlite3_result_int64(c, (int64_t)ceil(sqlite3_value_double(v[0])));
}

/* Case and, for the Latin letters of two UTF-8 bytes, accents don't count; others compare as they are.
 * DIFFERS: utf8mb4_0900_ai_ci folds all of Unicode. */
static uint32_t fold(const uint8_t **p, const uint8_t *end)
{
	static const char latin1[] = "aaaaaaaceeeeiiiidnooooo*ouuuuypsaaaaaaaceeeeiiiidnooooo/ouuuuypy"; /* U+00C0.. */
	uint32_t c = *(*p)++;
	if (c < 0x80)
		return (uint32_t)tolower((int)c);
	if ((c == 0xc3) && *p < end) {
		uint32_t low = *(*p)++ & 0x3f;
		return low == 0x17 || low == 0x37 ? 0xc3c0 + low : (uint8_t)latin1[low];
	}
	return c + 0x100;
}

static int collate(void *arg_, int an, const void *ap, int bn, const void *bp)
{
	const uint8_t *a = ap, *b = bp, *a_end = a + an, *b_end = b + bn;
	while (a < a_end && b < b_end) {
		uint32_t x = fold(&a, a_end), y = fold(&b, b_end);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return (a < a_end) - (b < b_end);
}

/* x LIKE pattern [ESCAPE c], under the same folding as the collation; MySQL's escape is a backslash. */
static bool like(const uint8_t *p, const uint8_t *p_end, const uint8_t *t, const uint8_t *t_end, uint32_t escape)
{
	const uint8_t *star = NULL, *star_text = NULL;
	while (t < t_end) {
		const uint8_t *next = p, *one = t;
		bool literal = p < p_end && *p == escape && p + 1 < p_end;
		if (p < p_end && *p == '%' && !literal) {
			star = ++p;
			star_text = t;
			continue;
		}
		if (literal)
			next++;
		if (p < p_end && *p == '_' && !literal) {
			for (t++; t < t_end && (*t & 0xc0) == 0x80; t++)
				;
			p++;
			continue;
		}
		if (p < p_end && fold(&next, p_end) == fold(&one, t_end)) {
			p = next;
			t = one;
			continue;
		}
		if (!star)
			return false;
		p = star;
		t = ++star_text;
	}
	while (p < p_end && *p == '%')
		p++;
	return p == p_end;
}

static void f_like(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct slice pattern, text_;
	if (sqlite3_value_type(v[0]) == SQLITE_NULL || sqlite3_value_type(v[1]) == SQLITE_NULL)
		return;
	pattern = arg(v[0]);
	text_ = arg(v[1]);
	uint32_t escape = n > 2 && arg(v[2]).n ? (uint8_t)arg(v[2]).p[0] : '\\';
	const uint8_t *p = (const uint8_t *)pattern.p, *t = (const uint8_t *)text_.p;
	sqlite3_result_int(c, like(p, p + pattern.n, t, t + text_.n, escape));
}

static const struct function {
	const char *name;
	int args;
	void (*fn)(sqlite3_context *, int, sqlite3_value **);
	bool pure;
} functions[] = {
	{ "VERSION", 0, f_version, false },
	{ "DATABASE", 0, f_database, false },
	{ "USER", 0, f_user, false },
	{ "SESSION_USER", 0, f_user, false },
	{ "CONNECTION_ID", 0, f_connection_id, false },
	{ "LAST_INSERT_ID", 0, f_last_insert_id, false },
	{ "NOW", -1, f_now, false },
	{ "SYSDATE", -1, f_now, false },
	{ "CURDATE", 0, f_curdate, false },
	{ "CURTIME", -1, f_curtime, false },
	{ "RAND", -1, f_rand, false },
	{ "UNIX_TIMESTAMP", -1, f_unix_timestamp, false },
	{ "CONCAT", -1, f_concat, true },
	{ "CONCAT_WS", -1, f_concat_ws, true },
	{ "mysql_left", 2, f_left, true },
	{ "mysql_right", 2, f_right, true },
	{ "mysql_length", 1, f_bytes, true },
	{ "OCTET_LENGTH", 1, f_bytes, true },
	{ "CHAR_LENGTH", 1, f_chars, true },
	{ "CHARACTER_LENGTH", 1, f_chars, true },
	{ "mysql_mod", 2, f_mod, true },
	{ "YEAR", 1, f_year, true },
	{ "MONTH", 1, f_month, true },
	{ "DAY", 1, f_day, true },
	{ "DAYOFMONTH", 1, f_day, true },
	{ "HOUR", 1, f_hour, true },
	{ "MINUTE", 1, f_minute, true },
	{ "SECOND", 1, f_second, true },
	{ "regexp", 2, f_regexp, true },
	{ "like", 2, f_like, true },
	{ "like", 3, f_like, true },
	{ "MD5", 1, f_md5, true },
	{ "ISNULL", 1, f_isnull, true },
	{ "FLOOR", 1, f_floor, true },
	{ "CEIL", 1, f_ceil, true },
	{ "CEILING", 1, f_ceil, true },
};

int rds_functions_open(struct rds *r, struct error *err)
{
	if (sqlite3_create_collation(r->db.h, "mysql_ci", SQLITE_UTF8, NULL, collate))
		return db_error(&r->db, err);
	for (size_t i = 0; i < ARRAY_LEN(functions); i++) {
		int flags = SQLITE_UTF8 | (functions[i].pure ? SQLITE_DETERMINISTIC : 0);
		if (sqlite3_create_function(r->db.h, functions[i].name, functions[i].args, flags, r, functions[i].fn, NULL, NULL))
			return db_error(&r->db, err);
	}
	return 0;
}
