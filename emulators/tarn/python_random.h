/* Python's random module, as far as the users' scripts use it: the same numbers from the same seed. */
#ifndef TARN_PYTHON_RANDOM_H
#define TARN_PYTHON_RANDOM_H

#include <stdint.h>

struct python_random {
	uint32_t mt[624]; /* MT19937 */
	int at;
};
/* random.seed(n), n >= 0. */
void python_seed(struct python_random *r, uint64_t n);
/* random.randrange(n) = random.randint(0, n - 1), 1 <= n < 2^32. */
uint32_t python_randrange(struct python_random *r, uint32_t n);

#endif
