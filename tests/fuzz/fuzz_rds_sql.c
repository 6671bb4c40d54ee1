/* Packets, login, lexer, translator and CREATE TABLE over any bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "rds/rds.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct rds r;
	struct rds_session s = { .r = &r };
	struct rds_packet packet;
	struct rds_login login;
	struct tokens t;
	struct error err;
	struct buf out = { .max = 1 << 20 };
	struct rds_table *table = NULL;
	struct slice sql = sl_of(n ? p : (const uint8_t *)"", n);
	r.database = "pinterest_data";
	r.version = "8.0.35";
	if (rds_packet_take(&s.arena, p, n, &packet, &err) == 1 && rds_read_login(packet.payload, &login, &err) == 0)
		(void)rds_check_native("secret", s.salt, login.auth);
	if (rds_lex(&s.arena, sql, &t, &err) == 0) {
		if (rds_translate(&s.arena, &s, sql, t.at, t.n, &out, &err))
			buf_reset(&out);
		if (t.n > 4 && rds_create_parse(&s.arena, sql, t.at + 4, t.n - 4, "t", &table, &out, &err) == 0)
			rds_tables_free(table);
	}
	buf_free(&out);
	arena_free(&s.arena);
	return 0;
}
