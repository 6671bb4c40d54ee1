/* MySQL functions and the default collation, registered with SQLite. */
#include <ctype.h>
#include <math.h>
#include <regex.h>

#include "core/sigv4.h"
#include "rds/link.h"

enum {
	LIKE_HERE_MAX = 1 << 20,    /* pattern by text: more isn't done on the loop */
	REGEXP_NODES_MAX = 1000,    /* of a pattern with its repetitions written out */
	REGEXP_WORK_MAX = 8 << 20,  /* those by the text's bytes: what matching may take of memory and time */
};

/* What the statement knows of its session. */
static const struct rds_caller *caller(sqlite3_context *c)
{
	const struct rds_link *k = sqlite3_user_data(c);
	return &k->caller;
}

void rds_function_fail(sqlite3_context *c, struct rds_link *k, const struct error_def *def, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(k->why_text, sizeof(k->why_text), fmt, ap);
	va_end(ap);
	k->why = def;
	sqlite3_result_error(c, k->why_text, -1);
}

/* On the loop: it would take too long there, so a job does it. */
static bool too_long_here(sqlite3_context *c)
{
	struct rds_link *k = sqlite3_user_data(c);
	if (!k->here)
		return false;
	k->over = true;
	sqlite3_result_error_code(c, SQLITE_INTERRUPT);
	return true;
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
	text(c, caller(c)->version);
}

static void f_database(sqlite3_context *c, int n, sqlite3_value **v)
{
	if (caller(c)->has_db)
		text(c, caller(c)->database);
}

static void f_user(sqlite3_context *c, int n, sqlite3_value **v)
{
	char out[96];
	snprintf(out, sizeof(out), "%s@%%", caller(c)->user);
	text(c, out);
}

static void f_connection_id(sqlite3_context *c, int n, sqlite3_value **v)
{
	sqlite3_result_int64(c, caller(c)->id);
}

static void f_last_insert_id(sqlite3_context *c, int n, sqlite3_value **v)
{
	sqlite3_result_int64(c, (int64_t)caller(c)->last_insert_id);
}

/* NOW, CURDATE, CURTIME: the service's clock in UTC; user data can't tell them apart, the name's part does. */
static void now_part(sqlite3_context *c, size_t from, size_t n)
{
	char iso[32];
	clock_iso(caller(c)->now_ms, iso);
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
	struct rds_link *k = sqlite3_user_data(c);
	uint64_t seed = n ? (uint64_t)sqlite3_value_int64(v[0]) : k->caller.seed;
	uint64_t h = faults_hash(seed, S("rds.RAND"), (uint64_t)k->caller.id << 32 | k->caller.random++);
	sqlite3_result_double(c, (double)(h >> 11) * 0x1.0p-53);
}

/* The time passes before the answer goes on: run.c. */
static void f_sleep(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct rds_link *k = sqlite3_user_data(c);
	double s = sqlite3_value_double(v[0]);
	if (sqlite3_value_type(v[0]) == SQLITE_NULL || s < 0) {
		rds_function_fail(c, k, &rds_errors[RDS_E_ARGUMENTS], "Incorrect arguments to sleep.");
		return;
	}
	if (too_long_here(c))
		return;
	k->sleep_s += s;
	sqlite3_result_int(c, 0);
}

/* The depth of a row that a recursive CTE makes, from that of the row it is made of: recursion.c. */
static void f_deeper(sqlite3_context *c, int n, sqlite3_value **v)
{
	struct rds_link *k = sqlite3_user_data(c);
	char out[24];
	int64_t depth = sqlite3_value_int64(v[0]) + 1;
	if (depth >= k->caller.recursion_max) {
		rds_function_fail(c, k, &rds_errors[RDS_E_RECURSION],
				  "Recursive query aborted after %lld iterations. Try increasing @@cte_max_recursion_depth to a larger value.",
				  (long long)k->caller.recursion_max + 1);
		return;
	}
	snprintf(out, sizeof(out), "%lld", (long long)depth);
	text(c, out);
}

/* All depths are alike: UNION tells rows apart by the user's columns. */
static int collate_depth(void *arg_, int an, const void *a, int bn, const void *b)
{
	return 0;
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
		sqlite3_result_int64(c, caller(c)->now_ms / 1000);
	else if (clock_parse_iso(arg(v[0]), &ms))
		sqlite3_result_int64(c, ms / 1000);
}

/* ---- regular expressions ---- */

struct pattern {
	regex_t re;
	size_t nodes;
};

static void pattern_free(void *arg_)
{
	struct pattern *p = arg_;
	regfree(&p->re);
	free(p);
}

/* Most repetitions that "{2,5}" at p asks for; *eaten: its bytes. */
static size_t repeats(const char *p, size_t *eaten)
{
	char *end;
	unsigned long low = strtoul(p + 1, &end, 10), high = low;
	if (*end == ',')
		high = end[1] == '}' ? low + 1 : strtoul(end + 1, &end, 10);
	*eaten = strcspn(p, "}") + 1;
	return high > low ? high : low;
}

/* How many nodes a pattern has once its repetitions are written out, as regcomp does; a lot more than the most allowed isn't counted. */
static size_t pattern_nodes(const char *p)
{
	size_t outer[64] = { 0 }, depth = 0, sum = 0, last = 0, eaten = 1;
	for (; *p && sum + last <= REGEXP_NODES_MAX; p += eaten) {
		eaten = 1;
		if (*p == '{' && p[1] >= '0' && p[1] <= '9') {
			last *= repeats(p, &eaten);
			eaten = eaten > strlen(p) ? strlen(p) : eaten;
		} else if (*p == '(') {
			if (depth == ARRAY_LEN(outer))
				return SIZE_MAX;
			outer[depth++] = sum + last;
			sum = last = 0;
		} else if (*p == ')' && depth) {
			last += sum + 1;
			sum = outer[--depth];
		} else {
			sum += last;
			last = 1;
			if (*p == '\\' && p[1])
				eaten = 2;
			else if (*p == '[')
				eaten = 2 + strcspn(p + 1 + (p[1] == '^') + (p[1 + (p[1] == '^')] == ']'), "]");
			eaten = eaten > strlen(p) ? strlen(p) : eaten;
		}
	}
	for (sum += last; depth; depth--)
		sum += outer[depth - 1];
	return sum;
}

static struct pattern *pattern_of(sqlite3_context *c, sqlite3_value *v)
{
	struct rds_link *k = sqlite3_user_data(c);
	const char *pattern = (const char *)sqlite3_value_text(v);
	struct pattern *p = sqlite3_get_auxdata(c, 0);
	if (p)
		return p;
	size_t nodes = pattern_nodes(pattern);
	if (nodes > REGEXP_NODES_MAX) {
		rds_function_fail(c, k, &rds_errors[RDS_E_REGEXP_TOO_BIG],
				  "The regular expression pattern exceeds limits on size or complexity.");
		return NULL;
	}
	p = xcalloc(1, sizeof(*p));
	p->nodes = nodes;
	if (regcomp(&p->re, pattern, REG_EXTENDED | REG_NOSUB | REG_ICASE)) {
		free(p);
		rds_function_fail(c, k, &rds_errors[RDS_E_REGEXP], "Illegal argument to a regular expression.");
		return NULL;
	}
	sqlite3_set_auxdata(c, 0, p, pattern_free);
	return sqlite3_get_auxdata(c, 0);
}

static void f_regexp(sqlite3_context *c, int n, sqlite3_value **v)
{
	if (sqlite3_value_type(v[0]) == SQLITE_NULL || sqlite3_value_type(v[1]) == SQLITE_NULL || too_long_here(c))
		return;
	struct pattern *p = pattern_of(c, v[0]);
	if (!p)
		return;
	if ((uint64_t)p->nodes * (uint64_t)sqlite3_value_bytes(v[1]) > REGEXP_WORK_MAX) {
		rds_function_fail(c, sqlite3_user_data(c), &rds_errors[RDS_E_REGEXP_TIME], "Timeout exceeded in regular expression match.");
		return;
	}
	sqlite3_result_int(c, regexec(&p->re, (const char *)sqlite3_value_text(v[1]), 0, NULL, 0) == 0);
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
static bool like(const uint8_t *p, const uint8_t *p_end, const uint8_t *t, const uint8_t *t_end, uint32_t escape, volatile bool *stop)
{
	const uint8_t *star = NULL, *star_text = NULL;
	while (t < t_end && !*stop) {
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
	struct rds_link *k = sqlite3_user_data(c);
	if (pattern.n * text_.n > LIKE_HERE_MAX && too_long_here(c))
		return;
	sqlite3_result_int(c, like(p, p + pattern.n, t, t + text_.n, escape, &k->stop));
}

/* Of what is put into a BIT column. */
static void f_bits(sqlite3_context *c, int n, sqlite3_value **v)
{
	const uint8_t *p = sqlite3_value_blob(v[0]);
	int64_t bits = 0;
	for (int i = 0; i < sqlite3_value_bytes(v[0]); i++)
		bits = (int64_t)((uint64_t)bits << 8 | p[i]);
	sqlite3_result_int64(c, bits);
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
	{ "SLEEP", 1, f_sleep, false },
	{ "rds$deeper", 1, f_deeper, false },
	{ "rds$bits", 1, f_bits, true },
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

int rds_functions_open(struct rds_link *k)
{
	int rc = sqlite3_create_collation(k->h, "mysql_ci", SQLITE_UTF8, NULL, collate);
	if (!rc)
		rc = sqlite3_create_collation(k->h, RDS_DEPTH, SQLITE_UTF8, NULL, collate_depth);
	for (size_t i = 0; !rc && i < ARRAY_LEN(functions); i++)
		rc = sqlite3_create_function(k->h, functions[i].name, functions[i].args,
					     SQLITE_UTF8 | (functions[i].pure ? SQLITE_DETERMINISTIC : 0), k, functions[i].fn, NULL, NULL);
	return rc;
}
