#include "kproto/code.h"
#include "core/mem.h"

#define ROW(name, code, text) { code, #name, text },
static const struct {
	int code;
	const char *name, *text;
} codes[] = { KP_CODES(ROW) };

const char *kp_code_text(int code)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].code == code)
			return *codes[i].text ? codes[i].text : NULL;
	return NULL;
}

const char *kp_code_name(int code)
{
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (codes[i].code == code)
			return codes[i].name;
	return "?";
}

bool kp_topic_name_ok(struct slice name)
{
	if (!name.n || name.n > KP_NAME_MAX || sl_eqs(name, ".") || sl_eqs(name, ".."))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
			return false;
	}
	return true;
}
