#include "java/pattern.h"

/* Names behind \p, and what PCRE2 has for them inside of [...]; ^ in front: all but those. */
struct property {
	const char *name, *inside;
};

/* As Java has them without "Is" and "In"; case counts. */
static const struct property posix[] = {
	{ "Alnum", "a-zA-Z0-9" },
	{ "Alpha", "a-zA-Z" },
	{ "ASCII", "\\x{0}-\\x{7f}" },
	{ "Blank", " \\x{9}" },
	{ "Cntrl", "\\x{0}-\\x{1f}\\x{7f}" },
	{ "Digit", "0-9" },
	{ "Graph", "!-~" },
	{ "Lower", "a-z" },
	{ "Print", " -~" },
	{ "Punct", "!-\\/:-@\\[-`{-~" },
	{ "Space", " \\x{9}-\\x{d}" },
	{ "Upper", "A-Z" },
	{ "XDigit", "0-9a-fA-F" },
	{ "all", "\\x{0}-\\x{10ffff}" },
	{ "L1", "\\x{0}-\\x{ff}" },
	{ "LC", "\\p{Lu}\\p{Ll}\\p{Lt}" },
	{ "LD", "\\p{L}\\p{Nd}" },
	{ "javaLowerCase", "\\p{Lowercase}" },
	{ "javaUpperCase", "\\p{Uppercase}" },
	{ "javaAlphabetic", "\\p{Alphabetic}" },
	{ "javaIdeographic", "\\p{Ideographic}" },
	{ "javaTitleCase", "\\p{Lt}" },
	{ "javaDigit", "\\p{Nd}" },
	{ "javaDefined", "^\\p{Cn}" },
	{ "javaLetter", "\\p{L}" },
	{ "javaLetterOrDigit", "\\p{L}\\p{Nd}" },
	{ "javaJavaIdentifierStart", "\\p{L}\\p{Nl}\\p{Sc}\\p{Pc}" },
	{ "javaJavaIdentifierPart", "\\p{L}\\p{Nl}\\p{Sc}\\p{Pc}\\p{Nd}\\p{Mn}\\p{Mc}\\p{Cf}\\x{0}-\\x{8}\\x{e}-\\x{1b}\\x{7f}-\\x{9f}" },
	{ "javaSpaceChar", "\\p{Z}" },
	{ "javaWhitespace", "\\x{9}-\\x{d}\\x{1c}- \\x{1680}\\x{2000}-\\x{2006}\\x{2008}-\\x{200a}\\x{2028}\\x{2029}\\x{205f}\\x{3000}" },
	{ "javaISOControl", "\\x{0}-\\x{1f}\\x{7f}-\\x{9f}" },
};
/* The same with (?U), and behind "Is" in any case. */
static const struct property unicode[] = {
	{ "Alphabetic", "\\p{Alphabetic}" },
	{ "Letter", "\\p{L}" },
	{ "Ideographic", "\\p{Ideographic}" },
	{ "Lowercase", "\\p{Lowercase}" },
	{ "Uppercase", "\\p{Uppercase}" },
	{ "Titlecase", "\\p{Lt}" },
	{ "White_Space", "\\p{White_Space}" },
	{ "WhiteSpace", "\\p{White_Space}" },
	{ "Control", "\\p{Cc}" },
	{ "Punctuation", "\\p{P}" },
	{ "Hex_Digit", "\\p{Nd}\\p{Hex_Digit}" },
	{ "HexDigit", "\\p{Nd}\\p{Hex_Digit}" },
	{ "Assigned", "^\\p{Cn}" },
	{ "Noncharacter_Code_Point", "\\p{Noncharacter_Code_Point}" },
	{ "NoncharacterCodePoint", "\\p{Noncharacter_Code_Point}" },
	{ "Digit", "\\p{Nd}" },
	{ "Alnum", "\\p{Alphabetic}\\p{Nd}" },
	{ "Blank", "\\p{Zs}\\x{9}" },
	{ "Graph", "^\\p{White_Space}\\p{Cc}\\p{Cn}" },
	{ "Print", "\\p{Zs}\\p{L}\\p{M}\\p{N}\\p{P}\\p{S}\\p{Cf}\\p{Co}" },
	{ "Word", "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{200c}\\x{200d}" },
	{ "Join_Control", "\\x{200c}\\x{200d}" },
	{ "JoinControl", "\\x{200c}\\x{200d}" },
	{ "Alpha", "\\p{Alphabetic}" },
	{ "Lower", "\\p{Lowercase}" },
	{ "Upper", "\\p{Uppercase}" },
	{ "Space", "\\p{White_Space}" },
	{ "Punct", "\\p{P}" },
	{ "Cntrl", "\\p{Cc}" },
	{ "XDigit", "\\p{Nd}\\p{Hex_Digit}" },
};
static const char categories[] =
	" C L M N P S Z Cc Cf Cn Co Ll Lm Lo Lt Lu Mc Me Mn Nd Nl No Pc Pd Pe Pf Pi Po Ps Sc Sk Sm So Zl Zp Zs ";
/* The blocks that are asked for. */
static const struct property blocks[] = {
	{ "BasicLatin", "\\x{0}-\\x{7f}" },
	{ "Latin-1Supplement", "\\x{80}-\\x{ff}" },
	{ "LatinExtended-A", "\\x{100}-\\x{17f}" },
	{ "LatinExtended-B", "\\x{180}-\\x{24f}" },
	{ "IPAExtensions", "\\x{250}-\\x{2af}" },
	{ "CombiningDiacriticalMarks", "\\x{300}-\\x{36f}" },
	{ "Greek", "\\x{370}-\\x{3ff}" },
	{ "GreekandCoptic", "\\x{370}-\\x{3ff}" },
	{ "Cyrillic", "\\x{400}-\\x{4ff}" },
	{ "Armenian", "\\x{530}-\\x{58f}" },
	{ "Hebrew", "\\x{590}-\\x{5ff}" },
	{ "Arabic", "\\x{600}-\\x{6ff}" },
	{ "Devanagari", "\\x{900}-\\x{97f}" },
	{ "Thai", "\\x{e00}-\\x{e7f}" },
	{ "HangulJamo", "\\x{1100}-\\x{11ff}" },
	{ "LatinExtendedAdditional", "\\x{1e00}-\\x{1eff}" },
	{ "GreekExtended", "\\x{1f00}-\\x{1fff}" },
	{ "GeneralPunctuation", "\\x{2000}-\\x{206f}" },
	{ "CurrencySymbols", "\\x{20a0}-\\x{20cf}" },
	{ "LetterlikeSymbols", "\\x{2100}-\\x{214f}" },
	{ "NumberForms", "\\x{2150}-\\x{218f}" },
	{ "Arrows", "\\x{2190}-\\x{21ff}" },
	{ "MathematicalOperators", "\\x{2200}-\\x{22ff}" },
	{ "BoxDrawing", "\\x{2500}-\\x{257f}" },
	{ "GeometricShapes", "\\x{25a0}-\\x{25ff}" },
	{ "MiscellaneousSymbols", "\\x{2600}-\\x{26ff}" },
	{ "Dingbats", "\\x{2700}-\\x{27bf}" },
	{ "CJKSymbolsandPunctuation", "\\x{3000}-\\x{303f}" },
	{ "Hiragana", "\\x{3040}-\\x{309f}" },
	{ "Katakana", "\\x{30a0}-\\x{30ff}" },
	{ "CJKUnifiedIdeographs", "\\x{4e00}-\\x{9fff}" },
	{ "HangulSyllables", "\\x{ac00}-\\x{d7af}" },
	{ "HalfwidthandFullwidthForms", "\\x{ff00}-\\x{ffef}" },
	{ "Emoticons", "\\x{1f600}-\\x{1f64f}" },
	{ "MiscellaneousSymbolsandPictographs", "\\x{1f300}-\\x{1f5ff}" },
	{ "TransportandMapSymbols", "\\x{1f680}-\\x{1f6ff}" },
};
/* PCRE2 knows more; these are in Java 17 for sure. */
static const char scripts[] =
	" Arabic Armenian Bengali Bopomofo Braille Cherokee Common Coptic Cyrillic Devanagari Ethiopic Georgian Greek Gujarati Gurmukhi Han"
	" Hangul Hebrew Hiragana Inherited Kannada Katakana Khmer Lao Latin Malayalam Mongolian Myanmar Ogham Oriya Runic Sinhala Syriac"
	" Tamil Telugu Thaana Thai Tibetan Yi ";

static const struct property *find(const struct property *list, size_t n, struct slice name, bool any_case)
{
	for (size_t i = 0; i < n; i++)
		if (any_case ? sl_eq_nocase(name, sl(list[i].name)) : sl_eqs(name, list[i].name))
			return &list[i];
	return NULL;
}

/* The word of a list that is name. */
static struct slice word_of(const char *words, struct slice name, bool any_case)
{
	struct slice rest = sl_from(sl(words), 1), word;
	while (sl_cut(rest, ' ', &word, &rest))
		if (any_case ? sl_eq_nocase(word, name) : sl_eq(word, name))
			return word;
	return sl(NULL);
}

static struct slice category(struct jp *p, struct slice name, bool any_case)
{
	struct slice word = word_of(categories, name, any_case);
	if (!word.p && (any_case ? sl_eq_nocase(name, S("LC")) : false))
		return S("\\p{Lu}\\p{Ll}\\p{Lt}");
	return word.p ? arena_printf(p->arena, "\\p{%.*s}", SL(word)) : sl(NULL);
}

static struct slice script(struct jp *p, struct slice name)
{
	struct slice word = word_of(scripts, name, true);
	return word.p ? arena_printf(p->arena, "\\p{sc:%.*s}", SL(word)) : sl(NULL);
}

/* Names of blocks are compared without blanks and underscores. */
static struct slice block(struct slice name)
{
	char plain[64];
	size_t n = 0;
	const struct property *found;
	for (size_t i = 0; i < name.n && n < sizeof(plain); i++)
		if (name.p[i] != ' ' && name.p[i] != '_')
			plain[n++] = name.p[i];
	found = find(blocks, ARRAY_LEN(blocks), sl_of(plain, n), true);
	return found ? sl(found->inside) : sl(NULL);
}

static struct slice with_value(struct jp *p, struct slice name, struct slice value)
{
	if (sl_eq_nocase(name, S("sc")) || sl_eq_nocase(name, S("script")))
		return script(p, value);
	if (sl_eq_nocase(name, S("blk")) || sl_eq_nocase(name, S("block")))
		return block(value);
	if (sl_eq_nocase(name, S("gc")) || sl_eq_nocase(name, S("general_category")))
		return category(p, value, true);
	(void)jp_fail(p, ERR_INVALID, "Unknown Unicode property {name=<%.*s>, value=<%.*s>}", SL(name), SL(value));
	return sl(NULL);
}

static struct slice inside_of(struct jp *p, struct slice name)
{
	struct slice key, value, rest, out;
	const struct property *found;
	if (sl_cut(name, '=', &key, &value))
		return with_value(p, key, value);
	if (sl_after(name, S("In"), &rest))
		return block(rest);
	if (sl_after(name, S("Is"), &rest)) {
		found = find(unicode, ARRAY_LEN(unicode), rest, true);
		if (found)
			return sl(found->inside);
		out = category(p, rest, true);
		return out.p ? out : script(p, rest);
	}
	found = p->flags & JP_UNICODE_CLASS ? find(unicode, ARRAY_LEN(unicode), name, true) : NULL;
	if (!found)
		found = find(posix, ARRAY_LEN(posix), name, false);
	return found ? sl(found->inside) : category(p, name, false);
}

static bool is_cased(struct slice name)
{
	static const char cased[] = " Lower Upper javaLowerCase javaUpperCase javaTitleCase Lu Ll Lt IsLu IsLl IsLt IsLowercase IsUppercase IsTitlecase ";
	return word_of(cased, name, true).p;
}

struct jp_set jp_property(struct jp *p, bool negated)
{
	struct slice name, inside;
	struct jp_set out = { 0 };
	size_t from = p->at, end;
	if (p->at < p->s.n && p->s.p[p->at] == '{') {
		for (end = ++from; end < p->s.n && p->s.p[end] != '}'; end++)
			;
		if (end == p->s.n) {
			(void)jp_fail(p, ERR_INVALID, "Unclosed character family");
			return out;
		}
		p->at = end + 1;
	} else {
		(void)jp_raw(p);
		end = p->at;
	}
	name = sl_of(p->s.p + from, end - from);
	inside = inside_of(p, name);
	/* Java has a few hundred blocks and scripts more. */
	if (!inside.p)
		(void)jp_fail(p, sl_starts(name, S("In")) || sl_starts(name, S("Is")) || sl_chr(name, '=') >= 0 ? ERR_UNSUPPORTED : ERR_INVALID,
			      "Unknown character property name {%.*s}", SL(name));
	if (p->rc)
		return out;
	if (p->flags & JP_NOCASE && is_cased(name)) /* either case is meant then */
		inside = name.n == 5 ? S("a-zA-Z") : S("\\p{Lu}\\p{Ll}\\p{Lt}");
	out.text = inside;
	out.negated = negated;
	if (inside.p[0] == '^') {
		out.text = sl_from(inside, 1);
		out.negated = !negated;
	}
	return out;
}
