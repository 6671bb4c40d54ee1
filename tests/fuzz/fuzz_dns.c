/* Questions of a resolver: each has no answer, or one that is a message for it. */
#include "front/dns.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct name_book book; /* bounded: so many brokers have an address */
	uint8_t out[DNS_MAX];
	char foreign[256];
	size_t n = dns_answer(&book, NULL, size & 1 ? FRONT_ADDRESS : 0, data, size, out, foreign);
	if (!n)
		return 0;
	if (n < 12 || n > DNS_MAX || memcmp(out, data, 2) || !(out[2] & 0x80) || strlen(foreign) > 254)
		abort();
	/* An answer is no question: it isn't answered again. */
	if (dns_answer(&book, NULL, 0, out, n, out, foreign))
		abort();
	return 0;
}
