/* Thrift's compact protocol, as far as Parquet's footer and page headers need it.
 * Spec: github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md */
#ifndef TARN_THRIFT_H
#define TARN_THRIFT_H

#include "core/mem.h"

enum th_type {
	TH_STOP,
	TH_TRUE,
	TH_FALSE,
	TH_BYTE,
	TH_I16,
	TH_I32,
	TH_I64,
	TH_DOUBLE,
	TH_BINARY,
	TH_LIST,
	TH_SET,
	TH_MAP,
	TH_STRUCT,
};
enum { TH_DEPTH = 16 };

/* Writing: structs nest by th_struct ... th_end; the outermost one begins with th_writer. */
struct th_writer {
	struct buf *b;
	int last[TH_DEPTH]; /* id of the field before, per open struct */
	int depth;
};
struct th_writer th_writer(struct buf *b);
void th_bool(struct th_writer *w, int id, bool v);
void th_byte(struct th_writer *w, int id, uint8_t v);
void th_i16(struct th_writer *w, int id, int v);
void th_i32(struct th_writer *w, int id, int32_t v);
void th_i64(struct th_writer *w, int id, int64_t v);
void th_binary(struct th_writer *w, int id, struct slice v);
/* Header of a list; then its elements: th_item_* or structs by th_item_struct ... th_end. */
void th_list(struct th_writer *w, int id, enum th_type element, size_t n);
void th_item_i32(struct th_writer *w, int32_t v);
void th_item_binary(struct th_writer *w, struct slice v);
void th_item_struct(struct th_writer *w);
void th_struct(struct th_writer *w, int id);
void th_end(struct th_writer *w);

/* Reading: th_field steps over the fields of one struct; what isn't taken must be skipped. Trouble sets r->bad. */
struct th_reader {
	struct rd r;
	int last[TH_DEPTH];
	int depth;
};
struct th_field {
	int id;
	enum th_type type;
};
struct th_reader th_reader(struct slice in);
/* Into a struct (the outermost one too); th_field leaves it at its end. */
void th_enter(struct th_reader *t);
/* The next field, or false at the end of the struct (or of the input). */
bool th_field(struct th_reader *t, struct th_field *f);
/* Values; of another type than f says: bad. */
bool th_take_bool(struct th_reader *t, struct th_field f);
int64_t th_take_int(struct th_reader *t, struct th_field f);
int32_t th_take_i32(struct th_reader *t, struct th_field f); /* over 32 bits: bad */
struct slice th_take_binary(struct th_reader *t, struct th_field f);
/* Count of a list's elements, which must be of this type. Never more than the bytes that are left. */
size_t th_take_list(struct th_reader *t, struct th_field f, enum th_type element);
void th_skip(struct th_reader *t, struct th_field f);
/* Where the integers of a struct go. The last slot's id is 0. */
struct th_slot {
	int id;
	int32_t *narrow;
	int64_t *wide;
};
/* To its slot; a field without one is skipped. */
void th_take_slot(struct th_reader *t, struct th_field f, const struct th_slot *slots);
/* A struct, from th_enter on, of which nothing but the slots is wanted. */
void th_take_slots(struct th_reader *t, const struct th_slot *slots);

#endif
