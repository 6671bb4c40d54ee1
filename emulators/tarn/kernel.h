/* What tarn notebook and tarn pyspark share: python3 with our modules, in this process's place, where a stack is. */
#ifndef TARN_KERNEL_H
#define TARN_KERNEL_H

#include "tarn/cmd.h"

enum { KERNEL_WORDS_MAX = 512 };
/* The first member of these commands' options. */
struct kernel {
	const char *data, *connect, *python;
	bool spark; /* the real PySpark, not ours */
	bool net;   /* everything may be reached */
	const char *words[KERNEL_WORDS_MAX + 1]; /* of the program, behind python3 */
	size_t n;
};
extern const struct flag kernel_flags[]; /* --connect, --python */
/* A word more for the program. What is too much is left out, and kernel_exec says so. */
void kernel_word(struct kernel *k, const char *word);
/* Sets PYTHONPATH, and where the stack is: without one that's EXIT_START, or fine where needed is false. An exit code after a message. */
int kernel_prepare(struct kernel *k, bool needed);
/* After kernel_prepare: the words that begin what tarn_kernel/cli.py reads. */
void kernel_begin(struct kernel *k, const char *what);
/* Runs python3 with the words; names of AWS lead to the stack that runs with the state folder, and nothing else is reached, where this
 * kernel lets us (tarn help exec). Doesn't return unless it fails: an exit code after a message. */
int kernel_exec(struct kernel *k);
/* The same without any of that: for what needs no stack. */
int kernel_exec_plain(struct kernel *k);

#endif
