/* Folders KEY=VALUE between a path and its files are columns, as Spark's PartitioningUtils finds them. */
#include "core/path.h"
#include "lake/files.h"
#include "spark/cast.h"
#include "spark/decimal.h"
#include "spark/time.h"

static const struct slice none = { "__HIVE_DEFAULT_PARTITION__", 26 };

struct found { /* of one folder */
	struct slice names[LAKE_PARTITIONS_MAX], values[LAKE_PARTITIONS_MAX];
	size_t n;
	struct slice base; /* the folder in which the first of them is */
};

/* From the folder of the file upwards: the first run of KEY=VALUE, up to the path itself. */
static int parse_folder(struct lake_relation *r, struct slice folder, size_t base_n, struct found *out)
{
	struct slice name, value, part;
	out->n = 0;
	out->base = folder;
	while (folder.n > base_n) {
		size_t at = folder.n;
		while (at > base_n && folder.p[at - 1] != '/')
			at--;
		part = sl_from(folder, at);
		folder.n = at > 0 ? at - 1 : 0;
		if (!sl_cut(part, '=', &name, &value) || !value.p || !name.n) {
			if (out->n)
				break;
			continue;
		}
		if (!value.n) {
			sp_fail(&r->err, SP_E_RUN, "", "", "assertion failed: Empty partition column value in '%.*s'", SL(part));
			r->err.java = "java.lang.AssertionError";
			return 1;
		}
		if (out->n == LAKE_PARTITIONS_MAX)
			return sp_fail(&r->err, SP_E_LIMIT, "", "", "more than %d partition columns", LAKE_PARTITIONS_MAX);
		out->names[out->n] = arena_url_decode(r->arena, name, false);
		out->values[out->n++] = arena_url_decode(r->arena, value, false);
		out->base = folder;
	}
	for (size_t i = 0; i < out->n / 2; i++) {
		size_t k = out->n - 1 - i;
		struct slice a = out->names[i], b = out->values[i];
		out->names[i] = out->names[k];
		out->values[i] = out->values[k];
		out->names[k] = a;
		out->values[k] = b;
	}
	return 0;
}

static struct slice folder_of(const struct lake_found_file *f)
{
	size_t at = f->key.n;
	while (at && f->key.p[at - 1] != '/')
		at--;
	return sl_of(f->key.p, at ? at - 1 : 0);
}

/* ---- what can't be ---- */

static int other_base(struct lake_relation *r, struct slice a, struct slice b)
{
	sp_fail(&r->err, SP_E_RUN, "", "", "assertion failed: Conflicting directory structures detected. Suspicious paths:\b\n\t%.*s\n\t%.*s\n\n"
		"If provided paths are partition directories, please set \"basePath\" in the options of the data source to specify the root directory of the table. "
		"If there are multiple root directories, please load them separately and then union them.", SL(a), SL(b));
	r->err.java = "java.lang.AssertionError";
	return 1;
}

static void put_names(struct buf *b, const struct slice *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		buf_addf(b, "%s%.*s", i ? ", " : "", SL(names[i]));
}

static int other_names(struct lake_relation *r, const struct found *x, struct slice folder, struct slice first)
{
	struct lake_files *f = lake_files_of(r);
	struct buf b = { 0 };
	buf_adds(&b, "assertion failed: Conflicting partition column names detected:\n\n\tPartition column name list #0: ");
	put_names(&b, f->names, f->part_n);
	buf_adds(&b, "\n\tPartition column name list #1: ");
	put_names(&b, x->names, x->n);
	buf_addf(&b, "\n\nFor partitioned table directories, data files should only live in leaf directories.\nAnd directories at the same level should have the "
		 "same partition column name.\nPlease check the following directories for unexpected files or inconsistent partition column names:\n\n\t%.*s\n\t%.*s",
		 SL(first), SL(folder));
	sp_fail(&r->err, SP_E_RUN, "", "", "%s", buf_cstr(&b));
	r->err.java = "java.lang.AssertionError";
	buf_free(&b);
	return 1;
}

static bool same_names(const struct lake_files *f, const struct found *x)
{
	if (f->part_n != x->n)
		return false;
	for (size_t i = 0; i < x->n; i++)
		if (!sl_eq_nocase(f->names[i], x->names[i]))
			return false;
	return true;
}

/* ---- types ---- */

static const struct sp_type *type_of(struct lake_files *f, struct slice s)
{
	struct sp_value in = { .s = s }, out;
	const struct sp_type *text = &sp_types[SP_STRING];
	int64_t n;
	int32_t days;
	__int128 wide;
	size_t digits = 0;
	bool real = false;
	if (sl_eq(s, none))
		return &sp_types[SP_VOID];
	if (sl_int(s, INT32_MIN, INT32_MAX, &n))
		return &sp_types[SP_INT];
	if (sl_int(s, INT64_MIN, INT64_MAX, &n))
		return &sp_types[SP_BIGINT];
	for (size_t i = 0; i < s.n; i++) {
		digits += s.p[i] >= '0' && s.p[i] <= '9';
		real |= s.p[i] == '.' || s.p[i] == 'e' || s.p[i] == 'E';
	}
	if (digits && !real && digits <= SP_PRECISION_MAX && sp_dec_parse(s, (int)digits, 0, &wide, NULL) == SP_DEC_OK)
		return sp_decimal(f->r->arena, (int)digits, 0);
	if (!sp_cast_value(&f->run, NULL, text, &sp_types[SP_DOUBLE], false, &in, &out) && !out.null)
		return &sp_types[SP_DOUBLE];
	if (s.n == 10 && sp_text_date(s, &days))
		return &sp_types[SP_DATE];
	if (s.n > 10 && !sp_cast_value(&f->run, NULL, text, &sp_types[SP_TIMESTAMP], false, &in, &out) && !out.null)
		return &sp_types[SP_TIMESTAMP];
	return text;
}

static const struct sp_type *wider(struct lake_files *f, const struct sp_type *a, const struct sp_type *b)
{
	enum sp_kind x = a->kind, y = b->kind;
	if (x == SP_VOID || (x == y && x != SP_DECIMAL))
		return b;
	if (y == SP_VOID)
		return a;
	if ((x == SP_INT && (y == SP_BIGINT || y == SP_DOUBLE)) || (x == SP_DATE && y == SP_TIMESTAMP))
		return b;
	if ((y == SP_INT && (x == SP_BIGINT || x == SP_DOUBLE)) || (y == SP_DATE && x == SP_TIMESTAMP))
		return a;
	if ((x == SP_DECIMAL || y == SP_DECIMAL) && sp_is_numeric(a) && sp_is_numeric(b) && x != SP_DOUBLE && y != SP_DOUBLE) {
		int p = x == SP_DECIMAL ? a->precision : x == SP_INT ? 10 : 20, q = y == SP_DECIMAL ? b->precision : y == SP_INT ? 10 : 20;
		return sp_decimal(f->r->arena, p > q ? p : q, 0);
	}
	return &sp_types[SP_STRING];
}

static void set_types(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	struct slice off = r->cx->conf ? r->cx->conf(r->cx->self, "spark.sql.sources.partitionColumnTypeInference.enabled") : sl(NULL);
	for (size_t i = 0; i < f->part_n; i++) {
		const struct sp_type *t = &sp_types[SP_VOID];
		struct slice last = sl(NULL);
		for (size_t k = 0; k < f->n; k++) {
			if (last.p && sl_eq(last, f->files[k].parts[i]))
				continue;
			last = f->files[k].parts[i];
			t = wider(f, t, type_of(f, last));
		}
		f->types[i] = t->kind == SP_VOID || sl_eq_nocase(off, S("false")) ? &sp_types[SP_STRING] : t;
	}
}

/* ---- */

static int take_folder(struct lake_relation *r, const struct found *x, struct slice folder, struct slice *base, struct slice *first)
{
	struct lake_files *f = lake_files_of(r);
	if (base->p && !sl_eq(*base, x->base))
		return other_base(r, *base, x->base);
	*base = x->base;
	if (!x->n)
		return 0;
	if (!f->part_n) {
		f->part_n = x->n;
		memcpy(f->names, x->names, x->n * sizeof(*x->names));
		*first = folder;
	}
	return same_names(f, x) ? 0 : other_names(r, x, folder, *first);
}

static size_t base_of(const struct lake_files *f, const struct lake_found_file *file)
{
	if (f->base_path.p && sl_starts(file->key, f->base_path))
		return f->base_path.n + (f->base_path.n > 0);
	return file->base_n ? file->base_n + (file->base_n < file->key.n && file->key.p[file->base_n] == '/') : 0;
}

/* Values of each file's folder; files of one folder share them. */
static int find_parts(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	struct found x = { 0 };
	struct slice folder = sl(NULL), base = sl(NULL), first = sl(NULL), *values = NULL;
	bool any = false;
	for (size_t i = 0; i < f->n; i++) {
		struct slice at = folder_of(&f->files[i]);
		if (!folder.p || !sl_eq(at, folder)) {
			folder = at;
			if (parse_folder(r, at, base_of(f, &f->files[i]), &x))
				return 1;
			any |= x.n > 0;
			values = x.n ? arena_alloc(r->arena, x.n * sizeof(*values)) : NULL;
			if (x.n)
				memcpy(values, x.values, x.n * sizeof(*values));
		}
		f->files[i].parts = values;
	}
	folder = sl(NULL);
	for (size_t i = 0; any && i < f->n; i++) {
		struct slice at = folder_of(&f->files[i]);
		if (folder.p && sl_eq(at, folder))
			continue;
		folder = at;
		if (parse_folder(r, at, base_of(f, &f->files[i]), &x) || take_folder(r, &x, at, &base, &first))
			return 1;
	}
	return 0;
}

int lake_files_parts(struct lake_relation *r)
{
	struct lake_files *f = lake_files_of(r);
	size_t n = 0;
	if (f->topic || f->recursive)
		return 0;
	if (find_parts(r))
		return 1;
	for (size_t i = 0; i < f->n; i++)
		if (f->part_n ? f->files[i].parts != NULL : f->files[i].direct)
			f->files[n++] = f->files[i];
	f->n = n;
	set_types(r);
	return 0;
}

int lake_files_part(struct lake_files *f, const struct lake_found_file *file, size_t i, struct sp_value *out)
{
	struct sp_value in = { .s = file->parts[i] };
	*out = SP_NULL_VALUE;
	if (sl_eq(in.s, none))
		return 0;
	return sp_cast_value(&f->run, NULL, &sp_types[SP_STRING], f->types[i], false, &in, out);
}
