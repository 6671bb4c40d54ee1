#include "hops.h"

struct hops {
	struct hop *ring; /* made with the first note */
	uint64_t first, next;
	size_t bytes;
};

struct hops *hops_new(void)
{
	return xcalloc(1, sizeof(struct hops));
}

static size_t size_of(const struct hop *h)
{
	return h->title.n + h->input.n + h->output.n;
}

static void drop_first(struct hops *h)
{
	struct hop *hop = &h->ring[h->first++ % HOPS_KEPT];
	h->bytes -= size_of(hop);
	free((char *)(uintptr_t)hop->title.p); /* where the block of all three begins */
}

void hops_forget(struct hops *h)
{
	while (h && h->first < h->next)
		drop_first(h);
}

void hops_free(struct hops *h)
{
	hops_forget(h);
	if (h)
		free(h->ring);
	free(h);
}

static struct slice cut(struct slice s)
{
	return s.n > HOPS_TEXT_MAX ? sl_of(s.p, HOPS_TEXT_MAX) : s;
}

static struct slice kept(char **at, struct slice s)
{
	char *to = *at;
	if (!s.p)
		return s;
	memcpy(to, s.p, s.n);
	*at += s.n;
	return sl_of(to, s.n);
}

void hops_note(struct hops *h, const struct hop *hop)
{
	if (!h)
		return;
	if (!h->ring)
		h->ring = xcalloc(HOPS_KEPT, sizeof(*h->ring));
	while (h->first < h->next && (h->next - h->first == HOPS_KEPT || h->bytes > HOPS_BYTES))
		drop_first(h);
	struct hop *to = &h->ring[h->next++ % HOPS_KEPT];
	*to = *hop;
	to->title = hop->title.p ? cut(hop->title) : S("-"); /* a block of memory begins with it: it is never absent */
	to->input = cut(hop->input);
	to->output = cut(hop->output);
	char *at = xmalloc(size_of(to) + 1);
	to->title = kept(&at, to->title);
	to->input = kept(&at, to->input);
	to->output = kept(&at, to->output);
	h->bytes += size_of(to);
}

const struct hop *hops_at(const struct hops *h, struct slice trace, size_t i)
{
	for (uint64_t n = h ? h->first : 0; h && n < h->next; n++)
		if (sl_eqs(trace, h->ring[n % HOPS_KEPT].trace) && i-- == 0)
			return &h->ring[n % HOPS_KEPT];
	return NULL;
}
