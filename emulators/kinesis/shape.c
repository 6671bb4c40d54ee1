#include "java/text.h"
#include "kinesis/shape.h"

#include <ctype.h>
#include <math.h>

#include "core/mem.h"

enum { PROBLEMS_MAX = 10 };

/* ---- JSON types ---- */

#define NUMBER "class com.amazon.coral.value.json.numbers.TruncatingBigNumber"
#define BOOL "class java.lang.Boolean"
#define TEXT "class java.lang.String"

static int cannot(struct error *err, const char *what, const char *to)
{
	return err_set(err, ERR_INVALID, "%s can not be converted to %s", what, to);
}

/* Lists and maps where a plain value is wanted. */
static int plain(const json_t *v, struct error *err)
{
	if (json_is_array(v))
		return err_set(err, ERR_INVALID, "Start of list found where not expected");
	if (json_is_object(v))
		return err_set(err, ERR_INVALID, "Start of structure or map found where not expected.");
	return 0;
}

static bool is_base64(char c)
{
	return isalnum((unsigned char)c) || c == '+' || c == '/';
}

/* Bytes of the UTF-8 letter that begins with c. */
static int letter_length(char c)
{
	uint8_t u = (uint8_t)c;
	return u < 0xc0 ? 1 : u < 0xe0 ? 2 : u < 0xf0 ? 3 : 4;
}

static int check_blob(const json_t *v, struct error *err)
{
	const char *s = json_string_value(v);
	size_t n = json_string_length(v);
	uint8_t last[3];
	if (n % 4)
		return err_set(err, ERR_INVALID,
			       "'%.300s' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: %zu", s, n);
	for (size_t i = 0; i < n; i++) {
		bool pad = s[i] == '=' && (i + 1 == n || (i + 2 == n && s[i + 1] == '='));
		if (!is_base64(s[i]) && !pad)
			return err_set(err, ERR_INVALID, "'%.300s' can not be converted to a Blob: Invalid Base64 character: '%.*s'", s, letter_length(s[i]), s + i);
	}
	/* Bits beyond the last byte are to be 0. */
	bool ok = !n || base64_decode(last, sl_of(s + n - 4, 4), true) >= 0;
	return ok ? 0 : err_set(err, ERR_INVALID, "'%.300s' can not be converted to a Blob: Invalid last non-pad Base64 character dectected", s);
}

static int check_type(json_t *v, const struct kin_member *m, struct error *err);

static int check_list(json_t *v, const struct kin_member *m, struct error *err)
{
	size_t i;
	json_t *one;
	int rc = 0;
	if (json_is_object(v))
		return err_set(err, ERR_INVALID, "Start of structure or map found where not expected.");
	if (!json_is_array(v))
		return err_set(err, ERR_INVALID, "Expected list or null");
	const struct kin_member text = { .name = "member", .type = KIN_STRING }, object = { .name = "member", .type = KIN_STRUCT, .of = m->of };
	json_array_foreach(v, i, one)
		if (!rc && !json_is_null(one))
			rc = check_type(one, m->of ? &object : &text, err);
	for (i = json_array_size(v); i-- > 0;)
		if (json_is_null(json_array_get(v, i)))
			json_array_remove(v, i);
	return rc;
}

static int check_map(json_t *v, struct error *err)
{
	const struct kin_member text = { .name = "value", .type = KIN_STRING };
	const char *key;
	json_t *one;
	int rc = 0;
	if (json_is_array(v))
		return err_set(err, ERR_INVALID, "Start of list found where not expected");
	if (!json_is_object(v))
		return err_set(err, ERR_INVALID, "Expected map or null");
	void *tmp;
	json_object_foreach_safe(v, tmp, key, one) {
		if (json_is_null(one))
			json_object_del(v, key);
		else if (!rc)
			rc = check_type(one, &text, err);
	}
	return rc;
}

static int check_boolean(const json_t *v, struct error *err)
{
	if (json_is_number(v))
		return cannot(err, NUMBER, "an Boolean");
	if (!json_is_string(v))
		return 0;
	char upper[128];
	size_t i = 0;
	for (const char *s = json_string_value(v); *s && i < sizeof(upper) - 1; s++)
		upper[i++] = (char)toupper((unsigned char)*s);
	upper[i] = '\0';
	return err_set(err, ERR_INVALID, "'%s' can not be converted to an Boolean", upper);
}

static int check_type(json_t *v, const struct kin_member *m, struct error *err)
{
	if (m->type == KIN_LIST)
		return check_list(v, m, err);
	if (m->type == KIN_MAP)
		return check_map(v, err);
	if (m->type == KIN_STRUCT) {
		if (json_is_array(v))
			return err_set(err, ERR_INVALID, "Start of list found where not expected");
		return json_is_object(v) ? kin_check_types(v, m->of, err) : err_set(err, ERR_INVALID, "Expected null");
	}
	int rc = plain(v, err);
	if (rc)
		return rc;
	static const char *const to[] = { [KIN_STRING] = "an String", [KIN_INTEGER] = "an Integer", [KIN_BLOB] = "a Blob",
					  [KIN_TIMESTAMP] = "milliseconds since epoch" };
	if (m->type == KIN_BOOLEAN)
		return check_boolean(v, err);
	if (json_is_boolean(v))
		return cannot(err, BOOL, to[m->type]);
	if (json_is_number(v) && (m->type == KIN_STRING || m->type == KIN_BLOB))
		return cannot(err, NUMBER, to[m->type]);
	if (json_is_string(v) && (m->type == KIN_INTEGER || m->type == KIN_TIMESTAMP))
		return cannot(err, TEXT, to[m->type]);
	return m->type == KIN_BLOB ? check_blob(v, err) : 0;
}

static const struct kin_member *member_of(const struct kin_member *shape, const char *name)
{
	for (; shape->name; shape++)
		if (!strcmp(shape->name, name))
			return shape;
	return NULL;
}

/* A number as the service keeps it: 32 bits, what is beyond at the ends. */
static json_int_t java_integer(const json_t *v)
{
	double d = floor(json_number_value(v));
	return d > INT32_MAX ? INT32_MAX : d < INT32_MIN ? INT32_MIN : (json_int_t)d;
}

int kin_check_types(json_t *in, const struct kin_member *shape, struct error *err)
{
	const char *key;
	void *tmp;
	json_t *v;
	json_object_foreach_safe(in, tmp, key, v)
		if (json_is_null(v) || !member_of(shape, key))
			json_object_del(in, key);
	for (; shape->name; shape++) {
		v = json_object_get(in, shape->name);
		int rc = v ? check_type(v, shape, err) : 0;
		if (rc)
			return rc;
		if (v && shape->type == KIN_INTEGER)
			json_object_set_new(in, shape->name, json_integer(java_integer(v)));
	}
	return 0;
}

/* ---- constraints ---- */

struct checks {
	struct buf *out;
	int n;
};

static bool digits(struct slice s, size_t max)
{
	if (!s.n || s.n > max || (s.p[0] == '0' && s.n > 1))
		return false;
	for (size_t i = 0; i < s.n; i++)
		if (!isdigit((unsigned char)s.p[i]))
			return false;
	return true;
}

static bool arn_ok(struct slice s, const char *kind)
{
	struct slice part[6], rest = s;
	for (int i = 0; i < 5; i++)
		if (!sl_cut(rest, ':', &part[i], &rest))
			return false;
	if (!sl_eqs(part[0], "arn") || !sl_starts(part[1], S("aws")) || !sl_eqs(part[2], "kinesis"))
		return false;
	if (part[4].n != 12 || !sl_starts(rest, S("stream/")))
		return false;
	for (size_t i = 0; i < 12; i++)
		if (!isdigit((unsigned char)part[4].p[i]))
			return false;
	return !*kind || sl_find(rest, sl(kind)) > 0;
}

static bool fits(enum kin_pattern p, struct slice s)
{
	switch (p) {
	case KIN_NAME:
		for (size_t i = 0; i < s.n; i++)
			if (!isalnum((unsigned char)s.p[i]) && s.p[i] != '_' && s.p[i] != '.' && s.p[i] != '-')
				return false;
		return s.n > 0;
	case KIN_HASH_KEY:
		return digits(s, 39);
	case KIN_SEQUENCE:
		return digits(s, 129);
	case KIN_ARN:
	case KIN_STREAM_ARN:
		return arn_ok(s, "");
	case KIN_CONSUMER_ARN:
		return arn_ok(s, "/consumer/");
	case KIN_ANY:
		break;
	}
	return true;
}

static const char *const patterns[] = {
	[KIN_ANY] = "",
	[KIN_NAME] = "[a-zA-Z0-9_.-]+",
	[KIN_HASH_KEY] = "0|([1-9]\\d{0,38})",
	[KIN_SEQUENCE] = "0|([1-9]\\d{0,128})",
	[KIN_ARN] = "arn:aws.*:kinesis:.*:\\d{12}:.*stream/\\S+",
	[KIN_STREAM_ARN] = "arn:aws.*:kinesis:.*:\\d{12}:stream/\\S+",
	[KIN_CONSUMER_ARN] = "^(arn):aws.*:kinesis:.*:\\d{12}:.*stream\\/[a-zA-Z0-9_.-]+\\/consumer\\/[a-zA-Z0-9_.-]+:[0-9]+",
};

static int64_t blob_length(const json_t *v)
{
	size_t n = json_string_length(v), pad = 0;
	const char *s = json_string_value(v);
	while (pad < 2 && pad < n && s[n - 1 - pad] == '=')
		pad++;
	return (int64_t)(n / 4 * 3 - pad);
}

static int64_t measure(const json_t *v, const struct kin_member *m)
{
	switch (m->type) {
	case KIN_INTEGER:
		return json_integer_value(v);
	case KIN_BLOB:
		return blob_length(v);
	case KIN_LIST:
		return (int64_t)json_array_size(v);
	case KIN_MAP:
		return (int64_t)json_object_size(v);
	default:
		return (int64_t)java_length(sl_of(json_string_value(v), json_string_length(v)));
	}
}

/* print: in place of what it is. */
static void print_item(struct buf *out, const char *before, const char *print, const json_t *v)
{
	buf_adds(out, before);
	buf_addsl(out, print ? sl(print) : json_is_string(v) ? sl_of(json_string_value(v), json_string_length(v)) : S("null"));
}

static void print_value(struct buf *out, const json_t *v, const struct kin_member *m)
{
	size_t i;
	const char *key;
	json_t *one;
	if (!v) {
		buf_adds(out, "null");
		return;
	}
	buf_addc(out, '\'');
	if (m->type == KIN_BLOB) {
		buf_addf(out, "java.nio.HeapByteBuffer[pos=0 lim=%lld cap=%lld]", (long long)blob_length(v), (long long)blob_length(v));
	} else if (m->type == KIN_LIST) {
		buf_addc(out, '[');
		json_array_foreach(v, i, one)
			print_item(out, i ? ", " : "", m->print, one);
		buf_addc(out, ']');
	} else if (m->type == KIN_MAP) {
		i = 0;
		buf_addc(out, '{');
		json_object_foreach((json_t *)v, key, one) {
			buf_addf(out, "%s%s", i++ ? ", " : "", key);
			print_item(out, "=", NULL, one);
		}
		buf_addc(out, '}');
	} else if (m->type == KIN_INTEGER) {
		buf_addf(out, "%lld", (long long)json_integer_value(v));
	} else {
		buf_addsl(out, sl_of(json_string_value(v), json_string_length(v)));
	}
	buf_addc(out, '\'');
}

static void problem(struct checks *k, const char *path, const json_t *v, const struct kin_member *m, const char *fmt, ...)
	PRINTF_LIKE(5, 6);
static void problem(struct checks *k, const char *path, const json_t *v, const struct kin_member *m, const char *fmt, ...)
{
	va_list ap;
	if (k->n >= PROBLEMS_MAX)
		return;
	if (k->n++)
		buf_adds(k->out, "; ");
	buf_adds(k->out, "Value ");
	print_value(k->out, v, m);
	buf_addf(k->out, " at '%s%c%s' failed to satisfy constraint: ", path, tolower((unsigned char)m->name[0]), m->name + 1);
	va_start(ap, fmt);
	buf_addv(k->out, fmt, ap);
	va_end(ap);
}

static bool in_enum(const char *enums, const char *value)
{
	struct slice one, rest = sl(enums);
	while (rest.p) {
		sl_cut(rest, ',', &one, &rest);
		if (sl_eqs(sl_trim(one), value))
			return true;
	}
	return false;
}

static bool lengths_ok(const json_t *v, bool keys, int64_t min, int64_t max)
{
	const char *key;
	json_t *one;
	size_t i;
	bool ok = true;
	if (json_is_array(v)) {
		json_array_foreach(v, i, one) {
			int64_t n = (int64_t)java_length(sl(json_string_value(one)));
			ok &= n >= min && n <= max;
		}
		return ok;
	}
	json_object_foreach((json_t *)v, key, one) {
		int64_t n = (int64_t)java_length(sl(keys ? key : json_string_value(one)));
		ok &= n >= min && n <= max;
	}
	return ok;
}

static void check_shape(struct checks *k, const json_t *in, const struct kin_member *shape, const char *path);

static void check_inside(struct checks *k, const json_t *v, const struct kin_member *m, const char *path)
{
	size_t i;
	json_t *one;
	char below[128];
	if (m->key_max && !lengths_ok(v, true, m->key_min, m->key_max))
		problem(k, path, v, m, "%s[Member must have length less than or equal to %lld, Member must have length greater than or equal to %lld]",
			m->type == KIN_MAP ? "Map keys must satisfy constraint: " : "Member must satisfy constraint: ", (long long)m->key_max,
			(long long)m->key_min);
	if (m->value_max && !lengths_ok(v, false, m->value_min, m->value_max))
		problem(k, path, v, m, "Map value must satisfy constraint: [Member must have length less than or equal to %lld, Member must have length greater than or equal to %lld]",
			(long long)m->value_max, (long long)m->value_min);
	if (!m->of)
		return;
	if (m->type == KIN_STRUCT) {
		snprintf(below, sizeof(below), "%s%c%s.", path, tolower((unsigned char)m->name[0]), m->name + 1);
		check_shape(k, v, m->of, below);
	} else {
		json_array_foreach(v, i, one) {
			snprintf(below, sizeof(below), "%s%c%s.%zu.member.", path, tolower((unsigned char)m->name[0]), m->name + 1, i + 1);
			check_shape(k, one, m->of, below);
		}
	}
}

static void check_member(struct checks *k, const json_t *v, const struct kin_member *m, const char *path)
{
	if (!v) {
		if (m->required)
			problem(k, path, v, m, "Member must not be null");
		return;
	}
	if (m->pattern && !fits(m->pattern, sl_of(json_string_value(v), json_string_length(v))))
		problem(k, path, v, m, "Member must satisfy regular expression pattern: %s", patterns[m->pattern]);
	const char *what = m->type == KIN_INTEGER ? "value" : "length";
	if (m->max && measure(v, m) < m->min)
		problem(k, path, v, m, "Member must have %s greater than or equal to %lld", what, (long long)m->min);
	if (m->max && measure(v, m) > m->max)
		problem(k, path, v, m, "Member must have %s less than or equal to %lld", what, (long long)m->max);
	if (m->enums && m->type == KIN_STRING && !in_enum(m->enums, json_string_value(v)))
		problem(k, path, v, m, "Member must satisfy enum value set: [%s]", m->enums);
	check_inside(k, v, m, path);
}

static void check_shape(struct checks *k, const json_t *in, const struct kin_member *shape, const char *path)
{
	for (; shape->name && k->n < PROBLEMS_MAX; shape++) {
		const json_t *v = json_object_get(in, shape->name);
		if (v || !shape->instead || !json_object_get(in, shape->instead))
			check_member(k, v, shape, path);
	}
}

int kin_check_values(const json_t *in, const struct kin_member *shape, struct buf *message)
{
	struct buf list = { 0 };
	struct checks k = { .out = &list };
	check_shape(&k, in, shape, "");
	if (k.n) {
		buf_addf(message, "%d validation error%s detected: ", k.n, k.n > 1 ? "s" : "");
		buf_addsl(message, buf_slice(&list));
	}
	buf_free(&list);
	return k.n ? ERR_INVALID : 0;
}
