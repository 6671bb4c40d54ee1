#include "core/sigv4.h"
#include "kinesis/kinesis.h"

void kin_hash_text(kin_hash v, char out[KIN_HASH_TEXT])
{
	char digits[KIN_HASH_TEXT];
	size_t n = 0;
	do
		digits[n++] = (char)('0' + (int)(v % 10));
	while (v /= 10);
	for (size_t i = 0; i < n; i++)
		out[i] = digits[n - 1 - i];
	out[n] = '\0';
}

bool kin_hash_parse(struct slice s, kin_hash *out)
{
	kin_hash v = 0;
	if (!s.n)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		kin_hash d = (kin_hash)(s.p[i] - '0');
		if (v > (KIN_HASH_MAX - d) / 10)
			return false;
		v = v * 10 + d;
	}
	*out = v;
	return true;
}

kin_hash kin_hash_key(struct slice partition_key)
{
	uint8_t sum[16];
	kin_hash v = 0;
	hash_md5(partition_key.p, partition_key.n, sum);
	for (size_t i = 0; i < 16; i++)
		v = v << 8 | sum[i];
	return v;
}

/* ---- sequence numbers: "2", create time (9), low digit of the shard (1), index (16), "00", time (9), shard (8), "2" ---- */

enum { SEQ_WORDS = 6 }; /* 6 words of 32 bits, highest first */
static const int64_t OLD_CREATE_MAX = 16025175000; /* seconds, in the year 2477 */

static void put_hex(char *to, uint64_t v, int digits)
{
	for (int i = digits - 1; i >= 0; i--, v >>= 4)
		to[i] = "0123456789abcdef"[v & 15];
}

static uint64_t get_hex(const char *from, int digits)
{
	uint64_t v = 0;
	for (int i = 0; i < digits; i++)
		v = v << 4 | (uint64_t)(from[i] <= '9' ? from[i] - '0' : from[i] - 'a' + 10);
	return v;
}

void kin_seq_text(const struct kin_seq *q, char out[KIN_SEQ_TEXT])
{
	const uint64_t high = (uint64_t)2 << 56 | (uint64_t)q->create_s << 20 | (uint64_t)(q->shard & 15) << 16 | q->index >> 48;
	const uint64_t mid = q->index << 16 | (uint64_t)q->time_s >> 28;
	const uint64_t low = (uint64_t)q->time_s << 36 | (uint64_t)q->shard << 4 | 2;
	uint32_t words[SEQ_WORDS] = { (uint32_t)(high >> 32), (uint32_t)high, (uint32_t)(mid >> 32), (uint32_t)mid, (uint32_t)(low >> 32), (uint32_t)low };
	char digits[9 * SEQ_WORDS + 9];
	size_t n = sizeof(digits);
	for (size_t top = 0; top < SEQ_WORDS;) { /* nine digits a round, from the last */
		uint64_t rest = 0;
		for (size_t i = top; i < SEQ_WORDS; i++) {
			rest = rest << 32 | words[i];
			words[i] = (uint32_t)(rest / 1000000000);
			rest %= 1000000000;
		}
		while (top < SEQ_WORDS && !words[top])
			top++;
		uint32_t nine = (uint32_t)rest;
		for (int i = 0; i < 9; i++, nine /= 10)
			digits[--n] = (char)('0' + nine % 10);
	}
	while (n < sizeof(digits) - 1 && digits[n] == '0')
		n++;
	memcpy(out, digits + n, sizeof(digits) - n);
	out[sizeof(digits) - n] = '\0';
}

/* The number's hex digits, SEQ_WORDS * 8 of them. */
static bool hex_of(struct slice s, char *hex)
{
	uint32_t words[SEQ_WORDS] = { 0 };
	if (!s.n || s.n > 57)
		return false;
	for (size_t k = 0; k < s.n; k++) {
		if (s.p[k] < '0' || s.p[k] > '9')
			return false;
		uint64_t carry = (uint64_t)(s.p[k] - '0');
		for (size_t i = SEQ_WORDS; i-- > 0;) {
			carry += (uint64_t)words[i] * 10;
			words[i] = (uint32_t)carry;
			carry >>= 32;
		}
		if (carry)
			return false;
	}
	for (size_t i = 0; i < SEQ_WORDS; i++)
		put_hex(hex + 8 * i, words[i], 8);
	return true;
}

/* Numbers of version 0, from before 2013: 32 digits, "1", create time (9), two, 16 at random, shard (4); what is shorter is
 * taken for one as well, without its "1". */
static bool parse_old(const char *hex, struct kin_seq *out)
{
	for (int i = 0; i < 16; i++)
		if (hex[i] != '0')
			return false;
	const char *h = hex + 16;
	if (h[0] > '1')
		return false;
	out->create_s = (int64_t)get_hex(h + 1, 9);
	out->shard = (uint32_t)get_hex(h + 28, 4);
	return out->create_s < OLD_CREATE_MAX;
}

bool kin_seq_parse(struct slice s, struct kin_seq *out)
{
	char hex[SEQ_WORDS * 8];
	*out = (struct kin_seq){ 0 };
	if (!hex_of(s, hex) || hex[0] != '0')
		return false;
	if (hex[1] == '0')
		return parse_old(hex, out);
	if (hex[1] != '2' || (hex[47] != '1' && hex[47] != '2'))
		return false;
	out->create_s = (int64_t)get_hex(hex + 2, 9);
	out->shard = (uint32_t)get_hex(hex + 39, 8);
	if (hex[47] == '1')
		return true;
	out->index = get_hex(hex + 12, 16);
	out->time_s = (int64_t)get_hex(hex + 30, 9);
	return out->index <= INT64_MAX;
}
