#include "kproto/message.h"

/* ---- the tables ---- */

#define FROM(v) .since = (v), .until = KP_NEVER
#define RANGE(a, b) .since = (a), .until = (b)
#define NULLABLE(v) .null_since = (v) + 1
#define TAG(t, v) .tag = (t) + 1, .tag_since = (v)
#define DEFAULT(x) .value = (x)
#define NULL_DEFAULT .null = true

#define ROW_FIELD(T, k, member, ...) { .name = #member, .kind = KP_##k, .at = offsetof(struct T, member), __VA_ARGS__ },
#define ROW_LIST(T, k, member, count, ...) \
	{ .name = #member, .kind = KP_##k, .shape = KP_SHAPE_LIST, .at = offsetof(struct T, member), .n_at = offsetof(struct T, count), __VA_ARGS__ },
#define ROW_ARRAY(T, member, count, type, ...) \
	{ .name = #member, .kind = KP_INNER, .shape = KP_SHAPE_LIST, .at = offsetof(struct T, member), .n_at = offsetof(struct T, count), \
	  .of = &type##_table, __VA_ARGS__ },
#define ROW_ONE(T, member, type, ...) \
	{ .name = #member, .kind = KP_INNER, .shape = KP_SHAPE_POINTER, .at = offsetof(struct T, member), .of = &type##_table, __VA_ARGS__ },
#define ROWS(type, rows) \
	static const struct kp_field type##_fields[] = { rows(ROW_FIELD, ROW_LIST, ROW_ARRAY, ROW_ONE, type) }; \
	const struct kp_table type##_table = { #type, type##_fields, ARRAY_LEN(type##_fields), sizeof(struct type) };
KP_STRUCTS(ROWS)

#define ROW_API(key, upper, lower, name, min, max, flex) { key, min, max, flex, #name, &kp_##lower##_req_table, &kp_##lower##_resp_table },
static const struct kp_api apis[] = { KP_APIS(ROW_API) };

const struct kp_api *kp_apis(size_t *n)
{
	*n = ARRAY_LEN(apis);
	return apis;
}

const struct kp_api *kp_api(int16_t key)
{
	size_t lo = 0, hi = ARRAY_LEN(apis);
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		if (apis[mid].key == key)
			return &apis[mid];
		if (apis[mid].key < key)
			lo = mid + 1;
		else
			hi = mid;
	}
	return NULL;
}

/* ---- values ---- */

static const struct kind {
	uint8_t size, wire; /* bytes in the struct; at least on the wire, flexible */
} kinds[] = {
	[KP_I8] = { 1, 1 }, [KP_I16] = { 2, 2 }, [KP_I32] = { 4, 4 }, [KP_I64] = { 8, 8 }, [KP_U16] = { 2, 2 }, [KP_F64] = { 8, 8 },
	[KP_BOOL] = { sizeof(bool), 1 }, [KP_STRING] = { sizeof(struct slice), 1 }, [KP_BYTES] = { sizeof(struct slice), 1 },
	[KP_RECORDS] = { sizeof(struct slice), 1 }, [KP_UUID] = { sizeof(struct kp_uuid), 16 },
};

static void set_default(const struct kp_field *f, void *message)
{
	char *at = (char *)message + f->at;
	if (f->shape == KP_SHAPE_LIST) {
		*(int32_t *)(void *)((char *)message + f->n_at) = f->null ? -1 : 0;
		return;
	}
	switch (f->kind) {
	case KP_I8:
		*(int8_t *)at = (int8_t)f->value;
		break;
	case KP_BOOL:
		*(bool *)at = f->value != 0;
		break;
	case KP_I16:
	case KP_U16:
		*(int16_t *)(void *)at = (int16_t)f->value;
		break;
	case KP_I32:
		*(int32_t *)(void *)at = (int32_t)f->value;
		break;
	case KP_I64:
		*(int64_t *)(void *)at = f->value;
		break;
	case KP_STRING:
	case KP_BYTES:
	case KP_RECORDS:
		*(struct slice *)(void *)at = f->null ? sl(NULL) : S("");
		break;
	default:
		break;
	}
}

void kp_init(const struct kp_table *t, void *message)
{
	memset(message, 0, t->size);
	for (size_t i = 0; i < t->n; i++)
		set_default(&t->fields[i], message);
}

void *kp_elements(const struct kp_table *t, struct arena *a, size_t n)
{
	char *all = arena_alloc(a, (n ? n : 1) * t->size);
	for (size_t i = 0; i < n; i++)
		kp_init(t, all + i * t->size);
	return all;
}

static bool has(const struct kp_field *f, int16_t version)
{
	return version >= f->since && version <= f->until;
}

/* Whether it stands in the tagged section of that version. */
static bool tagged(const struct kp_field *f, int16_t version)
{
	return f->tag && version >= f->tag_since;
}

static bool may_be_null(const struct kp_field *f, int16_t version)
{
	return f->null_since && version >= f->null_since - 1;
}

/* ---- reading ---- */

enum { ELEMENTS_MAX = 1 << 20 };
struct reading {
	struct rd *r;
	struct arena *a;
	int16_t version;
	bool flex;
	size_t left; /* elements of arrays that are still allowed */
};

static bool read_struct(struct reading *in, const struct kp_table *t, void *message);

/* A length in front: -1 null. */
static int64_t read_length(struct reading *in, bool two)
{
	if (in->flex) {
		uint64_t n = rd_uvarint(in->r);
		if (n > UINT32_MAX)
			in->r->bad = true;
		return (int64_t)n - 1;
	}
	return two ? (int16_t)rd_u16be(in->r) : (int32_t)rd_u32be(in->r);
}

static struct slice read_bytes(struct reading *in, const struct kp_field *f)
{
	int64_t n = read_length(in, f->kind == KP_STRING);
	if (n < 0) {
		if (n < -1 || !may_be_null(f, in->version))
			in->r->bad = true;
		return sl(NULL);
	}
	struct slice s = rd_bytes(in->r, (size_t)n);
	return s.p ? s : S("");
}

static void read_value(struct reading *in, const struct kp_field *f, char *at)
{
	uint64_t bits;
	struct slice id;
	switch (f->kind) {
	case KP_I8:
		*(int8_t *)at = (int8_t)rd_u8(in->r);
		break;
	case KP_BOOL:
		*(bool *)at = rd_u8(in->r) != 0;
		break;
	case KP_I16:
	case KP_U16:
		*(uint16_t *)(void *)at = rd_u16be(in->r);
		break;
	case KP_I32:
		*(uint32_t *)(void *)at = rd_u32be(in->r);
		break;
	case KP_I64:
	case KP_F64:
		bits = rd_u64be(in->r);
		memcpy(at, &bits, sizeof(bits));
		break;
	case KP_UUID:
		id = rd_bytes(in->r, sizeof(struct kp_uuid));
		if (id.n == sizeof(struct kp_uuid))
			memcpy(at, id.p, id.n);
		break;
	case KP_STRING:
	case KP_BYTES:
	case KP_RECORDS:
		*(struct slice *)(void *)at = read_bytes(in, f);
		break;
	case KP_INNER:
		(void)read_struct(in, f->of, at);
		break;
	}
}

/* Bytes that an element takes at least, so that a count can't promise more than is there. */
static size_t least(const struct kp_field *f, int16_t version)
{
	size_t n = 0;
	if (f->kind != KP_INNER)
		return kinds[f->kind].wire;
	for (size_t i = 0; i < f->of->n; i++) {
		const struct kp_field *g = &f->of->fields[i];
		if (has(g, version) && !tagged(g, version))
			n += g->shape == KP_SHAPE_ONE ? kinds[g->kind].wire : 1;
	}
	return n ? n : 1;
}

static void read_list(struct reading *in, const struct kp_field *f, char *message)
{
	int64_t n = read_length(in, false);
	size_t size = f->kind == KP_INNER ? f->of->size : kinds[f->kind].size;
	int32_t *count = (int32_t *)(void *)(message + f->n_at);
	*count = n < 0 ? -1 : 0;
	if (n < 0) {
		in->r->bad |= n < -1 || !may_be_null(f, in->version);
		return;
	}
	if (in->r->bad || (uint64_t)n > in->r->n / least(f, in->version) || (size_t)n > in->left) {
		in->r->bad = true;
		return;
	}
	in->left -= (size_t)n;
	char *all = arena_alloc(in->a, n ? (size_t)n * size : 1); /* never NULL: qsort wants an array even of nothing */
	*(void **)(void *)(message + f->at) = all;
	for (int64_t i = 0; i < n && !in->r->bad; i++)
		read_value(in, f, all + (size_t)i * size);
	*count = in->r->bad ? 0 : (int32_t)n;
}

/* A struct by pointer; null is said by a byte -1 where it may be. */
static void read_one(struct reading *in, const struct kp_field *f, char *at)
{
	*(void **)(void *)at = NULL;
	if (may_be_null(f, in->version) && (int8_t)rd_u8(in->r) < 0)
		return;
	void *inner = arena_alloc(in->a, f->of->size);
	if (read_struct(in, f->of, inner))
		*(void **)(void *)at = inner;
}

static void read_field(struct reading *in, const struct kp_field *f, char *message)
{
	if (f->shape == KP_SHAPE_LIST)
		read_list(in, f, message);
	else if (f->shape == KP_SHAPE_POINTER)
		read_one(in, f, message + f->at);
	else
		read_value(in, f, message + f->at);
}

static void read_tags(struct reading *in, const struct kp_table *t, char *message)
{
	uint64_t n = rd_uvarint(in->r);
	for (uint64_t i = 0; i < n && !in->r->bad; i++) {
		uint64_t tag = rd_uvarint(in->r);
		uint64_t size = rd_uvarint(in->r);
		struct slice bytes = rd_bytes(in->r, (size_t)size);
		struct rd inner = rd_of(bytes.p, bytes.n), *whole = in->r;
		for (size_t j = 0; j < t->n && !whole->bad; j++) {
			const struct kp_field *f = &t->fields[j];
			if (!has(f, in->version) || !tagged(f, in->version) || (uint64_t)f->tag != tag + 1)
				continue;
			in->r = &inner;
			read_field(in, f, message);
			in->r = whole;
			whole->bad |= inner.bad;
		}
	}
}

static bool read_struct(struct reading *in, const struct kp_table *t, void *message)
{
	memset(message, 0, t->size);
	for (size_t i = 0; i < t->n; i++) {
		const struct kp_field *f = &t->fields[i];
		if (has(f, in->version) && !tagged(f, in->version))
			read_field(in, f, message);
		else
			set_default(f, message);
	}
	if (in->flex)
		read_tags(in, t, message);
	return !in->r->bad;
}

bool kp_read(const struct kp_table *t, int16_t version, bool flex, struct rd *r, struct arena *a, void *message)
{
	struct reading in = { .r = r, .a = a, .version = version, .flex = flex, .left = ELEMENTS_MAX };
	return read_struct(&in, t, message);
}

/* ---- writing ---- */

struct writing {
	struct buf *out;
	int16_t version;
	bool flex;
};

static void write_struct(struct writing *w, const struct kp_table *t, const char *message);

static void write_length(struct writing *w, int64_t n, bool two)
{
	if (w->flex)
		buf_uvarint(w->out, (uint64_t)(n + 1));
	else if (two)
		buf_u16be(w->out, (uint16_t)n);
	else
		buf_u32be(w->out, (uint32_t)n);
}

static void write_bytes(struct writing *w, const struct kp_field *f, struct slice s)
{
	bool null = !s.p && may_be_null(f, w->version);
	write_length(w, null ? -1 : (int64_t)s.n, f->kind == KP_STRING);
	buf_addsl(w->out, s);
}

static void write_value(struct writing *w, const struct kp_field *f, const char *at)
{
	uint64_t bits;
	switch (f->kind) {
	case KP_I8:
		buf_u8(w->out, *(const uint8_t *)at);
		break;
	case KP_BOOL:
		buf_u8(w->out, *(const bool *)at);
		break;
	case KP_I16:
	case KP_U16:
		buf_u16be(w->out, *(const uint16_t *)(const void *)at);
		break;
	case KP_I32:
		buf_u32be(w->out, *(const uint32_t *)(const void *)at);
		break;
	case KP_I64:
	case KP_F64:
		memcpy(&bits, at, sizeof(bits));
		buf_u64be(w->out, bits);
		break;
	case KP_UUID:
		buf_add(w->out, at, sizeof(struct kp_uuid));
		break;
	case KP_STRING:
	case KP_BYTES:
	case KP_RECORDS:
		write_bytes(w, f, *(const struct slice *)(const void *)at);
		break;
	case KP_INNER:
		write_struct(w, f->of, at);
		break;
	}
}

static void write_list(struct writing *w, const struct kp_field *f, const char *message)
{
	int32_t n = *(const int32_t *)(const void *)(message + f->n_at);
	size_t size = f->kind == KP_INNER ? f->of->size : kinds[f->kind].size;
	const char *all = *(const char *const *)(const void *)(message + f->at);
	if (n < 0 && !may_be_null(f, w->version))
		n = 0;
	write_length(w, n, false);
	for (int32_t i = 0; i < n; i++)
		write_value(w, f, all + (size_t)i * size);
}

static void write_one(struct writing *w, const struct kp_field *f, const char *at)
{
	const char *inner = *(const char *const *)(const void *)at;
	if (may_be_null(f, w->version))
		buf_u8(w->out, inner ? 1 : 0xff);
	if (inner) {
		write_struct(w, f->of, inner);
	} else if (!may_be_null(f, w->version)) {
		char *made = xmalloc(f->of->size);
		kp_init(f->of, made);
		write_struct(w, f->of, made);
		free(made);
	}
}

static void write_field(struct writing *w, const struct kp_field *f, const char *message)
{
	if (f->shape == KP_SHAPE_LIST)
		write_list(w, f, message);
	else if (f->shape == KP_SHAPE_POINTER)
		write_one(w, f, message + f->at);
	else
		write_value(w, f, message + f->at);
}

/* A tagged field at its default isn't written. */
static bool at_default(const struct kp_field *f, const char *message)
{
	union {
		int64_t whole;
		char bytes[64];
	} made;
	const char *at = message + f->at;
	if (f->shape == KP_SHAPE_LIST)
		return *(const int32_t *)(const void *)(message + f->n_at) == (f->null ? -1 : 0);
	if (f->shape == KP_SHAPE_POINTER)
		return !*(const void *const *)(const void *)at;
	if (f->kind == KP_STRING || f->kind == KP_BYTES || f->kind == KP_RECORDS) {
		const struct slice *s = (const struct slice *)(const void *)at;
		return f->null ? !s->p : !s->n;
	}
	memset(&made, 0, sizeof(made));
	struct kp_field here = *f;
	here.at = 0;
	set_default(&here, made.bytes);
	return !memcmp(made.bytes, at, kinds[f->kind].size);
}

/* What is between here and there is one of the tags' values: its size goes before it. */
static void put_size_before(struct buf *out, size_t from)
{
	struct buf size = { 0 };
	size_t n = out->n - from;
	buf_uvarint(&size, n);
	if (buf_room(out, size.n)) {
		memmove(out->p + from + size.n, out->p + from, n);
		memcpy(out->p + from, size.p, size.n);
		out->n += size.n;
	}
	buf_free(&size);
}

static void write_tags(struct writing *w, const struct kp_table *t, const char *message)
{
	uint64_t n = 0;
	for (size_t i = 0; i < t->n; i++)
		n += has(&t->fields[i], w->version) && tagged(&t->fields[i], w->version) && !at_default(&t->fields[i], message);
	buf_uvarint(w->out, n);
	for (int16_t tag = 1; n; tag++) { /* in their order */
		for (size_t i = 0; i < t->n; i++) {
			const struct kp_field *f = &t->fields[i];
			if (f->tag != tag || !has(f, w->version) || !tagged(f, w->version) || at_default(f, message))
				continue;
			buf_uvarint(w->out, (uint64_t)tag - 1);
			size_t from = w->out->n;
			write_field(w, f, message);
			put_size_before(w->out, from);
			n--;
		}
	}
}

static void write_struct(struct writing *w, const struct kp_table *t, const char *message)
{
	for (size_t i = 0; i < t->n; i++)
		if (has(&t->fields[i], w->version) && !tagged(&t->fields[i], w->version))
			write_field(w, &t->fields[i], message);
	if (w->flex)
		write_tags(w, t, message);
}

void kp_write(const struct kp_table *t, int16_t version, bool flex, const void *message, struct buf *out)
{
	struct writing w = { out, version, flex };
	write_struct(&w, t, message);
}

/* ---- headers ---- */

static void skip_tags(struct rd *r)
{
	uint64_t n = rd_uvarint(r);
	for (uint64_t i = 0; i < n && !r->bad; i++) {
		(void)rd_uvarint(r);
		(void)rd_bytes(r, (size_t)rd_uvarint(r));
	}
}

bool kp_header_read(struct rd *r, struct kp_header *h)
{
	h->key = (int16_t)rd_u16be(r);
	h->version = (int16_t)rd_u16be(r);
	h->correlation = (int32_t)rd_u32be(r);
	int16_t n = (int16_t)rd_u16be(r); /* the client's id is never compact */
	h->client = n < 0 ? sl(NULL) : rd_bytes(r, (size_t)n);
	h->api = r->bad ? NULL : kp_api(h->key);
	if (!h->api)
		return false;
	h->flex = h->version >= h->api->flex;
	if (h->flex && h->version <= h->api->max)
		skip_tags(r);
	return !r->bad;
}

static void put_u32be(struct buf *b, size_t at, uint32_t v)
{
	if (b->bad)
		return;
	for (int i = 0; i < 4; i++)
		b->p[at + (size_t)i] = (char)(v >> (24 - 8 * i));
}

void kp_request_write(const struct kp_api *api, int16_t version, int32_t correlation, struct slice client, const void *request, struct buf *out)
{
	size_t from = out->n;
	buf_u32be(out, 0);
	buf_u16be(out, (uint16_t)api->key);
	buf_u16be(out, (uint16_t)version);
	buf_u32be(out, (uint32_t)correlation);
	buf_u16be(out, client.p ? (uint16_t)client.n : 0xffff);
	buf_addsl(out, client);
	if (version >= api->flex)
		buf_u8(out, 0);
	kp_write(api->request, version, version >= api->flex, request, out);
	put_u32be(out, from, (uint32_t)(out->n - from - 4));
}

/* ApiVersions is answered under the old header, as its asker may not know the new one. */
static bool new_header(const struct kp_api *api, int16_t version)
{
	return version >= api->flex && api->key != KP_API_VERSIONS;
}

bool kp_response_read(const struct kp_api *api, int16_t version, struct slice frame, struct arena *a, int32_t *correlation, void *response)
{
	struct rd r = rd_of(frame.p, frame.n);
	*correlation = (int32_t)rd_u32be(&r);
	if (new_header(api, version))
		skip_tags(&r);
	return kp_read(api->response, version, version >= api->flex, &r, a, response);
}

void kp_response_write(const struct kp_api *api, int16_t version, int32_t correlation, const void *response, struct buf *out)
{
	size_t from = out->n;
	buf_u32be(out, 0);
	buf_u32be(out, (uint32_t)correlation);
	if (new_header(api, version))
		buf_u8(out, 0);
	kp_write(api->response, version, version >= api->flex, response, out);
	put_u32be(out, from, (uint32_t)(out->n - from - 4));
}
