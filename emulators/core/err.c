#include "err.h"

int err_fail(struct error *err, const struct error_def *def, const char *fmt, ...)
{
	if (err) {
		va_list ap;
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
		va_end(ap);
		err->def = def;
		err->kind = def->kind;
	}
	return def->kind;
}

int err_set(struct error *err, int kind, const char *fmt, ...)
{
	if (err) {
		va_list ap;
		va_start(ap, fmt);
		vsnprintf(err->text, sizeof(err->text), fmt, ap);
		va_end(ap);
		err->def = NULL;
		err->kind = kind;
	}
	return kind;
}
