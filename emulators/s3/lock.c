/* Object lock. */
#include "versions.h"

int s3_lock_may_go(struct s3 *s, const struct s3_object *o, bool bypass, struct s3_fail *f)
{
	(void)s;
	(void)o;
	(void)bypass;
	(void)f;
	return 0;
}
