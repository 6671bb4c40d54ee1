/* Sorted arrays. */
#include "kafka/kafka.h"

size_t kfk_sorted(size_t n, int (*order)(const void *in, size_t i, const void *what), const void *in, const void *what, bool *found)
{
	size_t lo = 0, hi = n;
	*found = false;
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		int d = order(in, mid, what);
		if (d == 0) {
			*found = true;
			return mid;
		}
		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}
