/* What Spark has and we don't: known by name, so that who calls it is told so and not that there is no such function. */
#include "functions/functions.h"

static const struct sp_type *refuse(struct sp_resolve *x)
{
	sp_fail(x->err, SP_E_UNSERVED, "", "", "The function %s isn't served.", x->e->fn->name);
	sp_fail_at(x->err, x->e->from, x->e->to);
	return NULL;
}

#define NOT(function, sentence, kind) { function, "any*", .resolve = refuse, .flags = SP_F_ALIAS, .group = kind, .doc = sentence " (not served)" }
const struct sp_function sp_unserved[] = {
	NOT("xpath", "xpath(xml, path): texts at an XPath", "xml_funcs"),
	NOT("xpath_boolean", "xpath_boolean(xml, path): whether an XPath holds", "xml_funcs"),
	NOT("xpath_double", "xpath_double(xml, path): the number at an XPath", "xml_funcs"),
	NOT("xpath_float", "xpath_float(xml, path): the number at an XPath", "xml_funcs"),
	NOT("xpath_int", "xpath_int(xml, path): the number at an XPath", "xml_funcs"),
	NOT("xpath_long", "xpath_long(xml, path): the number at an XPath", "xml_funcs"),
	NOT("xpath_number", "xpath_number(xml, path): the number at an XPath", "xml_funcs"),
	NOT("xpath_short", "xpath_short(xml, path): the number at an XPath", "xml_funcs"),
	NOT("xpath_string", "xpath_string(xml, path): the text at an XPath", "xml_funcs"),
	NOT("java_method", "java_method(class, method, ...): calls a method of Java's", "misc_funcs"),
	NOT("reflect", "reflect(class, method, ...): calls a method of Java's", "misc_funcs"),
	{ "input_file_name", "", "string", .resolve = refuse, .group = "misc_funcs",
	  .doc = "input_file_name(): the file that a row is of; of none, empty" }, /* analysis makes it of _metadata */
	NOT("input_file_block_start", "input_file_block_start(): where a row's block of its file begins", "misc_funcs"),
	NOT("input_file_block_length", "input_file_block_length(): how long a row's block of its file is", "misc_funcs"),
	{ NULL },
};
