/* Microseconds a mapping template takes, parsed once as a deployed method's is: prints "id us" for each in the file
 * given. A render starts from the request's body text and parameters and gives the output's text, with the buffer and
 * the arena that a request would have. MS (200): the least time of a template, after half as much warming up. SHOW:
 * prints the outputs too. */
#include <time.h>

#include "../velocity/vectors.h"

static double now_us(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

struct bench {
	struct arena call;
	struct vtl_tree *tree;
	struct vtl_input in;
	struct buf out;
};

static void render(struct bench *b)
{
	struct error err;
	buf_reset(&b->out);
	arena_reset(&b->call);
	if (vtl_render(b->tree, &b->in, &b->out, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
}

static double time_it(struct bench *b, double least_ms)
{
	double start = now_us(), taken;
	for (long rounds = 0;;) {
		for (int i = 0; i < 1000; i++)
			render(b);
		rounds += 1000;
		taken = now_us() - start;
		if (taken >= least_ms * 1000)
			return taken / (double)rounds;
	}
}

static void run(json_t *vector, double ms)
{
	struct bench b = { 0 };
	struct arena given = { 0 };
	struct error err;
	buf_init(&b.out, 0);
	vector_input(&given, vector, &b.in);
	b.in.arena = &b.call;
	if (vtl_parse(&given, vector_text(&given, vector, "template"), 300 << 10, &b.tree, &err)) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	render(&b);
	if (getenv("SHOW"))
		printf("%s\n", buf_cstr(&b.out));
	time_it(&b, ms / 2);
	printf("%s %.3f\n", json_string_value(json_object_get(vector, "id")), time_it(&b, ms));
	buf_free(&b.out);
	arena_free(&b.call);
	arena_free(&given);
}

int main(int argc, char **argv)
{
	const char *ms = getenv("MS");
	json_t *file = argc > 1 ? json_load_file(argv[1], 0, NULL) : NULL, *v;
	size_t i;
	if (!file)
		return 1;
	json_array_foreach(json_object_get(file, "vectors"), i, v)
		run(v, ms ? strtod(ms, NULL) : 200);
	json_decref(file);
	return 0;
}
