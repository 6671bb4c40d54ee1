/* SimpleHeaderConverter: text of headers -> values, and back. */
#include "connect/convert.h"

int con_convert_header(struct arena *a, const struct con_conv *c, struct slice in, struct cv_data *out, struct error *err)
{
	return con_convert(a, c, in, out, err);
}

int con_parse_values(struct arena *a, struct slice in, struct cv_data *out, struct error *err)
{
	(void)err;
	*out = (struct cv_data){ 0 };
	if (in.p)
		*out = (struct cv_data){ cv_schema_plain(CV_STRING, false), cv_str(java_decode(a, in)) };
	return 0;
}

void con_print_values(struct buf *out, const struct cv_value *v, bool embedded)
{
	(void)embedded;
	cv_print(out, v);
}
