/* aes_encrypt and aes_decrypt. */
#include "core/crypt.h"
#include "functions/text.h"

static int fail(struct sp_call *c, const char *class, const char *state, const char *fmt, ...) PRINTF_LIKE(4, 5);
static int fail(struct sp_call *c, const char *class, const char *state, const char *fmt, ...)
{
	char text[512];
	va_list ap;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (c->e->fn->name[0] == 't') /* try_aes_decrypt: NULL, whatever it is */
		return 1;
	return sp_fail(&c->run->err, SP_E_RUN, class, state, "%s", text);
}

static int illegal(struct sp_call *c, const char *text)
{
	sp_fail(&c->run->err, SP_E_RUN, "", "", "%s", text);
	c->run->err.java = "java.lang.IllegalArgumentException";
	return 1;
}

#define OF "`aes_encrypt`/`aes_decrypt`"

/* What mode and padding say together. */
static int mode_of(struct sp_call *c, struct slice mode, struct slice padding, enum crypt_aes *out)
{
	bool usual = sl_eq_nocase(padding, S("DEFAULT")), none = sl_eq_nocase(padding, S("NONE")), pkcs = sl_eq_nocase(padding, S("PKCS"));
	if (sl_eq_nocase(mode, S("GCM")) && (usual || none))
		*out = CRYPT_GCM;
	else if (sl_eq_nocase(mode, S("CBC")) && (usual || pkcs))
		*out = CRYPT_CBC;
	else if (sl_eq_nocase(mode, S("ECB")) && (usual || pkcs))
		*out = CRYPT_ECB;
	else
		return fail(c, "UNSUPPORTED_FEATURE.AES_MODE", "0A000", "The feature is not supported: AES-%.*s with the padding %.*s by the " OF " function.",
			    SL(mode), SL(padding));
	return 0;
}

static int check(struct sp_call *c, struct slice key, enum crypt_aes mode, struct slice iv, struct slice aad)
{
	static const char *const names[] = { "GCM", "CBC", "ECB" };
	if (key.n != 16 && key.n != 24 && key.n != 32)
		return fail(c, "INVALID_PARAMETER_VALUE.AES_KEY_LENGTH", "22023",
			    "The value of parameter(s) `key` in " OF " is invalid: expects a binary value with 16, 24 or 32 bytes, but got %zu bytes.", key.n);
	if (iv.n && mode == CRYPT_ECB)
		return fail(c, "UNSUPPORTED_FEATURE.AES_MODE_IV", "0A000",
			    "The feature is not supported: `aes_encrypt` with AES-ECB does not support initialization vectors (IVs).");
	if (iv.n && iv.n != (mode == CRYPT_GCM ? 12 : 16))
		return fail(c, "INVALID_PARAMETER_VALUE.AES_IV_LENGTH", "22023",
			    "The value of parameter(s) `iv` in " OF " is invalid: supports 16-byte CBC IVs and 12-byte GCM IVs, but got %zu bytes for %s.",
			    iv.n, names[mode]);
	if (aad.n && mode != CRYPT_GCM)
		return fail(c, "UNSUPPORTED_FEATURE.AES_MODE_AAD", "0A000",
			    "The feature is not supported: `aes_encrypt` with AES-%s does not support additional authenticate data (AAD).", names[mode]);
	return 0;
}

static int encrypt(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	uint64_t *count = c->state;
	struct slice iv = a[4].s;
	enum crypt_aes mode;
	struct buf b = { 0 };
	char made[16];
	if (mode_of(c, a[2].s, a[3].s, &mode) || check(c, a[1].s, mode, iv, a[5].s))
		return 1;
	if (!iv.n && mode != CRYPT_ECB) { /* of chance, as the session's seed has it */
		struct crypt_seed from = { c->run->cx->seed, S("aes_encrypt"), ++*count + c->e->from * 1000003ull };
		iv = sl_of(made, mode == CRYPT_GCM ? 12 : 16);
		crypt_derive(&from, made, iv.n);
	}
	if (mode != CRYPT_ECB)
		buf_addsl(&b, iv);
	if (crypt_aes_seal(mode, a[1].s, iv, a[5].s, a[0].s, &b))
		return sp_text_done(c, &b, out);
	buf_free(&b);
	return fail(c, "INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR", "22023", "The value of parameter(s) `expr`, `key` in " OF " is invalid.");
}

static int decrypt(struct sp_call *c, const struct sp_value *a, struct sp_value *out)
{
	bool try = c->e->fn->name[0] == 't';
	struct slice s = a[0].s, iv = sl(NULL);
	const char *why;
	enum crypt_aes mode;
	struct buf b = { 0 };
	size_t head;
	if (mode_of(c, a[2].s, a[3].s, &mode) || check(c, a[1].s, mode, sl(NULL), mode == CRYPT_GCM ? a[4].s : sl(NULL))) {
		out->null = try;
		return !try;
	}
	head = mode == CRYPT_GCM ? 12 : mode == CRYPT_CBC ? 16 : 0;
	out->null = s.n < head;
	if (s.n < head)
		return try ? 0 : illegal(c, mode == CRYPT_GCM ? "Invalid buffer arguments" : "IV buffer too short for given offset/length combination");
	iv = sl_of(s.p, head);
	s = sl_from(s, head);
	if (crypt_aes_open(mode, a[1].s, iv, a[4].s, s, &b))
		return sp_text_done(c, &b, out);
	buf_free(&b);
	out->null = true;
	if (try)
		return 0;
	why = mode == CRYPT_GCM ? (s.n < CRYPT_TAG ? "Input data too short to contain an expected tag length of 16bytes" : "Tag mismatch!") :
	      s.n % 16 ? "Input length must be multiple of 16 when decrypting with padded cipher" :
			 "Given final block not properly padded. Such issues can arise if a bad key is used during decryption.";
	return fail(c, "INVALID_PARAMETER_VALUE.AES_CRYPTO_ERROR", "22023",
		    "The value of parameter(s) `expr`, `key` in " OF " is invalid: detail message: %s", why);
}

#define G "misc_funcs"
const struct sp_function sp_ciphers[] = {
	{ "aes_encrypt", "binary binary string? string? binary? binary?", "binary", .row = encrypt, .flags = SP_F_VOLATILE, .defaults = "'GCM','DEFAULT','',''",
	  .state_size = sizeof(uint64_t), .group = G, .doc = "aes_encrypt(binary, key[, mode, padding, iv, aad]): sealed by AES in GCM, CBC or ECB" },
	{ "aes_decrypt", "binary binary string? string? binary?", "binary", .row = decrypt, .defaults = "'GCM','DEFAULT',''", .group = G,
	  .doc = "aes_decrypt(binary, key[, mode, padding, aad]): what aes_encrypt sealed" },
	{ "try_aes_decrypt", "binary binary string? string? binary?", "binary", .row = decrypt, .flags = SP_F_MAYBE, .defaults = "'GCM','DEFAULT',''", .group = G,
	  .doc = "try_aes_decrypt(binary, key[, mode, padding, aad]): what aes_encrypt sealed, NULL for what isn't" },
	{ NULL },
};
