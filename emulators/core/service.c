#include "service.h"

bool service_dirty(const struct service *svc, const void *self)
{
	if (svc->dirty)
		return svc->dirty(self);
	return svc->db && ((const struct db *)((const char *)self + svc->db))->in_tx;
}

int service_commit(const struct service *svc, void *self, struct error *err)
{
	return svc->commit ? svc->commit(self, err) : db_commit((struct db *)((char *)self + svc->db), err);
}

bool service_signs(const struct service *svc, struct slice scope)
{
	struct slice one, rest = sl(svc->aws);
	while (rest.p) {
		sl_cut(rest, ' ', &one, &rest);
		if (sl_eq(one, scope))
			return true;
	}
	return false;
}
