/* What is imported into a workspace: the first byte says what as: source, .ipynb, HTML, an archive, a form. A notebook that was read is written
 * as source, and reads as the same commands again. */
#include "core/json.h"
#include "databricks/form.h"
#include "databricks/notebook.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

/* In source "# MAGIC", titles and separators are read, and blank lines around a cell aren't kept: the second writing is the first. */
static void written_twice(struct arena *a, const struct dbx_notebook *n)
{
	struct buf first = { 0 }, second = { 0 }, other = { 0 };
	struct dbx_notebook again, third;
	dbx_source_write(n, &first);
	dbx_source_read(a, buf_slice(&first), n->language, &again);
	dbx_source_write(&again, &second);
	dbx_source_read(a, buf_slice(&second), n->language, &third);
	if (again.n != third.n)
		__builtin_trap();
	dbx_html_write(n, &other);
	dbx_ipynb_write(n, &other);
	json_decref(dbx_model_write(n));
	buf_free(&first);
	buf_free(&second);
	buf_free(&other);
}

static int on_member(void *arg, struct slice name, struct slice bytes, struct error *err)
{
	struct arena *a = arg;
	json_t *model = json_loadb(bytes.p ? bytes.p : "", bytes.n, JSON_ALLOW_NUL, NULL);
	struct dbx_notebook n;
	int rc = dbx_model_read(a, model, &n, err);
	json_decref(model);
	if (!rc)
		written_twice(a, &n);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct slice in = sl_of(p, n);
	struct arena a = { 0 };
	struct dbx_notebook nb = { 0 };
	struct dbx_form form;
	struct error err;
	bool ipynb;
	if (!n)
		return 0;
	in = sl_from(in, 1);
	switch (p[0] % 5) {
	case 0:
		(void)dbx_notebook_of_file(S("x.py"), in, &ipynb);
		dbx_source_read(&a, in, n % 2 ? "PYTHON" : "SQL", &nb);
		written_twice(&a, &nb);
		break;
	case 1:
		(void)dbx_notebook_of_file(S("x.ipynb"), in, &ipynb);
		if (!dbx_ipynb_read(&a, in, &nb, &err))
			written_twice(&a, &nb);
		break;
	case 2:
		if (!dbx_html_read(&a, in, &nb, &err))
			written_twice(&a, &nb);
		break;
	case 3:
		(void)(dbx_archive_read(in, 1 << 20, on_member, &a, &err) == 0);
		break;
	case 4:
		if (dbx_form_read(&a, S("multipart/form-data; boundary=x"), in, &form))
			(void)dbx_form_field(&form, "content");
		break;
	}
	arena_free(&a);
	return 0;
}
