/* CBOR 1.1 bodies: which members are bytes and times is told by their names. */
#include "core/cbor.h"
#include "kinesis/wire.h"

static const void *member(const void *node, const char *name)
{
	return NULL;
}

static enum cbor_as as(const void *node, const char *name)
{
	return !strcmp(name, "Data") ? CBOR_BLOB : sl_ends(sl(name), S("Timestamp")) ? CBOR_TIMESTAMP : CBOR_PLAIN;
}

static const struct cbor_form form = { CBOR_MS, member, as };

json_t *kin_cbor_read(struct slice in, struct error *err)
{
	return cbor_read(in, CBOR_MS, err);
}

void kin_cbor_write(const json_t *v, struct buf *out)
{
	cbor_write(v, &form, NULL, out);
}
