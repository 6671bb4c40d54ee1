/* Parquet files: a deterministic writer and a reader, both pure functions over memory (fit for jobs).
 *
 *   schema.c  tree of nodes -> leaves with their levels      column.c  one leaf's values in memory
 *   runs.c    RLE / bit-packed hybrid                        codec.c   compression
 *   dict.c    dictionary of a chunk                          stats.c   minimum, maximum, nulls
 *   write.c   columns -> row groups and footer               footer.c  footer and page headers in
 *   read.c    pages -> columns                   delta_pack.c   encodings that only others write
 *
 * Written: data pages v1, PLAIN and RLE_DICTIONARY, statistics, one dictionary a chunk. Read: pages v1 and v2, PLAIN,
 * both names of the dictionary encoding, RLE booleans, the delta encodings, BYTE_STREAM_SPLIT; every compression but LZO.
 * Pages have checksums, which are checked when they are there.
 * Spec: github.com/apache/parquet-format (parquet.thrift, Encodings.md, LogicalTypes.md). */
#ifndef TARN_PARQUET_H
#define TARN_PARQUET_H

#include "core/err.h"
#include "core/hset.h"

enum {
	PQ_DEPTH = 48,                 /* nodes from root to leaf */
	PQ_NODES_MAX = 20000,          /* of a schema */
	PQ_GROUP_ROWS = 122880,        /* rows a row group should have */
	PQ_PAGE_ROWS = 20000,
	PQ_PAGE_BYTES = 1 << 20,       /* values of a page, about */
	PQ_DICT_BYTES = 1 << 20,       /* largest dictionary; above: PLAIN */
	PQ_STAT_BYTES = 64,            /* longer texts are cut in statistics */
	PQ_PAGE_MAX = 256 << 20,       /* bytes of a page that is read, unpacked */
	PQ_LEVELS_MAX = 1 << 26,       /* entries of a chunk that is read */
	PQ_BYTES_MAX = 1 << 30,        /* bytes of one column in memory */
};

enum pq_type { PQ_GROUP = -1, PQ_BOOLEAN, PQ_INT32, PQ_INT64, PQ_INT96, PQ_FLOAT, PQ_DOUBLE, PQ_BYTES, PQ_FIXED };
enum pq_repetition { PQ_REQUIRED, PQ_OPTIONAL, PQ_REPEATED };
enum pq_kind {
	PQ_RAW,      /* as the physical type; integers: see bits and is_unsigned */
	PQ_STRING,   /* enums and JSON, too */
	PQ_DATE,
	PQ_MILLIS,
	PQ_MICROS,
	PQ_NANOS,
	PQ_DECIMAL,
	PQ_LIST,
	PQ_MAP,
	PQ_TIME,     /* of a day */
	PQ_INTERVAL,
	PQ_UUID,
	PQ_FLOAT16,
	PQ_VARIANT,
	PQ_VOID,     /* nulls only */
	PQ_OTHER,
};
enum pq_codec {
	PQ_NONE = 0,
	PQ_SNAPPY = 1,
	PQ_GZIP = 2,
	PQ_LZO = 3,        /* not served */
	PQ_BROTLI = 4,
	PQ_LZ4_HADOOP = 5, /* in Hadoop's framing */
	PQ_ZSTD = 6,
	PQ_LZ4 = 7,
};
enum pq_encoding {
	PQ_PLAIN = 0,
	PQ_PLAIN_DICTIONARY = 2,
	PQ_RLE = 3,
	PQ_BIT_PACKED = 4, /* levels of old writers */
	PQ_DELTA_BINARY = 5,
	PQ_DELTA_LENGTH = 6,
	PQ_DELTA_BYTES = 7,
	PQ_RLE_DICTIONARY = 8,
	PQ_BYTE_SPLIT = 9,
};

/* ---- schema: nodes depth first, the root first ---- */
struct pq_node {
	struct slice name;
	int type;        /* enum pq_type */
	int repetition;  /* enum pq_repetition; of no meaning at the root */
	int kind;        /* enum pq_kind */
	int child_n;
	int size;        /* PQ_FIXED: bytes of a value */
	int precision, scale; /* PQ_DECIMAL */
	int bits;        /* of an integer; 0: all that the type has */
	int field_id;    /* as the footer has it; below 1: none */
	bool is_unsigned;
	bool local;      /* a time stamp that isn't adjusted to UTC */
};
struct pq_leaf {
	size_t chain[PQ_DEPTH]; /* nodes below the root down to the leaf */
	size_t chain_n;
	int type, size;
	int max_def, max_rep;
};
struct pq_schema {
	const struct pq_node *nodes;
	struct pq_leaf *leaves;
	size_t node_n, leaf_n;
};
/* Finds the leaves of a tree; nodes must outlive the schema. Errors: INVALID, LIMIT. */
int pq_schema_make(struct arena *a, const struct pq_node *nodes, size_t n, struct pq_schema *out, struct error *err) WARN_UNUSED;

/* ---- one leaf's values in memory ---- */
/* An entry is a value (definition level max_def) or says why there is none. INT96 is read as INT64 microseconds.
 * A column of the heap holds its texts one behind the other; one of an arena (pq_column_keep; for reading only) borrows them
 * from the pages, which stay there unpacked, and keeps a dictionary as it is. */
struct pq_column {
	int type, size, max_def, max_rep;
	uint8_t *def, *rep;       /* level_n each; NULL where the maximum is 0 */
	size_t level_n, level_cap;
	size_t n, cap;            /* values */
	union {
		void *values;
		uint8_t *flags;   /* BOOLEAN */
		int32_t *i32;
		int64_t *i64;
		float *f32;
		double *f64;
		uint32_t *end;    /* BYTES, FIXED: end of each in bytes */
		struct slice *text; /* the same in an arena */
		uint32_t *code;   /* the same, with dict: index of each */
	};
	struct buf bytes;         /* bad: over its limit */
	struct arena *keep;       /* NULL: of the heap */
	const struct slice *dict; /* texts of the chunk's dictionary, if all pages used it; else NULL */
	size_t dict_n;
};
void pq_column_init(struct pq_column *c, const struct pq_leaf *leaf, size_t bytes_max);
/* A column whose memory is the arena's: freed with it, and never by pq_column_free. */
void pq_column_keep(struct pq_column *c, const struct pq_leaf *leaf, struct arena *a);
void pq_column_reset(struct pq_column *c); /* empty, memory kept */
void pq_column_free(struct pq_column *c);
/* No value: def says at which level. */
void pq_add_null(struct pq_column *c, int rep, int def);
void pq_add_bool(struct pq_column *c, int rep, bool v);
void pq_add_i32(struct pq_column *c, int rep, int32_t v);
void pq_add_i64(struct pq_column *c, int rep, int64_t v);
void pq_add_f32(struct pq_column *c, int rep, float v);
void pq_add_f64(struct pq_column *c, int rep, double v);
void pq_add_bytes(struct pq_column *c, int rep, struct slice v);
void pq_column_append(struct pq_column *c, const struct pq_column *more);
/* Room for more entries and values, for those who fill them in place. */
void pq_column_room(struct pq_column *c, size_t levels, size_t values);
size_t pq_value_size(int type); /* bytes of a value in memory; of end for texts */
static inline bool pq_is_text(const struct pq_column *c)
{
	return c->type == PQ_BYTES || c->type == PQ_FIXED;
}
static inline struct slice pq_bytes(const struct pq_column *c, size_t i)
{
	uint32_t from;

	if (c->keep)
		return c->dict ? c->dict[c->code[i]] : c->text[i];
	from = i ? c->end[i - 1] : 0;
	return sl_of(c->bytes.p ? c->bytes.p + from : "", c->end[i] - from);
}

/* Steps over a column's entries in order. */
struct pq_cursor {
	const struct pq_column *c;
	size_t level, value; /* next ones */
};
struct pq_entry {
	int rep, def;
	bool has;     /* a value, at index value */
	size_t value;
};
bool pq_next(struct pq_cursor *at, struct pq_entry *out);

/* ---- statistics ---- */
struct pq_stats {
	int64_t null_n;           /* entries without a value */
	bool has;                 /* min and max are there; not with NaN, infinity or for INT96, FIXED */
	union pq_stat {
		int64_t i;        /* BOOLEAN, INT32, INT64 */
		double d;
		struct slice s;   /* in the arena given to pq_stats_add */
	} min, max;
	bool void_range;          /* a value that has no place in an order was seen */
};
struct pq_dict;
/* Adds a column's entries; dict (may be NULL) spares looking at equal values twice. */
void pq_stats_add(struct arena *a, struct pq_stats *s, const struct pq_column *c, const struct pq_dict *dict);
void pq_stats_merge(struct arena *a, struct pq_stats *s, const struct pq_stats *more, int type);
/* The shortest text over every text that begins with s's first max bytes; absent: there is none. s must be UTF-8. */
struct slice pq_stat_above(struct arena *a, struct slice s, size_t max);
/* s cut to at most max bytes between characters. */
struct slice pq_stat_below(struct slice s, size_t max);

/* ---- RLE / bit-packed hybrid ---- */
int pq_width(uint32_t max); /* bits that hold 0 .. max */
void pq_runs_put(struct buf *b, const uint32_t *v, size_t n, int width);
void pq_levels_put(struct buf *b, const uint8_t *v, size_t n, int width);
/* n values, each less than 2^width. Returns false when the input is too short or malformed. */
bool pq_runs_get(struct rd *r, uint32_t *v, size_t n, int width) WARN_UNUSED;
bool pq_levels_get(struct rd *r, uint8_t *v, size_t n, int max) WARN_UNUSED;

/* ---- dictionary of a chunk ---- */
struct pq_dict {
	uint32_t *first;  /* index of each distinct value's first use, in order */
	uint32_t *index;  /* per value: which distinct one */
	size_t n, cap;
	struct hset set;  /* of distinct ones */
};
/* False: too many distinct values or too many bytes for a dictionary to pay. */
bool pq_dict_make(struct pq_dict *d, const struct pq_column *c);
void pq_dict_free(struct pq_dict *d);

/* ---- compression ---- */
struct pq_packer;
struct pq_packer *pq_packer_new(enum pq_codec codec);
void pq_packer_free(struct pq_packer *p);
/* Appends in, compressed. */
void pq_pack(struct pq_packer *p, struct slice in, struct buf *out);
/* Appends exactly n bytes. */
int pq_unpack(enum pq_codec codec, struct slice in, size_t n, struct buf *out, struct error *err) WARN_UNUSED;
/* The same in two steps: whether in may become n bytes (what no codec can reach is a lie, said before memory is taken for it), then into
 * to, which has room for them. */
int pq_unpack_check(enum pq_codec codec, struct slice in, size_t n, struct error *err) WARN_UNUSED;
int pq_unpack_to(enum pq_codec codec, struct slice in, char *to, size_t n, struct error *err) WARN_UNUSED;
const char *pq_codec_name(enum pq_codec codec); /* "zstd"; NULL: not known */

/* ---- writing ---- */
struct pq_writer {
	const struct pq_schema *schema;
	enum pq_codec codec;
	struct buf out;         /* the file */
	struct arena arena;     /* statistics and places of the groups */
	struct pq_group_out {
		struct pq_chunk_out *chunks;
		int64_t row_n;
	} *groups;
	size_t group_n, group_cap;
	int64_t row_n;
	struct pq_stats *stats; /* of each leaf over the whole file */
	struct pq_packer *packer;
	struct buf page, packed;
};
void pq_writer_init(struct pq_writer *w, const struct pq_schema *schema, enum pq_codec codec);
/* One row group: a column for each leaf, all of row_n rows. */
void pq_write_group(struct pq_writer *w, const struct pq_column *columns, size_t row_n);
/* Footer; then w->out is the file. Errors: LIMIT. */
int pq_writer_finish(struct pq_writer *w, struct error *err) WARN_UNUSED;
void pq_writer_free(struct pq_writer *w);

/* ---- reading ---- */
struct pq_chunk {
	int type, codec;
	int64_t value_n;       /* entries */
	int64_t at, size;      /* bytes of the file: dictionary page, if any, and data pages */
	bool has_meta, encrypted, elsewhere; /* elsewhere: in another file */
};
struct pq_row_group {
	int64_t row_n;
	struct pq_chunk *chunks; /* one a leaf */
};
struct pq_file {
	struct arena arena;
	struct slice bytes;    /* borrowed; must outlive the file */
	struct pq_schema schema;
	struct pq_row_group *groups;
	size_t group_n;
	int64_t row_n;
	struct slice created_by;
	bool julian_dates, julian_int96; /* dates and times before 1582-10-15 are of the Julian calendar: old Spark's, and by its settings */
};
struct pq_page {
	int type;              /* 0 data, 2 dictionary, 3 data v2 */
	size_t unpacked, packed;
	int32_t value_n, row_n;
	int encoding, def_encoding, rep_encoding;
	size_t def_size, rep_size; /* v2 */
	bool compressed;           /* v2 */
	bool has_crc;
	uint32_t crc;              /* of the bytes behind the header */
};
/* Reads the footer. Errors: INVALID (naming the byte), LIMIT. f is to be closed in any case. */
int pq_open(struct pq_file *f, struct slice bytes, struct error *err) WARN_UNUSED;
void pq_close(struct pq_file *f);
/* Header of the page at byte at, and its length; size: bytes of the chunk left from there. */
int pq_page_read(struct slice in, struct pq_page *out, size_t *header, struct error *err) WARN_UNUSED;
/* Whether a chunk can be read as the footer has it. Errors: INVALID, UNSUPPORTED, LIMIT. */
int pq_chunk_check(const struct pq_file *f, size_t group, size_t leaf, struct error *err) WARN_UNUSED;
/* CRC-32 of a page's bytes, as its header has it. */
uint32_t pq_crc(struct slice page);
/* Appends a chunk's entries to c, which pq_column_init made for this leaf. Errors: INVALID, UNSUPPORTED, LIMIT. */
int pq_read_chunk(const struct pq_file *f, size_t group, size_t leaf, struct pq_column *c, struct error *err) WARN_UNUSED;
/* n values of width bits each, one behind the other, out of size bytes, which hold them all. */
void pq_bits_get(const uint8_t *p, size_t size, uint32_t *v, size_t n, int width);
/* n values in one of the encodings of delta_pack.c. False: not one of them, or not for this type. */
bool pq_delta_get(int encoding, struct rd *r, struct pq_column *c, size_t n, bool *good) WARN_UNUSED;
/* Leaf by its names below the root ("coordinates", "list", "element"); -1: none. */
ssize_t pq_leaf_find(const struct pq_schema *s, const struct slice *names, size_t n);

#endif
