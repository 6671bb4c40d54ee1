/* What GetObjectAttributes tells of an object's parts: each of them only where the checksum is one of the parts' checksums. */
#include "s3.h"

static int header_int(struct s3_req *r, const char *name, int64_t otherwise, int64_t max, int64_t *out)
{
	struct slice v = http_get(r->http, name);
	*out = otherwise;
	if (!v.p || sl_int(sl_trim(v), 0, INT32_MAX, out)) {
		*out = *out > max ? max : *out;
		return 0;
	}
	return s3_bad_argument(r, name, v, arena_cstr(r->a, arena_printf(r->a, "Provided %s not an integer or within integer range", name)));
}

static void add_part(struct buf *b, const struct s3_piece *p)
{
	buf_adds(b, "<Part>");
	s3_xml_sum(b, &p->sum, 0);
	buf_addf(b, "<PartNumber>%d</PartNumber><Size>%lld</Size></Part>", p->n, (long long)p->size);
}

int s3_xml_object_parts(struct s3 *s, struct s3_req *r, const struct s3_object *o, struct buf *b)
{
	struct s3_piece *pieces;
	int64_t max, after;
	struct error err;
	size_t n;
	bool more;
	int rc = header_int(r, "x-amz-max-parts", 1000, 1000, &max);
	if (rc || (rc = header_int(r, "x-amz-part-number-marker", 0, INT32_MAX, &after)) != 0)
		return rc;
	buf_addf(b, "<ObjectParts><PartsCount>%d</PartsCount>", o->part_n);
	if (o->sum.composite) {
		if (s3_store_pieces(&s->store, r->a, o->id, (int)after, (size_t)max + 1, &pieces, &n, &err))
			return s3_store_fail(&r->fail, &err);
		more = n > (size_t)max;
		n -= more;
		buf_addf(b, "<PartNumberMarker>%lld</PartNumberMarker><NextPartNumberMarker>%d</NextPartNumberMarker><MaxParts>%lld</MaxParts>"
			    "<IsTruncated>%s</IsTruncated>", (long long)after, n ? pieces[n - 1].n : 0, (long long)max, more ? "true" : "false");
		for (size_t i = 0; i < n; i++)
			add_part(b, &pieces[i]);
	}
	buf_adds(b, "</ObjectParts>");
	return 0;
}
