#include "kafka/kafka.h"

void kfk_answer_begin(struct kfk_call *c, bool tagged_header)
{
	c->answer_at = c->out->n;
	buf_u32be(c->out, 0);
	buf_u32be(c->out, (uint32_t)c->correlation);
	if (tagged_header)
		buf_u8(c->out, 0);
}

static void patch_u32be(struct buf *b, size_t at, uint32_t v)
{
	if (b->bad)
		return;
	for (int i = 0; i < 4; i++)
		b->p[at + (size_t)i] = (char)(v >> (24 - 8 * i));
}

void kfk_answer_end(struct kfk_call *c)
{
	patch_u32be(c->out, c->answer_at, (uint32_t)(c->out->n - c->answer_at - 4));
}

int8_t kfk_i8(struct kfk_call *c)
{
	return (int8_t)rd_u8(&c->r);
}

int16_t kfk_i16(struct kfk_call *c)
{
	return (int16_t)rd_u16be(&c->r);
}

int32_t kfk_i32(struct kfk_call *c)
{
	return (int32_t)rd_u32be(&c->r);
}

int64_t kfk_i64(struct kfk_call *c)
{
	return (int64_t)rd_u64be(&c->r);
}

/* n < 0: null. Present but empty is not null. */
static struct slice counted(struct kfk_call *c, int64_t n)
{
	if (n < 0)
		return sl(NULL);
	struct slice s = rd_bytes(&c->r, (size_t)n);
	return s.p || c->r.bad ? s : S("");
}

struct slice kfk_str(struct kfk_call *c)
{
	return counted(c, c->flex ? (int64_t)(uint32_t)rd_uvarint(&c->r) - 1 : (int64_t)kfk_i16(c));
}

struct slice kfk_bytes(struct kfk_call *c)
{
	return counted(c, c->flex ? (int64_t)(uint32_t)rd_uvarint(&c->r) - 1 : (int64_t)kfk_i32(c));
}

int32_t kfk_array(struct kfk_call *c)
{
	int64_t n = c->flex ? (int64_t)(uint32_t)rd_uvarint(&c->r) - 1 : (int64_t)kfk_i32(c);
	if (n > (int64_t)c->r.n)
		c->r.bad = true;
	if (c->r.bad)
		return 0;
	return n < 0 ? -1 : (int32_t)n;
}

void kfk_tags(struct kfk_call *c)
{
	if (!c->flex)
		return;
	uint64_t n = rd_uvarint(&c->r);
	for (uint64_t i = 0; i < n && !c->r.bad; i++) {
		(void)rd_uvarint(&c->r);
		(void)rd_bytes(&c->r, (size_t)rd_uvarint(&c->r));
	}
}

void kfk_put_i8(struct kfk_call *c, int8_t v)
{
	buf_u8(c->out, (uint8_t)v);
}

void kfk_put_i16(struct kfk_call *c, int v)
{
	buf_u16be(c->out, (uint16_t)v);
}

void kfk_put_i32(struct kfk_call *c, int32_t v)
{
	buf_u32be(c->out, (uint32_t)v);
}

void kfk_put_i64(struct kfk_call *c, int64_t v)
{
	buf_u64be(c->out, (uint64_t)v);
}

void kfk_put_str(struct kfk_call *c, struct slice s)
{
	if (c->flex)
		buf_uvarint(c->out, s.p ? s.n + 1 : 0);
	else
		buf_u16be(c->out, s.p ? (uint16_t)s.n : 0xffff);
	buf_addsl(c->out, s);
}

void kfk_put_array(struct kfk_call *c, int32_t n)
{
	if (c->flex)
		buf_uvarint(c->out, (uint64_t)(n + 1));
	else
		buf_u32be(c->out, (uint32_t)n);
}

void kfk_put_tags(struct kfk_call *c)
{
	if (c->flex)
		buf_u8(c->out, 0);
}
