#include "way.h"

const struct way *const ways[] = { &way_namespace, &way_notify, &way_preload, NULL };

const struct way *way_choose(bool net, struct buf *how)
{
	const struct way *taken = NULL;
	struct buf why = { 0 };
	for (size_t i = 0; ways[i]; i++) {
		const struct way *w = ways[i];
		if (taken && !how)
			break;
		buf_reset(&why);
		if (net && !w->keeps_net)
			buf_adds(&why, "it has no net: --net needs another way");
		else if (!w->probe(&why) && !taken)
			taken = w;
		if (how)
			buf_addf(how, "%-10s %s%s\n", w->name, taken == w ? "taken" : why.n ? "no: " : "works", why.n ? buf_cstr(&why) : "");
	}
	buf_free(&why);
	return taken;
}
