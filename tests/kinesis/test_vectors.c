/* Computed facts of kinesis_core.json: routing, ranges, sequence numbers, split and merge; and iterators of the model. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "check_main.h"
#include "core/docs.h"
#include "kinesis/kinesis.h"

static json_t *facts;
static struct kinesis k;

static json_t *load(void)
{
	const char *dir = getenv("TARN_SHARED");
	char path[512];
	snprintf(path, sizeof(path), "%s/vectors/kinesis_core.json", dir ? dir : "../shared");
	return json_load_file(path, 0, NULL);
}

static const char *text(const json_t *o, const char *key)
{
	return json_string_value(json_object_get(o, key));
}

static struct kin_stream *stream_of(size_t shards)
{
	return kin_make(&k, S("000000000000"), S("us-east-1"), S("s"), shards, false, 1700000000000);
}

static void drop(struct kin_stream *s)
{
	k.streams = NULL;
	kin_stream_free(s);
}

static void range_is(const struct kin_shard *sh, const json_t *pair)
{
	char t[KIN_HASH_TEXT];
	kin_hash_text(sh->lo, t);
	ck_assert_str_eq(t, json_string_value(json_array_get(pair, 0)));
	kin_hash_text(sh->hi, t);
	ck_assert_str_eq(t, json_string_value(json_array_get(pair, 1)));
}

START_TEST(keys_go_to_their_shards)
{
	size_t i;
	json_t *row, *want;
	const char *shards;
	char t[KIN_HASH_TEXT];
	json_array_foreach(json_object_get(facts, "hash"), i, row) {
		kin_hash h = kin_hash_key(sl(text(row, "key")));
		kin_hash_text(h, t);
		ck_assert_str_eq(t, text(row, "dec"));
		json_object_foreach(json_object_get(row, "shard"), shards, want) {
			struct kin_stream *s = stream_of((size_t)atol(shards));
			ck_assert_int_eq(kin_route(s, h)->ix, json_integer_value(want));
			drop(s);
		}
	}
}
END_TEST

START_TEST(explicit_keys_too)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(facts, "explicitHashKey"), i, row) {
		struct kin_stream *s = stream_of((size_t)json_integer_value(json_object_get(row, "shards")));
		kin_hash h;
		ck_assert(kin_hash_parse(sl(text(row, "hash")), &h));
		ck_assert_int_eq(kin_route(s, h)->ix, json_integer_value(json_object_get(row, "shard")));
		drop(s);
	}
}
END_TEST

START_TEST(shards_share_the_range)
{
	const char *shards;
	json_t *list, *pair;
	size_t i;
	json_object_foreach(json_object_get(facts, "ranges"), shards, list) {
		struct kin_stream *s = stream_of((size_t)atol(shards));
		ck_assert_uint_eq(s->shard_n, json_array_size(list));
		json_array_foreach(list, i, pair)
			range_is(&s->shards[i], pair);
		drop(s);
	}
}
END_TEST

START_TEST(sequence_numbers_both_ways)
{
	size_t i;
	json_t *row;
	char t[KIN_SEQ_TEXT];
	json_array_foreach(json_object_get(facts, "sequence"), i, row) {
		struct kin_seq q = { json_integer_value(json_object_get(row, "shardCreateSecs")), strtoull(text(row, "seqIx"), NULL, 10),
				     json_integer_value(json_object_get(row, "seqSecs")),
				     (uint32_t)json_integer_value(json_object_get(row, "shardIx")) }, back;
		kin_seq_text(&q, t);
		ck_assert_str_eq(t, text(row, "dec"));
		ck_assert(kin_seq_parse(sl(t), &back));
		ck_assert_int_eq(back.create_s, q.create_s);
		ck_assert_uint_eq(back.index, q.index);
		ck_assert_int_eq(back.time_s, q.time_s);
		ck_assert_uint_eq(back.shard, q.shard);
	}
}
END_TEST

static kin_hash hash_at(const json_t *pair, size_t i)
{
	kin_hash h = 0;
	ck_assert(kin_hash_parse(sl(json_string_value(json_array_get(pair, i))), &h));
	return h;
}

START_TEST(splits_and_merges)
{
	size_t i;
	json_t *row;
	json_array_foreach(json_object_get(facts, "split"), i, row) {
		struct kin_stream *s = stream_of(1);
		kin_hash at;
		s->shards[0].lo = hash_at(json_object_get(row, "shard"), 0);
		s->shards[0].hi = hash_at(json_object_get(row, "shard"), 1);
		ck_assert(kin_hash_parse(sl(text(row, "newStartingHashKey")), &at));
		kin_split(&k, s, &s->shards[0], at, 1700000001000);
		range_is(&s->shards[1], json_array_get(json_object_get(row, "children"), 0));
		range_is(&s->shards[2], json_array_get(json_object_get(row, "children"), 1));
		ck_assert(s->shards[0].closed_ms && s->shards[1].parent == 0 && s->shards[2].parent == 0);
		drop(s);
	}
	json_array_foreach(json_object_get(facts, "merge"), i, row) {
		struct kin_stream *s = stream_of(3);
		range_is(&s->shards[0], json_object_get(row, "a"));
		range_is(&s->shards[1], json_object_get(row, "b"));
		kin_merge(&k, s, &s->shards[0], &s->shards[1], 1700000001000);
		range_is(&s->shards[3], json_object_get(row, "child"));
		ck_assert(s->shards[3].parent == 0 && s->shards[3].adjacent == 1);
		drop(s);
	}
}
END_TEST

START_TEST(a_closed_shard_ends_at_the_last_index)
{
	struct kin_stream *s = stream_of(1);
	char t[KIN_SEQ_TEXT];
	struct kin_seq q;
	kin_split(&k, s, &s->shards[0], (kin_hash)1 << 127, 1700000005000);
	kin_end_seq(&s->shards[0], t);
	ck_assert(kin_seq_parse(sl(t), &q));
	ck_assert_uint_eq(q.index, INT64_MAX);
	ck_assert_int_eq(q.create_s, 1700000000);
	ck_assert_int_eq(q.time_s, 1700000005);
	drop(s);
}
END_TEST

static int note_doc(void *arg, const char *kind, const char *parent, const char *key, json_t *doc, struct error *err)
{
	ck_assert_str_eq(kind, "stream");
	ck_assert_str_eq(parent, "");
	*(json_t **)arg = json_incref(doc);
	return 0;
}

static int note_stream(void *arg, struct kin_stream *s, struct error *err)
{
	*(struct kin_stream **)arg = s;
	return 0;
}

START_TEST(a_stream_is_kept_whole)
{
	struct env env = { .durability = DURABILITY_OFF };
	struct kin_commitment m;
	struct error err;
	struct db db;
	json_t *doc = NULL, *again = NULL;
	struct kin_stream *s = stream_of(3), *back;
	s->id = 7;
	kin_split(&k, s, &s->shards[1], s->shards[1].lo + 5, 1700000001000);
	kin_tag_set(&s->tags, S("team"), S("data"));
	s->metrics = 1 | 1 << 6;
	ck_assert_int_eq(kin_store_open(&db, &env, &err), 0);
	ck_assert_int_eq(kin_keep_stream(&db, s, &err), 0);
	ck_assert_int_eq(docs_each(&db, note_doc, &doc, &err), 0);
	ck_assert_int_eq(kin_kept(&db, &m, note_stream, &back, &err), 0);
	ck_assert_int_eq(back->id, s->id);
	ck_assert_int_eq(kin_keep_stream(&db, back, &err), 0);
	ck_assert_int_eq(docs_each(&db, note_doc, &again, &err), 0);
	ck_assert(json_equal(doc, again) && json_array_size(json_object_get(doc, "shards")) == 5);
	json_decref(doc);
	json_decref(again);
	kin_stream_free(back);
	db_close(&db);
	drop(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kinesis vectors");
	TCase *t = tcase_create("core"), *m = tcase_create("model");
	facts = load();
	if (facts) {
		tcase_add_test(t, keys_go_to_their_shards);
		tcase_add_test(t, explicit_keys_too);
		tcase_add_test(t, shards_share_the_range);
		tcase_add_test(t, sequence_numbers_both_ways);
		tcase_add_test(t, splits_and_merges);
	} else {
		puts("SKIP: vectors/kinesis_core.json isn't here (TARN_SHARED)");
	}
	tcase_add_test(m, a_closed_shard_ends_at_the_last_index);
	tcase_add_test(m, a_stream_is_kept_whole);
	suite_add_tcase(s, t);
	suite_add_tcase(s, m);
	int rc = run_suite(s);
	json_decref(facts);
	return rc;
}
