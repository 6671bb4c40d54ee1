/* Spark's functions, a table a file; which there are says table.c. What a row means: spark/function.h. */
#ifndef TARN_FUNCTIONS_H
#define TARN_FUNCTIONS_H

#include "spark/function.h"

/* Rows up to one without name. A new file: declare its rows here, and name them in table.c. */

/* numbers, conditions, windows, aggregates */
extern const struct sp_function sp_arithmetic[], sp_comparison[], sp_sums[], sp_picks[], sp_moments[];
extern const struct sp_function sp_math[], sp_rounds[], sp_bits[], sp_chances[], sp_choices[], sp_window_functions[];
extern const struct sp_function sp_lists[], sp_percentiles[], sp_approximates[], sp_number_formats[], sp_number_texts[], sp_histograms[];

/* texts */
extern const struct sp_function sp_strings[], sp_strings_change[], sp_regexps[], sp_likes[], sp_codes[], sp_hashes[], sp_jsons[];
extern const struct sp_function sp_csvs[], sp_urls[], sp_formats[], sp_sentences[], sp_ciphers[], sp_unserved[];

/* times, arrays, maps, structs */
extern const struct sp_function sp_date_fields[], sp_date_change[], sp_date_make[], sp_date_text[], sp_intervals[];
extern const struct sp_function sp_coll_makes[], sp_coll_gets[], sp_array_sets[], sp_arrays[], sp_sequences[], sp_lambdas[];
extern const struct sp_function sp_lambdas_map[], sp_generators[], sp_time_windows[], sp_struct_updates[];

#endif
