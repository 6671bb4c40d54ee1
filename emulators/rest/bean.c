/* Beans out of JSON, in the order and with the errors of Jackson's databind. */
#include "rest/bean.h"

#include <time.h>

#include "java/text.h"
#include "rest/rest.h"

const struct jk_words bean_words = {
	.source = "(org.glassfish.jersey.message.internal.ReaderInterceptorExecutor$UnCloseableInputStream)",
	.odd_allow = "JsonParser.Feature.ALLOW_NON_NUMERIC_NUMBERS",
	.depth_max = REST_DEPTH_MAX,
};

static const char *value_word(enum jk_token t)
{
	return t == JK_START_OBJECT ? "Object" : t == JK_START_ARRAY ? "Array" : t == JK_STRING ? "String" :
	       t == JK_INT ? "Integer" : t == JK_FLOAT ? "Floating-point" : "Boolean";
}

static const char *token_word(enum jk_token t)
{
	return t == JK_START_OBJECT ? "START_OBJECT" : t == JK_START_ARRAY ? "START_ARRAY" : t == JK_STRING ? "VALUE_STRING" :
	       t == JK_INT ? "VALUE_NUMBER_INT" : t == JK_FLOAT ? "VALUE_NUMBER_FLOAT" :
	       t == JK_TRUE ? "VALUE_TRUE" : "VALUE_FALSE";
}

bool bean_fail_type(struct jackson *j, const char *type)
{
	jk_fail_token(j, "Cannot deserialize value of type `%s` from %s value (token `JsonToken.%s`)", type,
		      value_word(j->token), token_word(j->token));
	return false;
}

bool bean_fail_scalar(struct jackson *j, const char *class)
{
	const char *none = "(although at least one Creator exists): no";
	struct buf number = { 0 };
	struct slice text;
	struct jk_node *node;
	switch (j->token) {
	case JK_STRING:
		text = jk_text(j);
		if (text.n == 0)
			jk_fail_token(j, "Cannot coerce empty String (\"\") to `%s` value (but could if coercion was enabled "
					 "using `CoercionConfig`)", class);
		else
			jk_fail_token(j, "Cannot construct instance of `%s` %s String-argument constructor/factory method to "
					 "deserialize from String value ('%.*s')", class, none, SL(text));
		return false;
	case JK_INT:
		jk_fail_token(j, "Cannot construct instance of `%s` %s int/Int-argument constructor/factory method to "
				 "deserialize from Number value (%.*s)", class, none, SL(j->text));
		return false;
	case JK_FLOAT:
		node = jk_read_node(j);
		java_double(&number, node ? node->number : 0);
		jk_fail_token(j, "Cannot construct instance of `%s` %s double/Double-argument constructor/factory method to "
				 "deserialize from Number value (%.*s)", class, none, SL(buf_slice(&number)));
		buf_free(&number);
		return false;
	case JK_TRUE:
	case JK_FALSE:
		jk_fail_token(j, "Cannot construct instance of `%s` %s boolean/Boolean-argument constructor/factory method "
				 "to deserialize from boolean value (%s)", class, none, j->token == JK_TRUE ? "true" : "false");
		return false;
	default:
		return bean_fail_type(j, class);
	}
}

bool bean_read(struct jackson *j, const char *class, const struct bean_property *props, int prop_n, void *bean,
		      struct slice *unknown)
{
	unsigned missing = (1u << prop_n) - 1;
	struct slice odd = { 0 };
	while (jk_next(j) == JK_FIELD_NAME) {
		struct slice name = jk_text(j);
		int i = 0;
		while (i < prop_n && !sl_eqs(name, props[i].name))
			i++;
		jk_next(j);
		if (j->failed)
			return false;
		if (i < prop_n) {
			if (!props[i].read(j, bean, i)) {
				if (!unknown->p)
					jk_wrap(j, class, props[i].name, 0);
				return false;
			}
			missing &= ~(1u << i);
		} else if (missing && jk_read_node(j)) {
			odd = odd.p ? odd : name;
		} else {
			if (!j->failed)
				*unknown = odd.p ? odd : name;
			return false;
		}
		/* All there: the bean is made, after a look at what follows. */
		if (!missing && odd.p) {
			jk_next(j);
			if (!j->failed)
				*unknown = odd;
			return false;
		}
	}
	if (!j->failed && odd.p)
		*unknown = odd;
	return !j->failed && !odd.p;
}

/* java.lang.Integer and java.lang.Short. */
struct width {
	const char *class, *word;
	int64_t min, max;
};
static const struct width integer = { "java.lang.Integer", "int", INT32_MIN, INT32_MAX };
static const struct width narrow = { "java.lang.Short", "short", INT16_MIN, INT16_MAX };

static bool fail_integer_text(struct jackson *j, const struct width *w, struct slice text)
{
	bool digits = text.n > 0;
	size_t i = text.n && (*text.p == '-' || *text.p == '+');
	for (digits = i < text.n; i < text.n; i++)
		digits = digits && text.p[i] >= '0' && text.p[i] <= '9';
	if (digits && (text.n > 9 || w == &narrow))
		jk_fail_token(j, "Cannot deserialize value of type `%s` from String \"%.*s\": %s %.*s%s", w->class, SL(text),
			      w == &narrow ? "overflow, value cannot be represented as 16-bit value" : "Overflow: numeric value (",
			      w == &narrow ? 0 : (int)text.n, text.p,
			      w == &narrow ? "" : ") out of range of `java.lang.Integer` (-2147483648 -2147483647)");
	else
		jk_fail_token(j, "Cannot deserialize value of type `%s` from String \"%.*s\": not a valid `%s` value", w->class, SL(text), w->class);
	return false;
}

static bool fail_range(struct jackson *j, const struct width *w)
{
	jk_fail_here(j, "Numeric value (%.*s) out of range of %s (%lld - %lld)", SL(j->text), w == &narrow ? "`short`" : w->word, (long long)w->min,
		     (long long)w->max);
	return false;
}

static bool read_width(struct jackson *j, const struct width *w, bool *present, int64_t *out)
{
	struct slice text, digits;
	int64_t v;
	double d;
	*present = false;
	switch (j->token) {
	case JK_NULL:
		return true;
	case JK_INT:
		if (!sl_int(j->text, w->min, w->max, &v))
			return fail_range(j, w);
		break;
	case JK_FLOAT: {
		struct jk_node *node = jk_read_node(j);
		d = node ? node->number : 0;
		if (!(d >= (double)w->min && d <= (double)w->max))
			return fail_range(j, w);
		v = (int64_t)d;
		break;
	}
	case JK_STRING:
		text = jk_text(j);
		if (j->failed)
			return false;
		digits = sl_trim(text);
		if (digits.n == 0 || sl_eqs(digits, "null"))
			return true;
		if (digits.n > 1 && *digits.p == '+')
			digits = sl_from(digits, 1);
		if (!sl_int(digits, w->min, w->max, &v))
			return fail_integer_text(j, w, sl_trim(text));
		break;
	default:
		return bean_fail_type(j, w->class);
	}
	*present = true;
	*out = v;
	return true;
}

bool bean_integer(struct jackson *j, bool *present, int64_t *out)
{
	return read_width(j, &integer, present, out);
}

bool bean_text(struct jackson *j, struct slice *out)
{
	struct jk_node *node;
	struct buf b = { 0 };
	*out = sl(NULL);
	switch (j->token) {
	case JK_NULL:
		return true;
	case JK_STRING:
		*out = jk_text(j);
		break;
	case JK_INT:
		*out = arena_dup(j->arena, j->text);
		break;
	case JK_TRUE:
	case JK_FALSE:
		*out = j->token == JK_TRUE ? S("true") : S("false");
		break;
	case JK_FLOAT: /* as it is written */
		*out = arena_dup(j->arena, j->text);
		node = jk_read_node(j);
		if (!out->n && node) {
			jk_write(&b, node);
			*out = arena_dup(j->arena, buf_slice(&b));
			buf_free(&b);
		}
		break;
	default:
		return bean_fail_type(j, "java.lang.String");
	}
	return !j->failed;
}

/* ---- tables ---- */

struct typed {
	const struct bean_type *type;
	void *bean;
};

static bool read_enum(struct jackson *j, const struct bean_field *f, int *out)
{
	struct slice text;
	struct buf all = { 0 };
	if (j->token == JK_NULL)
		return true;
	if (j->token != JK_STRING)
		return bean_fail_type(j, f->class);
	text = jk_text(j);
	if (j->failed)
		return false;
	for (int i = 0; f->words[i]; i++) {
		if (sl_eqs(text, f->words[i])) {
			*out = i;
			return true;
		}
	}
	for (int i = 0; f->words[i]; i++)
		buf_addf(&all, "%s%s", i ? ", " : "", f->words[i]);
	if (text.n)
		jk_fail_token(j, "Cannot deserialize value of type `%s` from String \"%.*s\": not one of the values accepted for Enum class: [%.*s]", f->class,
			      SL(text), SL(buf_slice(&all)));
	else
		jk_fail_token(j, "Cannot coerce empty String (\"\") to `%s` value (but could if coercion was enabled using `CoercionConfig`)", f->class);
	buf_free(&all);
	return false;
}

static bool fail_list(struct jackson *j, const char *class)
{
	if (j->token == JK_STRING)
		(void)jk_text(j);
	return bean_fail_type(j, arena_printf(j->arena, "java.util.ArrayList<%s>", class).p);
}

static bool read_list(struct jackson *j, const struct bean_field *f, struct bean_list *out)
{
	size_t cap = 0;
	*out = (struct bean_list){ 0 };
	if (j->token == JK_NULL)
		return true;
	if (j->token != JK_START_ARRAY)
		return fail_list(j, f->of->class);
	ARENA_GROW(j->arena, out->items, out->n, cap);
	while (jk_next(j) != JK_END_ARRAY) {
		if (j->failed)
			return false;
		ARENA_GROW(j->arena, out->items, out->n, cap);
		out->items[out->n] = j->token == JK_NULL ? NULL : bean_make((struct bean_reader *)j, f->of);
		if (j->token != JK_NULL && !out->items[out->n]) {
			if (!((struct bean_reader *)j)->unknown.p)
				jk_wrap(j, "java.util.ArrayList", NULL, out->n);
			return false;
		}
		out->n++;
	}
	return true;
}

/* The value of a map: a list of int. */
static bool read_int_list(struct jackson *j, struct bean_ints *out)
{
	size_t cap = 0;
	bool set;
	if (j->token == JK_NULL)
		return true;
	if (j->token != JK_START_ARRAY)
		return fail_list(j, "java.lang.Integer");
	while (jk_next(j) != JK_END_ARRAY) {
		if (j->failed)
			return false;
		ARENA_GROW(j->arena, out->v, out->n, cap);
		if (!bean_integer(j, &set, &out->v[out->n]))
			return false;
		out->n++;
	}
	return true;
}

static bool read_ints(struct jackson *j, struct bean_list *out)
{
	static const char map[] = "java.util.LinkedHashMap";
	size_t cap = 0;
	*out = (struct bean_list){ 0 };
	if (j->token == JK_NULL)
		return true;
	if (j->token != JK_START_OBJECT)
		return bean_fail_type(j, "java.util.LinkedHashMap<java.lang.Integer,java.util.List<java.lang.Integer>>");
	while (jk_next(j) == JK_FIELD_NAME) {
		struct slice name = jk_text(j);
		struct bean_ints *v = arena_alloc(j->arena, sizeof(*v));
		if (!sl_int(name, INT32_MIN, INT32_MAX, &v->key)) {
			jk_fail_token(j, "Cannot deserialize Map key of type `java.lang.Integer` from String \"%.*s\": not a valid representation, problem: "
					 "(java.lang.NumberFormatException) For input string: \"%.*s\"", SL(name), SL(name));
			return false;
		}
		jk_next(j);
		if (!read_int_list(j, v)) {
			jk_wrap(j, map, arena_cstr(j->arena, name), 0);
			return false;
		}
		ARENA_GROW(j->arena, out->items, out->n, cap);
		out->items[out->n++] = v;
	}
	return !j->failed;
}

static bool read_bytes(struct jackson *j, struct slice *out)
{
	struct slice text;
	if (j->token == JK_NULL)
		return true;
	if (j->token != JK_STRING)
		return bean_fail_type(j, "byte[]");
	text = jk_text(j);
	if (j->failed)
		return false;
	if (rest_base64(j->arena, text, out))
		return true;
	jk_fail_token(j, "Cannot deserialize value of type `byte[]` from String \"%.*s\": Failed to decode VALUE_STRING as base64 (MIME-NO-LINEFEEDS)", SL(text));
	return false;
}

/* DateTimeFormatter.ISO_INSTANT: 2021-02-05T19:14:42Z, with a fraction or without. */
static bool instant_text(struct slice s, int64_t *ms)
{
	struct tm tm = { 0 };
	char text[64];
	int used = 0, scale = 100;
	int64_t fraction = 0;
	if (s.n < 2 || s.n >= sizeof(text) || (s.p[s.n - 1] != 'Z' && s.p[s.n - 1] != 'z'))
		return false;
	memcpy(text, s.p, s.n - 1);
	text[s.n - 1] = '\0';
	if (sscanf(text, "%4d-%2d-%2d%*1[Tt]%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &used) != 6 || used < 19)
		return false;
	if (tm.tm_mon < 1 || tm.tm_mon > 12 || tm.tm_mday < 1 || tm.tm_mday > 31 || tm.tm_hour > 23 || tm.tm_min > 59 || tm.tm_sec > 59)
		return false;
	if (text[used] == '.')
		for (used++; text[used] >= '0' && text[used] <= '9'; used++, scale /= 10)
			fraction += (text[used] - '0') * scale;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	*ms = (int64_t)timegm(&tm) * 1000 + fraction;
	return text[used] == '\0';
}

static bool read_instant(struct jackson *j, struct bean_int *out)
{
	struct slice text;
	struct jk_node *node;
	int64_t v;
	switch (j->token) {
	case JK_NULL:
		return true;
	case JK_INT: /* seconds */
		if (!sl_int(j->text, INT64_MIN / 1000, INT64_MAX / 1000, &v))
			v = 0;
		*out = (struct bean_int){ true, v * 1000 };
		return true;
	case JK_FLOAT:
		node = jk_read_node(j);
		*out = (struct bean_int){ true, (int64_t)((node ? node->number : 0) * 1000) };
		return node != NULL;
	case JK_STRING:
		text = sl_trim(jk_text(j));
		if (j->failed)
			return false;
		if (!text.n)
			return true;
		if (instant_text(text, &out->v)) {
			out->set = true;
			return true;
		}
		jk_fail_token(j, "Cannot deserialize value of type `java.time.Instant` from String \"%.*s\": Failed to deserialize java.time.Instant: "
				 "(java.time.format.DateTimeParseException) Text '%.*s' could not be parsed at index 0", SL(text), SL(text));
		return false;
	default:
		return bean_fail_type(j, "java.time.Instant");
	}
}

static bool read_typed(struct jackson *j, struct typed *t, int which)
{
	const struct bean_field *f = &t->type->fields[which];
	void *at = (char *)t->bean + f->at;
	switch (f->kind) {
	case BEAN_TEXT:
		return bean_text(j, at);
	case BEAN_INT:
	case BEAN_SHORT:
		return read_width(j, f->kind == BEAN_INT ? &integer : &narrow, &((struct bean_int *)at)->set, &((struct bean_int *)at)->v);
	case BEAN_ENUM:
		return read_enum(j, f, at);
	case BEAN_NODE:
		*(struct jk_node **)at = jk_read_node(j);
		return *(struct jk_node **)at != NULL;
	case BEAN_ONE:
		*(void **)at = NULL;
		if (j->token != JK_NULL)
			*(void **)at = bean_make((struct bean_reader *)j, f->of);
		return j->token == JK_NULL || *(void **)at != NULL;
	case BEAN_LIST:
		return read_list(j, f, at);
	case BEAN_INTS:
		return read_ints(j, at);
	case BEAN_BYTES:
		return read_bytes(j, at);
	case BEAN_INSTANT:
		return read_instant(j, at);
	}
	return false;
}

static bool read_field(struct jackson *j, void *arg, int which)
{
	struct typed *t = arg;
	struct bean_reader *r = (struct bean_reader *)j;
	bool ok = read_typed(j, t, which);
	if (!ok && r->unknown.p)
		r->unknown_at = arena_printf(j->arena, "%s[\"%s\"]->%.*s", t->type->class, t->type->fields[which].name, SL(r->unknown_at));
	return ok;
}

struct slice bean_unknown(const struct bean_reader *r)
{
	struct buf names = { 0 };
	struct slice out;
	for (int i = 0; i < r->unknown_in->field_n; i++)
		buf_addf(&names, "%s\"%s\"", i ? ", " : "", r->unknown_in->fields[i].name);
	out = arena_printf(r->j.arena, "Unrecognized field \"%.*s\" (class %s), not marked as ignorable (%d known properties: %.*s])\n"
				       " at [Source: UNKNOWN; byte offset: #UNKNOWN] (through reference chain: %.*s%s[\"%.*s\"])",
			   SL(r->unknown), r->unknown_in->class, r->unknown_in->field_n, SL(buf_slice(&names)), SL(r->unknown_at), r->unknown_in->class,
			   SL(r->unknown));
	buf_free(&names);
	return out;
}

static bool is_null(const struct bean_field *f, const void *at)
{
	switch (f->kind) {
	case BEAN_TEXT:
	case BEAN_BYTES:
		return !((const struct slice *)at)->p;
	case BEAN_ENUM:
		return *(const int *)at < 0;
	case BEAN_LIST:
	case BEAN_INTS:
		return !((const struct bean_list *)at)->items;
	case BEAN_NODE:
	case BEAN_ONE:
		return !*(void *const *)at;
	case BEAN_INT:
	case BEAN_SHORT:
	case BEAN_INSTANT:
		break;
	}
	return !((const struct bean_int *)at)->set;
}

/* What the creator says of the values it got; NULL: nothing. */
static const char *refused(struct arena *a, const struct bean_type *t, const void *bean)
{
	for (int i = 0; i < t->field_n; i++) {
		const struct bean_field *f = &t->fields[i];
		const void *at = (const char *)bean + f->at;
		const struct bean_list *list = at;
		if (f->needed && is_null(f, at))
			return f->needed;
		for (size_t k = 0; f->kind == BEAN_LIST && k < list->n; k++)
			if (!list->items[k])
				return arena_printf(a, "at index %zu", k).p;
	}
	return t->check ? t->check(a, bean) : NULL;
}

void *bean_make(struct bean_reader *r, const struct bean_type *t)
{
	struct bean_property props[BEAN_FIELDS_MAX];
	struct typed typed = { t, arena_alloc(r->j.arena, t->size) };
	const char *problem;
	if (r->j.token != JK_START_OBJECT) {
		bean_fail_scalar(&r->j, t->class);
		return NULL;
	}
	for (int i = 0; i < t->field_n; i++) {
		props[i] = (struct bean_property){ t->fields[i].name, read_field };
		if (t->fields[i].kind == BEAN_ENUM)
			*(int *)((char *)typed.bean + t->fields[i].at) = -1;
	}
	if (!bean_read(&r->j, t->class, props, t->field_n, &typed, &r->unknown)) {
		if (r->unknown.p && !r->unknown_in)
			r->unknown_in = t;
		return NULL;
	}
	problem = refused(r->j.arena, t, typed.bean);
	if (!problem)
		return typed.bean;
	jk_fail_token(&r->j, "Cannot construct instance of `%s`, problem: %s", t->class, problem);
	return NULL;
}
