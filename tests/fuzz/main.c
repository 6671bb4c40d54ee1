/* Runs a fuzz target over files or folders of inputs, where no fuzzer drives it: the corpus as a test. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

static size_t run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	if (!f) {
		perror(path);
		exit(1);
	}
	/* Exactly as many bytes as the file has, so that a read past them is seen. */
	fseek(f, 0, SEEK_END);
	long n = ftell(f);
	rewind(f);
	uint8_t *p = malloc(n > 0 ? (size_t)n : 1);
	size_t got = fread(p, 1, (size_t)n, f);
	fclose(f);
	LLVMFuzzerTestOneInput(p, got);
	/* And every shorter one: a parser must take any cut. Bounded for long inputs. */
	for (size_t cut = 0; cut < got; cut += 1 + got / 512) {
		uint8_t *q = malloc(cut ? cut : 1);
		for (size_t i = 0; i < cut; i++)
			q[i] = p[i];
		LLVMFuzzerTestOneInput(q, cut);
		free(q);
	}
	free(p);
	return 1;
}

static size_t run_path(const char *path)
{
	struct stat st;
	size_t n = 0;
	DIR *d = stat(path, &st) == 0 && S_ISDIR(st.st_mode) ? opendir(path) : NULL;
	if (!d)
		return run_file(path);
	for (struct dirent *e; (e = readdir(d));) {
		char full[4096];
		if (e->d_name[0] == '.')
			continue;
		snprintf(full, sizeof(full), "%s/%s", path, e->d_name);
		n += run_path(full);
	}
	closedir(d);
	return n;
}

int main(int argc, char **argv)
{
	size_t n = 0;
	for (int i = 1; i < argc; i++)
		n += run_path(argv[i]);
	if (!n) {
		fprintf(stderr, "no inputs\n");
		return 1;
	}
	printf("ok 1 - %zu inputs and their cuts\n", n);
	return 0;
}
