/* Thrift's compact protocol: see thrift.h. */
#include "parquet/thrift.h"

#include <assert.h>

/* ---- writing ---- */

struct th_writer th_writer(struct buf *b)
{
	return (struct th_writer){ .b = b };
}

static void field(struct th_writer *w, int id, enum th_type type)
{
	int delta = id - w->last[w->depth];
	if (delta >= 1 && delta <= 15) {
		buf_u8(w->b, (uint8_t)(delta << 4 | type));
	} else {
		buf_u8(w->b, (uint8_t)type);
		buf_varint(w->b, id);
	}
	w->last[w->depth] = id;
}

void th_bool(struct th_writer *w, int id, bool v)
{
	field(w, id, v ? TH_TRUE : TH_FALSE);
}

void th_byte(struct th_writer *w, int id, uint8_t v)
{
	field(w, id, TH_BYTE);
	buf_u8(w->b, v);
}

void th_i16(struct th_writer *w, int id, int v)
{
	field(w, id, TH_I16);
	buf_varint(w->b, v);
}

void th_i32(struct th_writer *w, int id, int32_t v)
{
	field(w, id, TH_I32);
	buf_varint(w->b, v);
}

void th_i64(struct th_writer *w, int id, int64_t v)
{
	field(w, id, TH_I64);
	buf_varint(w->b, v);
}

void th_item_i32(struct th_writer *w, int32_t v)
{
	buf_varint(w->b, v);
}

void th_item_binary(struct th_writer *w, struct slice v)
{
	buf_uvarint(w->b, v.n);
	buf_addsl(w->b, v);
}

void th_binary(struct th_writer *w, int id, struct slice v)
{
	field(w, id, TH_BINARY);
	th_item_binary(w, v);
}

void th_list(struct th_writer *w, int id, enum th_type element, size_t n)
{
	field(w, id, TH_LIST);
	if (n < 15) {
		buf_u8(w->b, (uint8_t)(n << 4 | element));
	} else {
		buf_u8(w->b, (uint8_t)(0xf0 | element));
		buf_uvarint(w->b, n);
	}
}

void th_item_struct(struct th_writer *w)
{
	assert(w->depth + 1 < TH_DEPTH);
	w->last[++w->depth] = 0;
}

void th_struct(struct th_writer *w, int id)
{
	field(w, id, TH_STRUCT);
	th_item_struct(w);
}

void th_end(struct th_writer *w)
{
	buf_u8(w->b, TH_STOP);
	if (w->depth > 0)
		w->depth--;
}

/* ---- reading ---- */

struct th_reader th_reader(struct slice in)
{
	return (struct th_reader){ .r = rd_of(in.p, in.n), .depth = -1 };
}

void th_enter(struct th_reader *t)
{
	if (t->depth + 1 >= TH_DEPTH) {
		t->r.bad = true;
		return;
	}
	t->last[++t->depth] = 0;
}

bool th_field(struct th_reader *t, struct th_field *f)
{
	uint8_t head;
	int64_t id;
	if (t->r.bad || t->depth < 0)
		return false;
	head = rd_u8(&t->r);
	if (t->r.bad || (head & 0x0f) == TH_STOP) {
		t->depth--;
		return false;
	}
	id = head >> 4 ? t->last[t->depth] + (head >> 4) : rd_varint(&t->r);
	if (id < -32768 || id > 32767 || (head & 0x0f) > TH_STRUCT)
		t->r.bad = true;
	f->id = t->r.bad ? 0 : (int)id;
	f->type = (enum th_type)(head & 0x0f);
	t->last[t->depth] = f->id;
	return !t->r.bad;
}

bool th_take_bool(struct th_reader *t, struct th_field f)
{
	if (f.type != TH_TRUE && f.type != TH_FALSE)
		t->r.bad = true;
	return f.type == TH_TRUE;
}

int64_t th_take_int(struct th_reader *t, struct th_field f)
{
	if (f.type < TH_BYTE || f.type > TH_I64) {
		t->r.bad = true;
		return 0;
	}
	return f.type == TH_BYTE ? (int8_t)rd_u8(&t->r) : rd_varint(&t->r);
}

int32_t th_take_i32(struct th_reader *t, struct th_field f)
{
	int64_t v = th_take_int(t, f);
	if (v < INT32_MIN || v > INT32_MAX) {
		t->r.bad = true;
		return 0;
	}
	return (int32_t)v;
}

static struct slice th_item_bytes(struct th_reader *t)
{
	uint64_t n = rd_uvarint(&t->r);
	if (n > t->r.n) {
		t->r.bad = true;
		return S("");
	}
	return rd_bytes(&t->r, (size_t)n);
}

struct slice th_take_binary(struct th_reader *t, struct th_field f)
{
	if (f.type != TH_BINARY) {
		t->r.bad = true;
		return S("");
	}
	return th_item_bytes(t);
}

/* Element type and count; each element takes a byte at least, so a count over what is left is a lie. */
static size_t list_head(struct th_reader *t, enum th_type *element)
{
	uint8_t head = rd_u8(&t->r);
	uint64_t n = head >> 4 == 15 ? rd_uvarint(&t->r) : head >> 4;
	*element = (enum th_type)(head & 0x0f);
	if (n > t->r.n || *element == TH_STOP || *element > TH_STRUCT) {
		t->r.bad = true;
		return 0;
	}
	return (size_t)n;
}

size_t th_take_list(struct th_reader *t, struct th_field f, enum th_type element)
{
	enum th_type got = TH_STOP;
	size_t n;
	if (f.type != TH_LIST) {
		t->r.bad = true;
		return 0;
	}
	n = list_head(t, &got);
	if (n && got != element) {
		t->r.bad = true;
		return 0;
	}
	return n;
}

static void skip_value(struct th_reader *t, enum th_type type, bool in_list, int depth);

static void skip_list(struct th_reader *t, int depth)
{
	enum th_type element = TH_STOP;
	size_t n = list_head(t, &element);
	for (size_t i = 0; i < n && !t->r.bad; i++)
		skip_value(t, element, true, depth + 1);
}

static void skip_map(struct th_reader *t, int depth)
{
	uint64_t n = rd_uvarint(&t->r);
	uint8_t types;
	if (n == 0)
		return;
	types = rd_u8(&t->r);
	if (n > t->r.n)
		t->r.bad = true;
	for (uint64_t i = 0; i < n && !t->r.bad; i++) {
		skip_value(t, (enum th_type)(types >> 4), true, depth + 1);
		skip_value(t, (enum th_type)(types & 0x0f), true, depth + 1);
	}
}

static void skip_struct(struct th_reader *t, int depth)
{
	for (;;) {
		uint8_t head = rd_u8(&t->r);
		if (t->r.bad || (head & 0x0f) == TH_STOP)
			return;
		if (!(head >> 4))
			(void)rd_varint(&t->r);
		skip_value(t, (enum th_type)(head & 0x0f), false, depth + 1);
	}
}

static void skip_value(struct th_reader *t, enum th_type type, bool in_list, int depth)
{
	if (depth > TH_DEPTH || t->r.bad) {
		t->r.bad = true;
		return;
	}
	switch (type) {
	case TH_TRUE:
	case TH_FALSE:
		if (in_list)
			(void)rd_u8(&t->r);
		return;
	case TH_BYTE:
		(void)rd_u8(&t->r);
		return;
	case TH_I16:
	case TH_I32:
	case TH_I64:
		(void)rd_uvarint(&t->r);
		return;
	case TH_DOUBLE:
		(void)rd_bytes(&t->r, 8);
		return;
	case TH_BINARY:
		(void)th_item_bytes(t);
		return;
	case TH_LIST:
	case TH_SET:
		skip_list(t, depth);
		return;
	case TH_MAP:
		skip_map(t, depth);
		return;
	case TH_STRUCT:
		skip_struct(t, depth);
		return;
	case TH_STOP:
		break;
	}
	t->r.bad = true;
}

void th_skip(struct th_reader *t, struct th_field f)
{
	skip_value(t, f.type, false, 0);
}

void th_take_slot(struct th_reader *t, struct th_field f, const struct th_slot *slots)
{
	while (slots->id && slots->id != f.id)
		slots++;
	if (slots->narrow)
		*slots->narrow = th_take_i32(t, f);
	else if (slots->wide)
		*slots->wide = th_take_int(t, f);
	else
		th_skip(t, f);
}

void th_take_slots(struct th_reader *t, const struct th_slot *slots)
{
	struct th_field f;
	th_enter(t);
	while (th_field(t, &f))
		th_take_slot(t, f, slots);
}
