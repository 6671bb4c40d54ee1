/* All tables of functions, and a hash over their names.
 *
 * The hash is made before main: statements run on several threads, and nobody has to ask whether it is there. */
#include "functions/functions.h"

static const struct sp_function *const tables[] = {
	/* numbers, conditions, windows, aggregates */
	sp_arithmetic, sp_comparison, sp_sums, sp_picks, sp_moments,
	sp_math, sp_rounds, sp_bits, sp_chances, sp_choices, sp_window_functions,
	sp_lists, sp_percentiles, sp_approximates, sp_number_formats, sp_number_texts, sp_histograms,

	/* texts */
	sp_strings, sp_strings_change, sp_regexps, sp_likes, sp_codes, sp_hashes, sp_jsons,
	sp_csvs, sp_urls, sp_formats, sp_sentences, sp_ciphers, sp_unserved,

	/* times, arrays, maps, structs */
	sp_date_fields, sp_date_change, sp_date_make, sp_date_text, sp_intervals,
	sp_coll_makes, sp_coll_gets, sp_array_sets, sp_arrays, sp_sequences, sp_lambdas, sp_lambdas_map, sp_generators, sp_time_windows, sp_struct_updates,

};

enum { SLOTS = 2048, NAME_MAX_LEN = 64 };
static const struct sp_function *slots[SLOTS], *sorted[SLOTS / 2];
static size_t count;

static uint32_t hash_of(struct slice name)
{
	uint32_t h = 2166136261u;
	size_t i;
	for (i = 0; i < name.n; i++) {
		char c = name.p[i];
		h = (h ^ (uint8_t)(c >= 'A' && c <= 'Z' ? c | 32 : c)) * 16777619u;
	}
	return h ^ h >> 15;
}

static int by_name(const void *a, const void *b)
{
	return strcmp((*(const struct sp_function *const *)a)->name, (*(const struct sp_function *const *)b)->name);
}

__attribute__((constructor)) static void fill(void)
{
	size_t t, at;
	for (t = 0; t < ARRAY_LEN(tables); t++) {
		const struct sp_function *f;
		for (f = tables[t]; f->name; f++) {
			for (at = hash_of(sl(f->name)) % SLOTS; slots[at]; at = (at + 1) % SLOTS)
				;
			if (count == ARRAY_LEN(sorted))
				abort();
			slots[at] = f;
			sorted[count++] = f;
		}
	}
	qsort(sorted, count, sizeof(*sorted), by_name);
}

const struct sp_function *sp_function_find(struct slice name)
{
	size_t at;
	if (name.n > NAME_MAX_LEN)
		return NULL;
	for (at = hash_of(name) % SLOTS; slots[at]; at = (at + 1) % SLOTS)
		if (sl_eq_nocase(sl(slots[at]->name), name))
			return slots[at];
	return NULL;
}

const struct sp_function *const *sp_functions_all(size_t *n)
{
	*n = count;
	return sorted;
}
