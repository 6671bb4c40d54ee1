#include "gzip.h"
#include "stack.h"

/* No file here is one of gzip's own: what begins so was packed for the binary. */
static bool is_packed(const struct embedded *f)
{
	return f->n > 18 && f->data[0] == 0x1f && f->data[1] == 0x8b;
}

size_t embedded_size(const struct embedded *f)
{
	const unsigned char *end = f->data + f->n;
	return is_packed(f) ? (size_t)end[-4] | (size_t)end[-3] << 8 | (size_t)end[-2] << 16 | (size_t)end[-1] << 24 : f->n;
}

void embedded_add(const struct embedded *f, struct buf *out)
{
	struct error err;
	(void)buf_room(out, embedded_size(f) + 1);
	if (!is_packed(f))
		buf_add(out, f->data, f->n);
	else if (gzip_unpack(sl_of((const char *)f->data, f->n), out, &err))
		out->bad = true; /* the binary itself is damaged */
}
