/* The console: a web page as files in the binary, packed by gzip, and where it is asked for from a folder (for who writes it).
 *
 * www/ holds the files as they are written and served: index.html, app.mjs, style.css, a page a file in pages/, what is not our own
 * in vendor/ (with its licences; tests/console/vendor.sh says where from). No step builds them but gzip. */
#ifndef TARN_CONSOLE_H
#define TARN_CONSOLE_H

#include "core/conf.h"
#include "core/http.h"

/* What index.html has to know: where it is served ("/" or "/_tarn/"), and what its POSTs have to say in X-Tarn. */
struct console_page {
	const char *base, *token;
};
/* Answers a GET or HEAD of a page ("/", "/requests", "/journey/ID": index.html) or of a file ("/app.mjs"). False: there is none of
 * that path, and the call isn't answered. conf: [console] www. */
bool console_answer(const struct conf *conf, struct http_call *call, const struct console_page *page);

/* Makes the token: what our own pages say beside every POST (core/origin.h). Kept in conf, as [control] listen_page_token. */
void console_make_token(struct conf *conf);

extern const struct setting console_settings[];

#endif
