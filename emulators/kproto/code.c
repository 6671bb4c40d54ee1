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
