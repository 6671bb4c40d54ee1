/* What the ways read: a list of places, addresses that a program names (the first 128 bytes of what follows a NUL), certificates in PEM. */
#include "front/lead.h"
#include "front/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct door_places places;
	struct slice list, rest;
	union lead_address to = { 0 };
	struct buf store = { 0 };
	int error = 0;
	sl_cut(sl_of(p, n), '\0', &list, &rest);
	lead_read(list.p, list.n, &places);
	size_t size = rest.n < sizeof(to) ? rest.n : sizeof(to);
	if (size)
		memcpy(&to, rest.p, size);
	for (int type = 0; type < 3; type++) {
		struct lead l = { .places = &places, .net = type == 1 };
		union lead_address copy = to;
		(void)lead(&l, type, &copy, size, &error);
		(void)lead_resolver(&l);
	}
	trust_jks(sl_of(p, n), &store);
	buf_free(&store);
	return 0;
}
