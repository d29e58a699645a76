/* SPDX-License-Identifier: ISC */
/*
 * test_secrets.c: what is taken out of a text before it is logged, and what is
 * left. Tokens are made up, and put together here so that no scanner of
 * repositories takes them for real ones.
 */
#include "check.h"
#include "lines.h"

#include <stdio.h>
#include <string.h>

struct row {
	const char *text, *want; /* %s in text: 40 letters and digits */
};

static const char filler[] = "0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t";

static void
check_shapes(const struct row *rows, size_t n)
{
	struct arena *a = arena_new(0);

	for (size_t i = 0; i < n; i++) {
		struct buf text;
		const char *at = rows[i].text, *mark;

		buf_init(&text, a);
		while ((mark = strstr(at, "%s")) != NULL) {
			buf_add(&text, (struct str){ at, (size_t)(mark - at) });
			buf_puts(&text, filler);
			at = mark + 2;
		}
		buf_puts(&text, at);
		assert_str(secrets_redact(a, NULL, buf_str(&text), NULL, NULL), rows[i].want);
		assert_true(str_is(buf_str(&text), rows[i].want) || !secrets_none(NULL, buf_str(&text)));
	}
	arena_free(a);
}

static void
test_shapes(void **state)
{
	static const struct row rows[] = {
		{ "", "" },
		{ "fly status -a app-api", "fly status -a app-api" },
		{ "curl -H 'Authorization: Bearer %s' https://x", "curl -H 'Authorization: [redacted]' https://x" },
		{ "curl -H \"X-Api-Key: abc\" x", "curl -H \"X-Api-Key: [redacted]\" x" },
		{ "x FlyV1 fm2_%s,fm2_%s y", "x FlyV1 [redacted] y" },
		{ "fo1_%s", "[redacted]" },
		{ "echo gh" "p_%s", "echo [redacted]" },
		{ "echo github" "_pat_%s_%s", "echo [redacted]" },
		{ "AK" "IA0A1B2C3D4E5F6G7H", "[redacted]" },
		{ "sk_l" "ive_%s.", "[redacted]." },
		{ "xo" "xb-12-%s", "[redacted]" },
		{ "n" "pm_%s", "[redacted]" },
		{ "task-%s", "task-0a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6q7r8s9t" },
		{ "e" "yJhbGciOiJI.e" "yJzdWIiOiIx.SflKxwRJSMeKKF2QT4", "[redacted]" },
		{ "a\n-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\nb",
		  "a\n[redacted]\nb" },
		{ "-----BEGIN PRIVATE KEY-----\nMII", "[redacted]" },
		{ "-----BEGIN CERTIFICATE-----\nMII", "-----BEGIN CERTIFICATE-----\nMII" },
		{ "psql postgres://u:p4ss@db:5432/x", "psql postgres://u:[redacted]@db:5432/x" },
		{ "redis://:p4/ss@db", "redis://:[redacted]@db" },
		{ "git clone https://%s@github.com/x", "git clone https://[redacted]@github.com/x" },
		{ "git clone https://git@github.com/x", "git clone https://git@github.com/x" },
		{ "x?a=b&X-Amz-Signature=0a1b2c", "x?a=b&X-Amz-Signature=[redacted]" },
		{ "curl http://localhost:8080/a@b", "curl http://localhost:8080/a@b" },
	};

	(void)state;
	check_shapes(rows, sizeof rows / sizeof rows[0]);
}

/* Every name, header and phrase with nothing beside it that tells, in either case. */
static void
test_each_name(void **state)
{
	static const char *const before[] = { "apikey=", "api_key=", "api-key: ", "access_key=", "access-key: ", "auth_key=",
		"authkey=", "basic_auth=", "bearer=", "cookie=", "credential=", "database_url=", "dsn=", "encryption_key=",
		"master_key=", "passphrase=", "passwd=", "password=", "private-key: ", "private_key=", "secret=",
		"signing_key=", "token=", "pass=", "pwd=", "_auth=", "x_pwd=", "f?sig=", "f&sig=",
		"authorization: ", "proxy-authorization: ", "bearer ", "flyv1 ", "login u password ", "identified by ",
		"password " };
	struct arena *a = arena_new(0);
	char text[80], want[80];

	(void)state;
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++)
		for (int upper = 0; upper < 2; upper++) {
			size_t n = strlen(before[i]);
			bool phrase = i + 2 >= sizeof before / sizeof before[0];

			snprintf(text, sizeof text, "%s%s", before[i], phrase ? "'9h3u7'" : "9h3u7w0");
			for (size_t k = 0; k < n && upper; k++)
				text[k] = text[k] >= 'a' && text[k] <= 'z' ? (char)(text[k] - 'a' + 'A') : text[k];
			if (strncmp(text, "PWD", 3) == 0)
				continue; /* the shell's */
			snprintf(want, sizeof want, "%.*s[redacted]", (int)n, text);
			assert_str(secrets_redact(a, NULL, str_of(text), NULL, NULL), want);
		}
	arena_free(a);
}

/* Every kind of token, so that a table out of order is noticed. */
static void
test_tokens(void **state)
{
	static const char *const starts[] = { "AB" "IA", "AC" "CA", "AI" "za", "AK" "IA", "AS" "IA", "S" "G.",
		"dckr_" "pat_", "dop_" "v1_", "fm1" "a_", "fm1" "r_", "fm2" "_", "fo1" "_", "gh" "o_", "gh" "p_",
		"gh" "r_", "gh" "s_", "gh" "u_", "github_" "pat_", "glp" "at-", "h" "f_",
		"hooks.slack" ".com/services/", "np" "m_", "py" "pi-", "rk_" "live_", "rk_" "test_", "shp" "at_",
		"s" "k-", "sk-" "ant-", "sk-" "proj-", "sk_" "live_", "sk_" "test_", "snt" "rys_", "tsk" "ey-",
		"whs" "ec_", "xa" "pp-", "xo" "xa-", "xo" "xb-", "xo" "xp-", "xo" "xr-", "xo" "xs-", "ya" "29." };
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		assert_str(secrets_redact(a, NULL, str_printf(a, "a %s%s b", starts[i], filler), NULL, NULL),
		    "a [redacted] b");
		assert_false(secrets_none(NULL, str_printf(a, "%s%s", starts[i], filler)));
		assert_false(secrets_none(NULL, str_printf(a, "toolu_01-%s%s", starts[i], filler)));
	}
	assert_false(secrets_none(NULL, STR("x.ey" "JhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl")));
	arena_free(a);
}

/* One look is enough for most texts: no byte pair of a secret is in them. */
static void
test_none(void **state)
{
	static const struct str none[] = { STR(""), STR("t"), STR("ls"), STR("fly deploy --app app-api"),
		STR("git commit -m 'a title'"), STR("/home/dev/shop/api/fly.toml"),
		STR("5f0c1f7e-beef-4a55-9c1e-00ff00000001"), STR("toolu_01AbKey9xYzTokenShpAtKi-x.y") };

	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
		assert_true(secrets_none(NULL, none[i]));
	assert_false(secrets_none(NULL, STR("pwd=x")));
	assert_false(secrets_none(NULL, STR("TOKEN=x")));
}

/* What is looked through again and again from each place comes to an end. */
static void
test_too_long(void **state)
{
	static const char *const parts[] = { "xo" "xb-", "ey" "J-", "a://b:", "token=", "-----BEGIN " "PRIVATE KEY " };
	struct arena *a = arena_new(0);

	(void)state;
	for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
		struct buf text;

		buf_init(&text, a);
		while (text.n < 1 << 18)
			buf_puts(&text, parts[i]);
		assert_str(secrets_redact(a, NULL, buf_str(&text), NULL, NULL), "[redacted: too long]");
		arena_reset(a);
	}
	arena_free(a);
}

static void
test_names(void **state)
{
	static const struct row rows[] = {
		{ "DB_PASSWORD=x pnpm dev", "DB_PASSWORD=[redacted] pnpm dev" },
		{ "export API_KEY='a b' B=1", "export API_KEY=[redacted] B=1" },
		{ "tool --token abc -v", "tool --token [redacted] -v" },
		{ "tool --token=abc -v", "tool --token=[redacted] -v" },
		{ "tool --token -v", "tool --token -v" },
		{ "tool --token-file /x", "tool --token-file /x" },
		{ "MY_SECRET=$X MY_TOKEN=${Y} T_TOKEN=$(cat t)", "MY_SECRET=$X MY_TOKEN=${Y} T_TOKEN=$(cat t)" },
		{ "TOKEN=\"$(cat t)$X\"abc", "TOKEN=\"$(cat t)$X\"abc" },
		{ "{\"api_key\": \"a,b\", \"n\": 1}", "{\"api_key\": [redacted], \"n\": 1}" },
		{ "password: hunter2\nx: y", "password: [redacted]\nx: y" },
		{ "MAX_TOKENS=10 TOKEN_COUNT=5 SECRET_NAME=x", "MAX_TOKENS=10 TOKEN_COUNT=5 SECRET_NAME=x" },
		{ "fly tokens create deploy", "fly tokens create deploy" },
		{ "fly secrets list", "fly secrets list" },
		{ "DATABASE_URL=postgres://u:p@h/x", "DATABASE_URL=[redacted]" },
	};

	(void)state;
	check_shapes(rows, sizeof rows / sizeof rows[0]);
}

/* The actions of a fly line that holds no unknown words. */
static struct actions
fly_action(struct arena *a, const struct models *m, const struct words *slots, size_t n)
{
	struct actions acts = { 0 };
	struct action *act = NEW(a, struct action);
	struct parsed *p = NEW(a, struct parsed);
	struct word *operands;

	act->kind = ACTION_COMMAND;
	act->model = models_find(m, STR("fly"));
	act->tool = STR("fly");
	assert_int_equal(options_parse(act->model, a, slots, n, false, p), 0);
	operands = NEW_ARRAY(a, struct word, p->operands.n + 1);
	for (size_t i = 0; i < p->operands.n; i++)
		operands[i] = p->operands.v[i].v[0];
	act->operands = (struct words){ operands, p->operands.n };
	act->path = p->command->path;
	act->npath = p->command->npath;
	act->options = p->options.v;
	act->noptions = p->options.n;
	*vec_push(a, &acts.list) = act;
	return acts;
}

static void
test_model(void **state)
{
	static const struct {
		const char *line, *text, *want;
	} rows[] = {
		/* the same words, as they may have been typed */
		{ "fly secrets set K=V --app x", "fly secrets set K=V --app x", "fly secrets set K=[redacted] --app x" },
		{ "fly secrets set K=s3cret", "`fly secrets set K=s3cret` (app x)", "`fly secrets set K=[redacted]` (app x)" },
		{ "fly secrets set K=s3cret", "fly secrets set 'K=s3cret'", "fly secrets set 'K=[redacted]'" },
		{ "fly secrets set K=s3cret", "fly secrets set K='s3cret' -a y", "fly secrets set K=[redacted] -a y" },
		{ "fly secrets set K=s3cret", "fly secrets set \"K\"=s3\"cr\"et", "fly secrets set \"K\"=[redacted]" },
		{ "fly secrets set K=s3cret", "fly secrets set $'K=s3c\\x72et'", "fly secrets set $'K=[redacted]'" },
		{ "fly secrets set K=s3cret", "fly secrets set K=\\s\\3cret", "fly secrets set K=[redacted]" },
		{ "fly secrets set K=s3cret", "echo s3cret; echo s3'cret'", "echo [redacted]; echo [redacted]'" },
		{ "fly secrets set K=s3cret", "fly secrets set 'K'=s3 x", "fly secrets set 'K'=[redacted] x" },
		{ "fly secrets set A=1 B=22", "fly secrets set A=1 B=22", "fly secrets set A=[redacted] B=[redacted]" },
		{ "fly secrets set A=\"$X\"tail99", "fly secrets set A=\"$X\"tail99", "fly secrets set A=[redacted]" },
		{ "fly -t abc status", "fly -t abc status", "fly -t [redacted] status" },
		{ "fly --access-token abc status", "fly --access-token=abc status", "fly --access-token=[redacted] status" },
		{ "fly -t abc= status", "fly -t abc= status", "fly -t [redacted] status" },
		{ "fly -t abcdefgh status", "fly -tabcdefgh status", "fly -t[redacted] status" },
		{ "fly launch --secret A=bcd", "fly launch --secret A=bcd", "fly launch --secret [redacted]" },
		{ "fly deploy -e API_TOKEN=bcd -e B=1", "fly deploy -e API_TOKEN=bcd -e B=1",
		  "fly deploy -e API_TOKEN=[redacted] -e B=1" },
		{ "fly postgres import postgres://u:p@h", "fly postgres import postgres://u:p@h",
		  "fly postgres import [redacted]" },
		{ "fly secrets import", "fly secrets import <<E\nA=b c\nB=\"\"\"x\ny\"\"\"\nE",
		  "fly secrets import <<E\nA=[redacted]\nB=[redacted]\nE" },
		{ "fly secrets import", "echo \"A=b\" | fly secrets import", "echo \"A=[redacted]\" | fly secrets import" },
	};
	struct arena *a = arena_new(0);
	struct models *m = models_new(a);

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		size_t n;
		struct words *slots = line_slots(a, rows[i].line, &n);
		struct actions acts = fly_action(a, m, slots, n);

		assert_str(secrets_redact(a, secrets_collect(a, str_of(rows[i].text), &acts), str_of(rows[i].text), NULL, NULL), rows[i].want);
	}
	arena_free(a);
}

static void
seen(void *ctx, struct str secret, char out[17])
{
	*(struct str *)ctx = secret;
	memcpy(out, "0123456789abcdef", 17);
}

/* What is cut out of a line in which nothing can be is not looked at again: unless
 * something is looked for, and only if it is of that line. */
static void
test_cut_of_line(void **state)
{
	static const char clean[] = "fly deploy -a app-api -m plainly", other[] = "fly deploy -e TOKEN=s3cr3t-s3cr3t";
	struct arena *a = arena_new(0);
	struct models *m = models_new(a);
	struct str line = str_of(clean), with = str_of(other);
	const struct secrets *s = secrets_collect(a, line, NULL);
	struct words *slots;
	struct actions acts;
	size_t n;

	(void)state;
	assert_true(secrets_none(s, str_sub(line, 4, 6)));
	assert_true(secrets_none(s, line));
	assert_false(secrets_none(s, str_sub(with, 14, STR_NPOS)));
	assert_str(secrets_redact(a, s, with, NULL, NULL), "fly deploy -e TOKEN=[redacted]");
	s = secrets_collect(a, with, NULL);
	assert_false(secrets_none(s, str_sub(with, 14, STR_NPOS)));
	assert_false(secrets_none(s, STR("s3cr3t-s3cr3t")));
	slots = line_slots(a, "fly secrets set A=plainly", &n);
	acts = fly_action(a, m, slots, n);
	s = secrets_collect(a, line, &acts); /* the value is in this line, too */
	assert_false(secrets_none(s, line));
	assert_str(secrets_redact(a, s, line, NULL, NULL), "fly deploy -a app-api -m [redacted]");
	arena_free(a);
}

static void
test_hash(void **state)
{
	struct arena *a = arena_new(0);
	struct str secret = { 0 };

	(void)state;
	assert_str(secrets_redact(a, NULL, STR("TOKEN='a b'"), seen, &secret),
	    "TOKEN=[redacted:0123456789abcdef]");
	assert_str(secret, "a b");
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_tokens), cmocka_unit_test(test_none),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_each_name),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_model),
		cmocka_unit_test(test_cut_of_line),
		cmocka_unit_test(test_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
