/* Accounts as S3 names their owners. */
#include "check_main.h"
#include "core/conf.h"
#include "core/identities.h"

static struct conf *conf_with(const char *const (*lines)[3], size_t n)
{
	struct conf *c = conf_new();
	for (size_t i = 0; i < n; i++)
		conf_set(c, lines[i][0], lines[i][1], lines[i][2]);
	return c;
}

#define TARN "7a6f3d0c5b1e49d28f70c1a9e4b6d85213fe907ac46bd1e85f2093c7b8d4e61a"

START_TEST(nobody_configured)
{
	struct account_owner o, again;
	account_owner(NULL, S(""), &o);
	ck_assert(sl_eqs(o.canonical_id, TARN) && !o.display_name.p);
	account_owner(NULL, S("111111111111"), &o);
	account_owner(NULL, S("111111111111"), &again);
	ck_assert(o.canonical_id.n == 64 && sl_eq(o.canonical_id, again.canonical_id) && !sl_eqs(o.canonical_id, TARN));
	ck_assert(account_owner_by_id(NULL, S(TARN), &o) && sl_eqs(sl(o.account), "000000000000"));
	ck_assert(!account_owner_by_id(NULL, S("nobody"), &o));
	ck_assert(!account_owner_by_email(NULL, S("a@example.com"), &o));
}
END_TEST

static const char *const two[][3] = {
	{ "identities", "AKPLAIN", "s" },
	{ "identity.main", "key", "AKMAIN" }, { "identity.main", "secret", "s" }, { "identity.main", "canonical_id", "testid" },
	{ "identity.main", "display_name", "M. Tester" }, { "identity.main", "email", "tester@example.com" },
	{ "identity.alt", "key", "AKALT" }, { "identity.alt", "secret", "s" }, { "identity.alt", "canonical_id", "other" },
	{ "identity.alt", "display_name", "john.doe" }, { "identity.alt", "email", "john.doe@example.com" },
	{ "identity.third", "key", "AKTHIRD" }, { "identity.third", "secret", "s" }, { "identity.third", "account", "333333333333" },
	{ "identity.fourth", "key", "AKFOURTH" }, { "identity.fourth", "secret", "s" }, { "identity.fourth", "account", "333333333333" },
	{ "identity.fourth", "canonical_id", "third" },
};

START_TEST(several_accounts)
{
	struct conf *c = conf_with(two, ARRAY_LEN(two));
	struct account_owner o;
	struct identity id;
	/* Who says nothing is of the stack's account, as is the first that has a canonical id. */
	ck_assert(identity_of_key(c, S("AKPLAIN"), &id) && !strcmp(id.account, "000000000000") && sl_eqs(id.canonical_id, "testid"));
	ck_assert(sl_eqs(id.display_name, "M. Tester"));
	ck_assert(identity_of_key(c, S("AKMAIN"), &id) && !strcmp(id.account, "000000000000"));
	/* Another canonical id is another account, */
	ck_assert(identity_of_key(c, S("AKALT"), &id) && strcmp(id.account, "000000000000") != 0 && strlen(id.account) == 12);
	account_owner(c, sl(id.account), &o);
	ck_assert(sl_eqs(o.canonical_id, "other") && sl_eqs(o.display_name, "john.doe"));
	ck_assert(account_owner_by_email(c, S("John.Doe@example.com"), &o) && !strcmp(o.account, id.account));
	ck_assert(account_owner_by_id(c, S("other"), &o) && !strcmp(o.account, id.account));
	/* and one account has one. */
	ck_assert(identity_of_key(c, S("AKTHIRD"), &id) && sl_eqs(id.canonical_id, "third") && !strcmp(id.account, "333333333333"));
	conf_free(c);
}
END_TEST

START_TEST(one_account_one_id)
{
	static const char *const lines[][3] = {
		{ "identity.a", "key", "A" }, { "identity.a", "secret", "s" }, { "identity.a", "account", "333333333333" }, { "identity.a", "canonical_id", "one" },
		{ "identity.b", "key", "B" }, { "identity.b", "secret", "s" }, { "identity.b", "account", "333333333333" }, { "identity.b", "canonical_id", "two" },
	};
	struct conf *c = conf_with(lines, ARRAY_LEN(lines));
	struct error err;
	ck_assert_int_eq(identities_check(c, &err), ERR_INVALID);
	conf_set(c, "identity.b", "canonical_id", "one");
	ck_assert_int_eq(identities_check(c, &err), 0);
	conf_set(c, "identity.b", "canonical_id", "on,e");
	ck_assert_int_eq(identities_check(c, &err), ERR_INVALID);
	conf_free(c);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("owners");
	TCase *t = tcase_create("owners");
	tcase_add_test(t, nobody_configured);
	tcase_add_test(t, several_accounts);
	tcase_add_test(t, one_account_one_id);
	suite_add_tcase(s, t);
	return run_suite(s);
}
