#include "rds/rds.h"

#include "core/sigv4.h"

const struct error_def rds_errors[] = {
	[RDS_E_DB_EXISTS] = { ERR_CONFLICT, "HY000", 0, 1007 },
	[RDS_E_NO_DB_TO_DROP] = { ERR_NOT_FOUND, "HY000", 0, 1008 },
	[RDS_E_ACCESS] = { ERR_DENIED, "28000", 0, 1045 },
	[RDS_E_NO_DB] = { ERR_INVALID, "3D000", 0, 1046 },
	[RDS_E_COMMAND] = { ERR_UNSUPPORTED, "08S01", 0, 1047 },
	[RDS_E_NULL] = { ERR_INVALID, "23000", 0, 1048 },
	[RDS_E_BAD_DB] = { ERR_NOT_FOUND, "42000", 0, 1049 },
	[RDS_E_TABLE_EXISTS] = { ERR_CONFLICT, "42S01", 0, 1050 },
	[RDS_E_BAD_TABLE] = { ERR_NOT_FOUND, "42S02", 0, 1051 },
	[RDS_E_BAD_FIELD] = { ERR_NOT_FOUND, "42S22", 0, 1054 },
	[RDS_E_DUP_COLUMN] = { ERR_CONFLICT, "42S21", 0, 1060 },
	[RDS_E_DUP_ENTRY] = { ERR_CONFLICT, "23000", 0, 1062 },
	[RDS_E_SYNTAX] = { ERR_INVALID, "42000", 0, 1064 },
	[RDS_E_EMPTY] = { ERR_INVALID, "42000", 0, 1065 },
	[RDS_E_UNKNOWN] = { ERR_INTERNAL, "HY000", 0, 1105 },
	[RDS_E_VALUE_COUNT] = { ERR_INVALID, "21S01", 0, 1136 },
	[RDS_E_NO_TABLE] = { ERR_NOT_FOUND, "42S02", 0, 1146 },
	[RDS_E_TOO_BIG] = { ERR_LIMIT, "08S01", 0, 1153 },
	[RDS_E_VARIABLE] = { ERR_NOT_FOUND, "HY000", 0, 1193 },
	[RDS_E_LOCKED] = { ERR_CONFLICT, "HY000", 0, 1205 },
	[RDS_E_FUNCTION] = { ERR_NOT_FOUND, "42000", 0, 1305 },
	[RDS_E_NO_DEFAULT] = { ERR_INVALID, "HY000", 0, 1364 },
	[RDS_E_UNSUPPORTED] = { ERR_UNSUPPORTED, "42000", 0, 1235 },
	[RDS_E_AMBIGUOUS] = { ERR_INVALID, "23000", 0, 1052 },
	[RDS_E_DISK] = { ERR_STORE, "HY000", 0, 1021 },
	[RDS_E_ORDER] = { ERR_INVALID, "08S01", 0, 1156 },
	[RDS_E_NO_THREAD] = { ERR_NOT_FOUND, "HY000", 0, 1094 },
	[RDS_E_DEADLOCK] = { ERR_CONFLICT, "40001", 0, 1213 },
	[RDS_E_KILLED] = { ERR_TIMEOUT, "70100", 0, 1317 },
	[RDS_E_TIME] = { ERR_TIMEOUT, "HY000", 0, 3024 },
	[RDS_E_RECURSION] = { ERR_LIMIT, "HY000", 0, 3636 },
	[RDS_E_ARGUMENTS] = { ERR_INVALID, "HY000", 0, 1210 },
	[RDS_E_VALUE_TYPE] = { ERR_INVALID, "42000", 0, 1232 },
	[RDS_E_VALUE] = { ERR_INVALID, "42000", 0, 1231 },
	[RDS_E_READ_ONLY] = { ERR_DENIED, "25006", 0, 1792 },
	[RDS_E_REGEXP] = { ERR_INVALID, "HY000", 0, 3685 },
	[RDS_E_REGEXP_TIME] = { ERR_LIMIT, "HY000", 0, 3699 },
	[RDS_E_REGEXP_TOO_BIG] = { ERR_LIMIT, "HY000", 0, 3700 },
	[RDS_E_LONG_RESULT] = { ERR_LIMIT, "HY000", 0, 1301 },
	[RDS_E_MEMORY] = { ERR_LIMIT, "HY001", 0, 1037 },
	[RDS_E_GLOBAL] = { ERR_INVALID, "HY000", 0, 1229 },
	[RDS_E_IDLE] = { ERR_TIMEOUT, "HY000", 0, 4031 },
	[RDS_E_SHUTDOWN] = { ERR_CONFLICT, "08S01", 0, 1053 },
	[RDS_E_FOREIGN_KEY] = { ERR_CONFLICT, "23000", 0, 1452 },
};

const struct error_def *rds_error_numbered(int number)
{
	for (size_t i = 0; i < ARRAY_LEN(rds_errors); i++)
		if (rds_errors[i].number == number)
			return &rds_errors[i];
	return NULL;
}

/* ---- frames ---- */

int rds_packet_take(struct arena *a, const uint8_t *p, size_t n, struct rds_packet *out, struct error *err)
{
	size_t at = 0, total = 0, frames = 0;
	for (;;) {
		if (n - at < 4)
			return 0;
		struct rd r = rd_of(p + at, 4);
		size_t len = rd_u24le(&r);
		out->seq = rd_u8(&r);
		total += len;
		if (total > RDS_ALLOWED_PACKET)
			return err_fail(err, &rds_errors[RDS_E_TOO_BIG], "Got a packet bigger than 'max_allowed_packet' bytes");
		if (n - at - 4 < len)
			return 0;
		at += 4 + len;
		frames++;
		if (len < RDS_PACKET_MAX)
			break;
	}
	out->eaten = at;
	if (frames == 1) {
		out->payload = sl_of(p + 4, total);
		return 1;
	}
	char *joined = arena_alloc(a, total + 1);
	size_t to = 0;
	for (at = 0; at < out->eaten;) {
		size_t len = (size_t)p[at] | (size_t)p[at + 1] << 8 | (size_t)p[at + 2] << 16;
		memcpy(joined + to, p + at + 4, len);
		to += len;
		at += 4 + len;
	}
	out->payload = sl_of(joined, total);
	return 1;
}

void rds_packet_put(struct buf *out, uint8_t *seq, struct slice payload)
{
	for (;;) {
		size_t n = payload.n < RDS_PACKET_MAX ? payload.n : RDS_PACKET_MAX;
		buf_u24le(out, (uint32_t)n);
		buf_u8(out, (*seq)++);
		buf_add(out, payload.p, n);
		payload.p += n;
		payload.n -= n;
		if (n < RDS_PACKET_MAX)
			return;
	}
}

void buf_lenenc(struct buf *b, uint64_t v)
{
	if (v < 0xfb) {
		buf_u8(b, (uint8_t)v);
	} else if (v <= 0xffff) {
		buf_u8(b, 0xfc);
		buf_u16le(b, (uint16_t)v);
	} else if (v <= 0xffffff) {
		buf_u8(b, 0xfd);
		buf_u24le(b, (uint32_t)v);
	} else {
		buf_u8(b, 0xfe);
		buf_u64le(b, v);
	}
}

void buf_lenenc_string(struct buf *b, struct slice s)
{
	buf_lenenc(b, s.n);
	buf_addsl(b, s);
}

static uint64_t rd_lenenc(struct rd *r)
{
	uint8_t first = rd_u8(r);
	switch (first) {
	case 0xfc:
		return rd_u16le(r);
	case 0xfd:
		return rd_u24le(r);
	case 0xfe:
		return rd_u64le(r);
	default:
		return first;
	}
}

/* ---- handshake ---- */

static const char native[] = "mysql_native_password";

void rds_put_greeting(struct buf *out, uint8_t *seq, const char *version, uint32_t id, const uint8_t salt[RDS_SALT])
{
	struct buf b = { 0 };
	buf_u8(&b, 10);
	buf_add(&b, version, strlen(version) + 1);
	buf_u32le(&b, id);
	buf_add(&b, salt, 8);
	buf_u8(&b, 0);
	buf_u16le(&b, (uint16_t)RDS_CAPS);
	buf_u8(&b, 255); /* utf8mb4_0900_ai_ci */
	buf_u16le(&b, STATUS_AUTOCOMMIT);
	buf_u16le(&b, (uint16_t)((uint32_t)RDS_CAPS >> 16));
	buf_u8(&b, RDS_SALT + 1);
	buf_add(&b, "\0\0\0\0\0\0\0\0\0\0", 10);
	buf_add(&b, salt + 8, RDS_SALT - 8);
	buf_u8(&b, 0);
	buf_add(&b, native, sizeof(native));
	rds_packet_put(out, seq, buf_slice(&b));
	buf_free(&b);
}

void rds_put_auth_switch(struct buf *out, uint8_t *seq, const uint8_t salt[RDS_SALT])
{
	static const char clear[] = "mysql_clear_password";
	struct buf b = { 0 };
	buf_u8(&b, 0xfe);
	if (salt) {
		buf_add(&b, native, sizeof(native));
		buf_add(&b, salt, RDS_SALT);
		buf_u8(&b, 0);
	} else {
		buf_add(&b, clear, sizeof(clear));
	}
	rds_packet_put(out, seq, buf_slice(&b));
	buf_free(&b);
}

int rds_read_login(struct slice payload, struct rds_login *out, struct error *err)
{
	struct rd r = rd_of(payload.p, payload.n);
	*out = (struct rds_login){ 0 };
	uint32_t asked = rd_u32le(&r);
	out->caps = asked & RDS_CAPS;
	out->interactive = asked & CAP_INTERACTIVE;
	(void)rd_u32le(&r);
	out->charset = rd_u8(&r);
	(void)rd_bytes(&r, 23);
	if (asked & CAP_SSL && !r.bad && !r.n) { /* the rest of it comes in TLS */
		out->wants_tls = true;
		return 0;
	}
	if (!(asked & CAP_PROTOCOL_41))
		return err_fail(err, &rds_errors[RDS_E_ORDER], "Client does not support the 4.1 protocol");
	out->user = rd_cstr(&r);
	/* Layout by the intersection: some clients set bits that were not offered. */
	size_t n = out->caps & CAP_LENENC_AUTH ? (size_t)rd_lenenc(&r) : rd_u8(&r);
	out->auth = rd_bytes(&r, n);
	if (r.bad)
		return err_fail(err, &rds_errors[RDS_E_ORDER], "Bad handshake");
	if (out->caps & CAP_CONNECT_WITH_DB && r.n)
		out->db = rd_cstr(&r);
	if (out->caps & CAP_PLUGIN_AUTH && r.n)
		out->plugin = rd_cstr(&r);
	return 0; /* connection attributes follow; nobody here reads them */
}

bool rds_check_native(const char *password, const uint8_t salt[RDS_SALT], struct slice token)
{
	uint8_t one[20], two[20], both[RDS_SALT + 20], mask[20], diff = 0;
	if (!*password)
		return token.n == 0;
	if (token.n != 20)
		return false;
	hash_sha1(password, strlen(password), one);
	hash_sha1(one, 20, two);
	memcpy(both, salt, RDS_SALT);
	memcpy(both + RDS_SALT, two, 20);
	hash_sha1(both, sizeof(both), mask);
	for (int i = 0; i < 20; i++)
		diff |= (uint8_t)(mask[i] ^ one[i] ^ (uint8_t)token.p[i]);
	return diff == 0;
}

/* ---- answers ---- */

static void ok_body(struct buf *b, uint8_t header, const struct rds_ok *ok)
{
	buf_u8(b, header);
	buf_lenenc(b, ok->affected);
	buf_lenenc(b, ok->insert_id);
	buf_u16le(b, ok->status);
	buf_u16le(b, ok->warnings);
	buf_addsl(b, ok->info);
}

void rds_put_ok(struct buf *out, uint8_t *seq, const struct rds_ok *ok)
{
	struct buf b = { 0 };
	ok_body(&b, 0, ok);
	rds_packet_put(out, seq, buf_slice(&b));
	buf_free(&b);
}

void rds_put_err(struct buf *out, uint8_t *seq, const struct error *err)
{
	const struct error_def *d = err->def ? err->def : &rds_errors[RDS_E_UNKNOWN];
	struct buf b = { 0 };
	buf_u8(&b, 0xff);
	buf_u16le(&b, (uint16_t)d->number);
	buf_addf(&b, "#%s%s", d->code, err->text);
	rds_packet_put(out, seq, buf_slice(&b));
	buf_free(&b);
}

void rds_put_eof(struct buf *out, uint8_t *seq, uint32_t caps, uint16_t status, bool rows)
{
	struct buf b = { 0 };
	if (caps & CAP_DEPRECATE_EOF) {
		if (!rows)
			return;
		ok_body(&b, 0xfe, &(struct rds_ok){ .status = status });
	} else {
		buf_u8(&b, 0xfe);
		buf_u16le(&b, 0);
		buf_u16le(&b, status);
	}
	rds_packet_put(out, seq, buf_slice(&b));
	buf_free(&b);
}

void rds_put_column(struct buf *out, uint8_t *seq, const struct rds_column *c, bool with_default)
{
	struct buf b = { 0 };
	buf_lenenc_string(&b, S("def"));
	buf_lenenc_string(&b, c->db);
	buf_lenenc_string(&b, c->table);
	buf_lenenc_string(&b, c->table);
	buf_lenenc_string(&b, c->name);
	buf_lenenc_string(&b, c->org_name);
	buf_u8(&b, 0x0c);
	buf_u16le(&b, c->charset);
	buf_u32le(&b, c->length);
	buf_u8(&b, c->type);
	buf_u16le(&b, c->flags);
	buf_u8(&b, c->decimals);
	buf_u16le(&b, 0);
	if (with_default)
		buf_u8(&b, 0xfb);
	rds_packet_put(out, seq, buf_slice(&b));
	buf_free(&b);
}

void rds_put_columns(struct buf *out, uint8_t *seq, uint32_t caps, uint16_t status, const struct rds_column *c, size_t n)
{
	struct buf b = { 0 };
	buf_lenenc(&b, n);
	rds_packet_put(out, seq, buf_slice(&b));
	buf_free(&b);
	for (size_t i = 0; i < n; i++)
		rds_put_column(out, seq, &c[i], false);
	rds_put_eof(out, seq, caps, status, false);
}
