/* Requests of control planes: forms and JSON by a shape with everything in it; what was decoded is checked and written in each form. */
#include "aws/shape.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static const char text[] = "Name!:s1-64~[\\w+=,.@-]+~ N:i1-100 D:n On:b At:t Blob:x1-10 Any:j Kind:A|B|C List:[{Key!:s1-4 Value:[s]}]0-5 Item:[Item=i] Map:<s1-3> "
			   "S:{A:i B:{C:s}} ?limit:i ?ids:[s]";

static void write_all(const struct shape *s, json_t *v)
{
	struct buf b = { .max = 1 << 20 };
	shape_json(s, v, SHAPE_ISO, &b);
	b.n = 0;
	shape_xml(s, v, "member", true, &b);
	b.n = 0;
	shape_cbor(s, v, &b);
	buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct arena a = { 0 };
	struct error err;
	struct buf problems = { .max = 1 << 16 };
	const struct shape *s = shape_of(text);
	struct http_req req = { .arena = &a };
	bool form = n && p[0] & 1;
	if (!n)
		return 0;
	req.body = form ? sl_of(p + 1, n - 1) : sl(NULL);
	req.query = form ? sl(NULL) : sl_of(p + 1, n / 4);
	json_t *v = form ? shape_form(&req, &err) : json_loadb((const char *)p + 1, n - 1, 0, NULL);
	if (v && json_is_object(v) && !shape_decode(s, v, form ? SHAPE_FORM : SHAPE_JSON, &err)) {
		static const struct slice none[1];
		shape_uri(s, &req, none, v);
		(void)!shape_check(s, v, true, &problems);
		write_all(s, v);
	}
	json_decref(v);
	buf_free(&problems);
	arena_free(&a);
	return 0;
}
