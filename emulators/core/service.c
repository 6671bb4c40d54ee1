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
