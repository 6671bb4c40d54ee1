#include "cbor.h"

/* The library's header has the same name. */
#include <cbor.h>
#include <math.h>


enum { CBOR_DEPTH = 32 };

/* A walk: what times count in, how deep it is. */
struct walk {
	enum cbor_time time;
	int depth;
};

static json_t *from_item(cbor_item_t *item, struct walk w);

static json_t *within(cbor_item_t *item, struct walk w)
{
	w.depth++;
	return from_item(item, w);
}

static json_t *joined(cbor_item_t **chunks, size_t n, bool bytes)
{
	struct buf b = { 0 }, text = { 0 };
	for (size_t i = 0; i < n; i++) {
		if (bytes)
			buf_add(&b, cbor_bytestring_handle(chunks[i]), cbor_bytestring_length(chunks[i]));
		else
			buf_add(&b, cbor_string_handle(chunks[i]), cbor_string_length(chunks[i]));
	}
	if (bytes)
		buf_base64(&text, b.p ? b.p : "", b.n);
	json_t *v = bytes ? json_stringn(text.p ? text.p : "", text.n) : json_stringn(b.p ? b.p : "", b.n);
	buf_free(&b);
	buf_free(&text);
	return v;
}

static json_t *from_string(cbor_item_t *item, bool bytes)
{
	bool whole = bytes ? cbor_bytestring_is_definite(item) : cbor_string_is_definite(item);
	if (whole)
		return joined(&item, 1, bytes);
	return bytes ? joined(cbor_bytestring_chunks_handle(item), cbor_bytestring_chunk_count(item), true)
		     : joined(cbor_string_chunks_handle(item), cbor_string_chunk_count(item), false);
}

static json_t *from_map(cbor_item_t *item, struct walk w)
{
	json_t *o = json_object();
	struct cbor_pair *pairs = cbor_map_handle(item);
	for (size_t i = 0; o && i < cbor_map_size(item); i++) {
		json_t *key = within(pairs[i].key, w), *v = within(pairs[i].value, w);
		bool fits = json_is_string(key) && !memchr(json_string_value(key), 0, json_string_length(key));
		if (!fits || !v || json_object_setn_new(o, json_string_value(key), json_string_length(key), v)) {
			if (!fits)
				json_decref(v);
			json_decref(o);
			o = NULL;
		}
		json_decref(key);
	}
	return o;
}

static json_t *from_array(cbor_item_t *item, struct walk w)
{
	json_t *a = json_array();
	cbor_item_t **items = cbor_array_handle(item);
	for (size_t i = 0; a && i < cbor_array_size(item); i++) {
		json_t *v = within(items[i], w);
		if (!v || json_array_append_new(a, v)) {
			json_decref(a);
			a = NULL;
		}
	}
	return a;
}

static json_t *from_tag(cbor_item_t *item, struct walk w)
{
	cbor_item_t *inner = cbor_tag_item(item);
	json_t *v = within(inner, w);
	if (cbor_tag_value(item) == 1 && json_is_number(v)) {
		json_t *seconds = json_real(json_number_value(v) / (w.time == CBOR_MS ? 1000 : 1));
		json_decref(v);
		v = seconds;
	}
	cbor_decref(&inner);
	return v;
}

/* NULL: something a request can't hold. */
static json_t *from_item(cbor_item_t *item, struct walk w)
{
	if (w.depth > CBOR_DEPTH)
		return NULL;
	switch (cbor_typeof(item)) {
	case CBOR_TYPE_UINT:
		return cbor_get_int(item) > INT64_MAX ? NULL : json_integer((json_int_t)cbor_get_int(item));
	case CBOR_TYPE_NEGINT:
		return cbor_get_int(item) > INT64_MAX ? NULL : json_integer(-1 - (json_int_t)cbor_get_int(item));
	case CBOR_TYPE_BYTESTRING:
		return from_string(item, true);
	case CBOR_TYPE_STRING:
		return from_string(item, false);
	case CBOR_TYPE_ARRAY:
		return from_array(item, w);
	case CBOR_TYPE_MAP:
		return from_map(item, w);
	case CBOR_TYPE_TAG:
		return from_tag(item, w);
	case CBOR_TYPE_FLOAT_CTRL:
		if (!cbor_float_ctrl_is_ctrl(item))
			return isfinite(cbor_float_get_float(item)) ? json_real(cbor_float_get_float(item)) : NULL;
		if (cbor_is_bool(item))
			return json_boolean(cbor_get_bool(item));
		if (cbor_is_null(item) || cbor_is_undef(item))
			return json_null();
		return NULL;
	}
	return NULL;
}

/* ---- sizes ---- */

/* Items that arrays and maps may still declare; -1: more than there are bytes for. */
static void take_items(void *left, size_t n, size_t each)
{
	int64_t *have = left;
	if (*have >= 0)
		*have = n > (size_t)*have / each ? -1 : *have - (int64_t)(n * each);
}

static void array_start(void *left, size_t n)
{
	take_items(left, n, 1);
}

static void map_start(void *left, size_t n)
{
	take_items(left, n, 2);
}

/* libcbor makes room for what an array says it holds before it has seen any of it. Each item has a byte of its own, so
 * all sizes together are at most the length. */
static bool sizes_hold(struct slice in)
{
	struct cbor_callbacks calls = cbor_empty_callbacks;
	int64_t left = (int64_t)in.n;
	struct cbor_decoder_result r;
	calls.array_start = array_start;
	calls.map_start = map_start;
	for (size_t at = 0; at < in.n && left >= 0; at += r.read) {
		r = cbor_stream_decode((cbor_data)in.p + at, in.n - at, &calls, &left);
		if (r.status != CBOR_DECODER_FINISHED || !r.read)
			break;
	}
	return left >= 0;
}

json_t *cbor_read(struct slice in, enum cbor_time time, struct error *err)
{
	struct cbor_load_result how;
	cbor_item_t *item = in.n && sizes_hold(in) ? cbor_load((cbor_data)in.p, in.n, &how) : NULL;
	json_t *v = item ? from_item(item, (struct walk){ time, 0 }) : NULL;
	if (item)
		cbor_decref(&item);
	if (!v)
		err_set(err, ERR_INVALID, "not a CBOR request");
	return v;
}

/* ---- out ---- */

static void put_head(struct buf *out, size_t (*encode)(uint64_t, unsigned char *, size_t), uint64_t n)
{
	unsigned char b[9];
	buf_add(out, b, encode(n, b, sizeof(b)));
}

static void put_text(struct buf *out, const char *s, size_t n)
{
	unsigned char b[9];
	buf_add(out, b, cbor_encode_string_start(n, b, sizeof(b)));
	buf_add(out, s, n);
}

static void put_blob(struct buf *out, const json_t *v)
{
	struct arena a = { 0 };
	struct slice raw = S("");
	unsigned char b[9];
	if (!arena_base64(&a, sl_of(json_string_value(v), json_string_length(v)), &raw))
		raw = S("");
	buf_add(out, b, cbor_encode_bytestring_start(raw.n, b, sizeof(b)));
	buf_add(out, raw.p, raw.n);
	arena_free(&a);
}

static void put_number(struct buf *out, const json_t *v)
{
	unsigned char b[9];
	json_int_t n = json_integer_value(v);
	if (json_is_real(v))
		buf_add(out, b, cbor_encode_double(json_real_value(v), b, sizeof(b)));
	else if (n < 0)
		put_head(out, cbor_encode_negint, (uint64_t)(-1 - n));
	else
		put_head(out, cbor_encode_uint, (uint64_t)n);
}

/* Tag 1; what no clock shows ends at the ends. */
static void put_time(struct buf *out, double seconds, enum cbor_time time)
{
	double ms = fmin(fmax(seconds * 1000, -9e15), 9e15);
	json_t *v = time == CBOR_MS || fmod(ms, 1000) == 0 ? json_integer((json_int_t)llround(time == CBOR_MS ? ms : ms / 1000)) : json_real(ms / 1000);
	put_head(out, cbor_encode_tag, 1);
	put_number(out, v);
	json_decref(v);
}

static void put_value(struct buf *out, const json_t *v, const struct cbor_form *form, const void *node, const char *name)
{
	size_t i;
	const char *key;
	json_t *one;
	unsigned char b[9];
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		put_head(out, (size_t(*)(uint64_t, unsigned char *, size_t))cbor_encode_map_start, json_object_size(v));
		json_object_foreach((json_t *)v, key, one) {
			put_text(out, key, strlen(key));
			put_value(out, one, form, form->member(node, key), key);
		}
		return;
	case JSON_ARRAY:
		put_head(out, (size_t(*)(uint64_t, unsigned char *, size_t))cbor_encode_array_start, json_array_size(v));
		json_array_foreach(v, i, one)
			put_value(out, one, form, form->member(node, NULL), name);
		return;
	case JSON_STRING:
		if (form->as(node, name) == CBOR_BLOB)
			put_blob(out, v);
		else
			put_text(out, json_string_value(v), json_string_length(v));
		return;
	case JSON_INTEGER:
	case JSON_REAL:
		if (form->as(node, name) == CBOR_TIMESTAMP)
			put_time(out, json_number_value(v), form->time);
		else
			put_number(out, v);
		return;
	case JSON_TRUE:
	case JSON_FALSE:
		buf_add(out, b, cbor_encode_bool(json_is_true(v), b, sizeof(b)));
		return;
	case JSON_NULL:
		buf_add(out, b, cbor_encode_null(b, sizeof(b)));
		return;
	}
}

void cbor_write(const json_t *v, const struct cbor_form *form, const void *node, struct buf *out)
{
	put_value(out, v, form, node, "");
}
