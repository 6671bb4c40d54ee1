/* The footer and page headers, from bytes that may be anything. */
#include "parquet/parquet.h"

#include "parquet/thrift.h"

/* ---- schema elements ---- */

/* ConvertedType, which the logical type replaces where both are there. */
static void take_converted(struct pq_node *node, int32_t c)
{
	static const struct {
		int8_t kind, bits;
		bool is_unsigned;
	} rows[] = {
		[0] = { PQ_STRING }, [1] = { PQ_MAP }, [2] = { PQ_MAP }, [3] = { PQ_LIST }, [4] = { PQ_STRING }, [5] = { PQ_DECIMAL },
		[6] = { PQ_DATE }, [7] = { PQ_TIME }, [8] = { PQ_TIME }, [9] = { PQ_MILLIS }, [10] = { PQ_MICROS },
		[11] = { PQ_RAW, 8, true }, [12] = { PQ_RAW, 16, true }, [13] = { PQ_RAW, 32, true }, [14] = { PQ_RAW, 64, true },
		[15] = { PQ_RAW, 8 }, [16] = { PQ_RAW, 16 }, [17] = { PQ_RAW, 32 }, [18] = { PQ_RAW, 64 },
		[19] = { PQ_STRING }, [20] = { PQ_RAW }, [21] = { PQ_INTERVAL },
	};
	if (c < 0 || (size_t)c >= ARRAY_LEN(rows))
		return;
	node->kind = rows[c].kind;
	node->bits = rows[c].bits;
	node->is_unsigned = rows[c].is_unsigned;
}

static int read_time_unit(struct th_reader *t)
{
	struct th_field f;
	int kind = PQ_OTHER;
	th_enter(t);
	while (th_field(t, &f)) {
		kind = f.id == 1 ? PQ_MILLIS : f.id == 2 ? PQ_MICROS : f.id == 3 ? PQ_NANOS : PQ_OTHER;
		th_skip(t, f);
	}
	return kind;
}

static void read_timestamp(struct th_reader *t, struct pq_node *node)
{
	struct th_field f;
	th_enter(t);
	while (th_field(t, &f))
		if (f.id == 1)
			node->local = !th_take_bool(t, f);
		else if (f.id == 2 && f.type == TH_STRUCT)
			node->kind = read_time_unit(t);
		else
			th_skip(t, f);
}

static void read_integer(struct th_reader *t, struct pq_node *node)
{
	struct th_field f;
	th_enter(t);
	while (th_field(t, &f))
		if (f.id == 1)
			node->bits = (int)th_take_int(t, f);
		else if (f.id == 2)
			node->is_unsigned = !th_take_bool(t, f);
		else
			th_skip(t, f);
}

static void read_decimal(struct th_reader *t, struct pq_node *node)
{
	const struct th_slot slots[] = { { 1, &node->scale }, { 2, &node->precision }, { 0 } };
	th_take_slots(t, slots);
}

/* One that isn't known leaves the converted type, or the physical one. */
static void read_logical(struct th_reader *t, struct pq_node *node)
{
	static const int8_t kinds[] = {
		[1] = PQ_STRING, [2] = PQ_MAP, [3] = PQ_LIST, [4] = PQ_STRING, [5] = PQ_DECIMAL, [6] = PQ_DATE, [7] = PQ_TIME, [8] = PQ_OTHER,
		[10] = PQ_RAW, [11] = PQ_VOID, [12] = PQ_STRING, [13] = PQ_RAW, [14] = PQ_UUID, [15] = PQ_FLOAT16, [16] = PQ_VARIANT,
		[17] = PQ_RAW, [18] = PQ_RAW,
	};
	struct th_field f;
	th_enter(t);
	while (th_field(t, &f)) {
		if (f.id > 0 && (size_t)f.id < ARRAY_LEN(kinds) && f.id != 9)
			node->kind = kinds[f.id];
		if (f.id == 8 && f.type == TH_STRUCT)
			read_timestamp(t, node);
		else if (f.id == 10 && f.type == TH_STRUCT)
			read_integer(t, node);
		else if (f.id == 5 && f.type == TH_STRUCT)
			read_decimal(t, node);
		else
			th_skip(t, f);
	}
}

static void read_node(struct th_reader *t, struct pq_node *node)
{
	struct th_field f;
	const struct th_slot slots[] = {
		{ 1, &node->type }, { 2, &node->size }, { 3, &node->repetition }, { 5, &node->child_n }, { 7, &node->scale },
		{ 8, &node->precision }, { 9, &node->field_id }, { 0 },
	};
	bool has_type = false, logical = false;
	node->field_id = -1;
	node->name = S("");
	th_enter(t);
	while (th_field(t, &f)) {
		has_type |= f.id == 1;
		if (f.id == 4) {
			node->name = th_take_binary(t, f);
		} else if (f.id == 6) {
			int32_t c = th_take_i32(t, f);
			if (!logical)
				take_converted(node, c);
		} else if (f.id == 10 && f.type == TH_STRUCT) {
			logical = true;
			read_logical(t, node);
		} else {
			th_take_slot(t, f, slots);
		}
	}
	if (!has_type || node->child_n > 0)
		node->type = PQ_GROUP;
	if (node->type < PQ_GROUP || node->type > PQ_FIXED || node->repetition < 0 || node->repetition > PQ_REPEATED || node->child_n < 0 ||
	    (node->type == PQ_FIXED && (node->size < 0 || node->size > PQ_PAGE_MAX)))
		t->r.bad = true;
}

static struct pq_node *read_schema(struct th_reader *t, struct th_field f, struct arena *a, size_t *n)
{
	struct pq_node *nodes;
	*n = th_take_list(t, f, TH_STRUCT);
	if (*n > PQ_NODES_MAX) {
		t->r.bad = true;
		return NULL;
	}
	nodes = arena_alloc(a, (*n + 1) * sizeof(*nodes));
	for (size_t i = 0; i < *n && !t->r.bad; i++)
		read_node(t, &nodes[i]);
	return nodes;
}

/* ---- row groups ---- */

static void read_chunk_meta(struct th_reader *t, struct pq_chunk *c)
{
	int64_t data_at = -1, dict_at = -1;
	const struct th_slot slots[] = {
		{ 1, &c->type }, { 4, &c->codec }, { 5, .wide = &c->value_n }, { 7, .wide = &c->size },
		{ 9, .wide = &data_at }, { 11, .wide = &dict_at }, { 0 },
	};
	th_take_slots(t, slots);
	c->at = dict_at > 0 && dict_at < data_at ? dict_at : data_at;
	c->has_meta = true;
}

static void read_chunk_head(struct th_reader *t, struct pq_chunk *c)
{
	struct th_field f;
	*c = (struct pq_chunk){ .at = -1 };
	th_enter(t);
	while (th_field(t, &f))
		if (f.id == 3 && f.type == TH_STRUCT) {
			read_chunk_meta(t, c);
		} else {
			c->elsewhere |= f.id == 1;
			c->encrypted |= f.id == 8 || f.id == 9;
			th_skip(t, f);
		}
}

static void read_group(struct th_reader *t, struct arena *a, struct pq_row_group *g, size_t *chunk_n)
{
	struct th_field f;
	th_enter(t);
	while (th_field(t, &f))
		if (f.id == 1 && !g->chunks) {
			*chunk_n = th_take_list(t, f, TH_STRUCT);
			if (*chunk_n > PQ_NODES_MAX)
				t->r.bad = true;
			if (t->r.bad)
				return;
			g->chunks = arena_alloc(a, (*chunk_n + 1) * sizeof(*g->chunks));
			for (size_t i = 0; i < *chunk_n && !t->r.bad; i++)
				read_chunk_head(t, &g->chunks[i]);
		} else if (f.id == 3) {
			g->row_n = th_take_int(t, f);
		} else {
			th_skip(t, f);
		}
}

static int check_group(const struct pq_file *f, size_t g, size_t chunk_n, struct error *err)
{
	const struct pq_row_group *group = &f->groups[g];
	if (chunk_n != f->schema.leaf_n)
		return err_set(err, ERR_INVALID, "Parquet: row group %zu has %zu columns, the schema %zu", g, chunk_n, f->schema.leaf_n);
	if (group->row_n < 0 || group->row_n > PQ_LEVELS_MAX)
		return err_set(err, ERR_LIMIT, "Parquet: row group %zu of %lld rows", g, (long long)group->row_n);
	return 0;
}

/* What is wrong with a chunk is said when it is read: the others may be wanted only. */
int pq_chunk_check(const struct pq_file *f, size_t g, size_t i, struct error *err)
{
	const struct pq_row_group *group = &f->groups[g];
	const struct pq_chunk *c = &group->chunks[i];
	if (c->encrypted)
		return err_set(err, ERR_UNSUPPORTED, "Parquet: column %zu of row group %zu is encrypted", i, g);
	if (c->elsewhere)
		return err_set(err, ERR_UNSUPPORTED, "Parquet: column %zu of row group %zu is in another file", i, g);
	if (!c->has_meta)
		return err_set(err, ERR_INVALID, "Parquet: column %zu of row group %zu has no metadata", i, g);
	if (c->type != f->schema.leaves[i].type)
		return err_set(err, ERR_INVALID, "Parquet: column %zu of row group %zu isn't of its schema's type", i, g);
	if (c->value_n < 0 || c->value_n > PQ_LEVELS_MAX)
		return err_set(err, ERR_LIMIT, "Parquet: column %zu of row group %zu of %lld values", i, g, (long long)c->value_n);
	if (c->value_n == 0 && group->row_n == 0) /* nothing is there, wherever it is said to be */
		return 0;
	if (c->at < 4 || c->size < 0 || (uint64_t)c->at > f->bytes.n || (uint64_t)c->size > f->bytes.n - (uint64_t)c->at)
		return err_set(err, ERR_INVALID, "Parquet: column %zu of row group %zu lies outside of the file, at byte %lld", i, g,
			       (long long)c->at);
	return 0;
}

/* What Spark writes beside its name: whether its dates and times are of the hybrid Julian calendar. */
static void read_pair(struct th_reader *t, struct pq_file *f)
{
	struct slice key = S(""), value = S("");
	struct th_field x;
	th_enter(t);
	while (th_field(t, &x))
		if (x.id == 1)
			key = th_take_binary(t, x);
		else if (x.id == 2)
			value = th_take_binary(t, x);
		else
			th_skip(t, x);
	if (sl_eqs(key, "org.apache.spark.version")) {
		f->julian_dates |= sl_cmp(value, S("3.0.0")) < 0;
		f->julian_int96 |= sl_cmp(value, S("3.1.0")) < 0;
	}
	f->julian_dates |= sl_eqs(key, "org.apache.spark.legacyDateTime");
	f->julian_int96 |= sl_eqs(key, "org.apache.spark.legacyINT96");
}

static int read_footer(struct pq_file *f, struct slice in, size_t at, struct error *err)
{
	struct th_reader t = th_reader(in);
	struct th_field x;
	struct pq_node *nodes = NULL;
	size_t node_n = 0, *chunk_n = NULL;
	int rc;
	th_enter(&t);
	while (th_field(&t, &x)) {
		if (x.id == 2 && !nodes) {
			nodes = read_schema(&t, x, &f->arena, &node_n);
		} else if (x.id == 3) {
			f->row_n = th_take_int(&t, x);
		} else if (x.id == 4 && !f->groups) {
			f->group_n = th_take_list(&t, x, TH_STRUCT);
			f->groups = arena_alloc(&f->arena, (f->group_n + 1) * sizeof(*f->groups));
			chunk_n = arena_alloc(&f->arena, (f->group_n + 1) * sizeof(*chunk_n));
			for (size_t i = 0; i < f->group_n && !t.r.bad; i++)
				read_group(&t, &f->arena, &f->groups[i], &chunk_n[i]);
		} else if (x.id == 5) {
			size_t n = th_take_list(&t, x, TH_STRUCT);
			for (size_t i = 0; i < n && !t.r.bad; i++)
				read_pair(&t, f);
		} else if (x.id == 6) {
			f->created_by = th_take_binary(&t, x);
		} else {
			th_skip(&t, x);
		}
	}
	if (t.r.bad)
		return err_set(err, ERR_INVALID, "Parquet: damaged footer at byte %zu", at + (in.n - t.r.n));
	rc = pq_schema_make(&f->arena, nodes, node_n, &f->schema, err);
	for (size_t g = 0; g < f->group_n && rc == 0; g++)
		rc = check_group(f, g, chunk_n[g], err);
	return rc;
}

int pq_open(struct pq_file *f, struct slice bytes, struct error *err)
{
	struct rd tail;
	size_t n;
	*f = (struct pq_file){ .bytes = bytes };
	if (bytes.n >= 12 && sl_starts(bytes, S("PARE")) && sl_ends(bytes, S("PARE")))
		return err_set(err, ERR_UNSUPPORTED, "Parquet: the file's footer is encrypted");
	if (bytes.n < 12 || !sl_starts(bytes, S("PAR1")) || !sl_ends(bytes, S("PAR1")))
		return err_set(err, ERR_INVALID, "Parquet: %zu bytes that don't begin and end with PAR1", bytes.n);
	tail = rd_of(bytes.p + bytes.n - 8, 4);
	n = rd_u32le(&tail);
	if (n > bytes.n - 12)
		return err_set(err, ERR_INVALID, "Parquet: a footer of %zu bytes in a file of %zu, at byte %zu", n, bytes.n, bytes.n - 8);
	return read_footer(f, sl_of(bytes.p + bytes.n - 8 - n, n), bytes.n - 8 - n, err);
}

void pq_close(struct pq_file *f)
{
	if (f)
		arena_free(&f->arena);
}

/* ---- page headers ---- */

static void read_v1(struct th_reader *t, struct pq_page *p)
{
	const struct th_slot slots[] = {
		{ 1, &p->value_n }, { 2, &p->encoding }, { 3, &p->def_encoding }, { 4, &p->rep_encoding }, { 0 },
	};
	th_take_slots(t, slots);
}

/* Field 3 is a flag here (is_sorted), which says nothing that a reader needs. */
static void read_dictionary(struct th_reader *t, struct pq_page *p)
{
	const struct th_slot slots[] = { { 1, &p->value_n }, { 2, &p->encoding }, { 0 } };
	th_take_slots(t, slots);
}

static void read_v2(struct th_reader *t, struct pq_page *p)
{
	int32_t def = 0, rep = 0;
	const struct th_slot slots[] = {
		{ 1, &p->value_n }, { 3, &p->row_n }, { 4, &p->encoding }, { 5, &def }, { 6, &rep }, { 0 },
	};
	struct th_field f;
	th_enter(t);
	while (th_field(t, &f))
		if (f.id == 7)
			p->compressed = th_take_bool(t, f);
		else
			th_take_slot(t, f, slots);
	if (def < 0 || rep < 0)
		t->r.bad = true;
	p->def_size = (size_t)(def < 0 ? 0 : def);
	p->rep_size = (size_t)(rep < 0 ? 0 : rep);
}

int pq_page_read(struct slice in, struct pq_page *out, size_t *header, struct error *err)
{
	struct th_reader t = th_reader(in);
	struct th_field f;
	int32_t unpacked = -1, packed = -1;
	const struct th_slot slots[] = { { 1, &out->type }, { 2, &unpacked }, { 3, &packed }, { 0 } };
	*out = (struct pq_page){ .type = -1, .value_n = -1, .def_encoding = PQ_RLE, .rep_encoding = PQ_RLE, .compressed = true };
	th_enter(&t);
	while (th_field(&t, &f))
		if (f.id == 5 && f.type == TH_STRUCT) {
			read_v1(&t, out);
		} else if (f.id == 7 && f.type == TH_STRUCT) {
			read_dictionary(&t, out);
		} else if (f.id == 8 && f.type == TH_STRUCT) {
			read_v2(&t, out);
		} else if (f.id == 4) {
			out->has_crc = true;
			out->crc = (uint32_t)th_take_i32(&t, f);
		} else {
			th_take_slot(&t, f, slots);
		}
	*header = in.n - t.r.n;
	if (t.r.bad || unpacked < 0 || packed < 0 || (size_t)packed > t.r.n)
		return err_set(err, ERR_INVALID, "damaged page header");
	if (unpacked > PQ_PAGE_MAX)
		return err_set(err, ERR_LIMIT, "a page of %d bytes", unpacked);
	out->unpacked = (size_t)unpacked;
	out->packed = (size_t)packed;
	return 0;
}
