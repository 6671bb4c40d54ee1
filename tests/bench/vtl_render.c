/* Microseconds a mapping template takes, parsed once: prints "id us" for each in the file given. ROUNDS renders each. */
#include <time.h>

#include "../apigateway/vtl_vectors.h"

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static void run(json_t *vector, int rounds)
{
	struct arena parsed = { 0 }, given = { 0 }, call = { 0 };
	struct vtl_tree *tree;
	struct vtl_input in;
	struct error err;
	struct buf out;
	double start;

	buf_init(&out, 0);
	vector_input(&given, vector, &in);
	in.arena = &call;
	if (vtl_parse(&parsed, vector_text(&parsed, vector, "template"), &tree, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	start = now_us();
	for (int i = 0; i < rounds; i++) {
		buf_reset(&out);
		arena_reset(&call);
		if (vtl_render(tree, &in, &out, &err))
			exit(1);
	}
	printf("%s %.3f\n", json_string_value(json_object_get(vector, "id")), (now_us() - start) / rounds);
	buf_free(&out);
	arena_free(&call);
	arena_free(&given);
	arena_free(&parsed);
}

int main(int argc, char **argv)
{
	const char *rounds = getenv("ROUNDS");
	json_t *file = argc > 1 ? json_load_file(argv[1], 0, NULL) : NULL, *v;
	size_t i;

	if (!file)
		return 1;
	json_array_foreach(json_object_get(file, "vectors"), i, v)
		run(v, rounds ? (int)strtol(rounds, NULL, 10) : 20000);
	json_decref(file);
	return 0;
}
