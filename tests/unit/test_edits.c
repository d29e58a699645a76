/* SPDX-License-Identifier: ISC */
/*
 * test_edits.c: what an edit changes (file_changes) and adds (file_adds), row
 * by row; the Dockerfile reader below them.
 */
#include "check.h"

#include "bridle/limits.h"
#include "bridle/tools.h"
#include "tools/dockerfile.h"

#include <string.h>

static int
setup(void **state)
{
	*state = arena_new(0);
	return *state == NULL;
}

static int
teardown(void **state)
{
	arena_free(*state);
	return 0;
}

#define ABSENT "\1absent"
#define UNKNOWN "\1unknown"

static struct action *
edit_of(struct arena *a, const char *path, const char *before, const char *after)
{
	struct action *act = NEW(a, struct action);
	struct word *file = NEW(a, struct word);

	*file = word_text(a, str_of(path));
	act->kind = ACTION_EDIT;
	act->file = (struct words){ file, 1 };
	act->before_known = strcmp(before, UNKNOWN) != 0;
	act->before_absent = strcmp(before, ABSENT) == 0;
	act->after_known = strcmp(after, UNKNOWN) != 0;
	act->after_absent = strcmp(after, ABSENT) == 0;
	if (act->before_known && !act->before_absent)
		act->before = str_of(before);
	if (act->after_known && !act->after_absent)
		act->after = str_of(after);
	return act;
}

/* ---- the names of all keys that change ---- */
static const struct keys_row {
	const char *path, *before, *after, *want; /* "-": no such file; "?": not known */
} keys_rows[] = {
	{ "/p/fly.toml", "app = \"a\"\n", "app = \"b\"\n", "app" },
	{ "/p/fly.toml", "app = \"a\"\n", "# note\napp='a'\n", "" },
	{ "/p/fly.toml", "app = \"a\"\n", "app = \"a\"\n", "" },
	{ "/p/fly.toml", "app='a'\n[env]\nA='1'\nB='2'\n", "app='b'\n[env]\nB='2'\nC='3'\n", "app env.A env.C" },
	{ "/p/fly.toml", "", "[[vm]]\nsize='s'\n", "vm.0.size" },
	{ "/p/fly.toml", ABSENT, "app='a'\nx=1\n", "app x" },
	{ "/p/fly.toml", "app='a'\n", ABSENT, "app" },
	{ "/p/fly.toml", "x = 1\n", "[x]\ny = 1\n", "x x.y" },
	{ "/p/fly.toml", "app='a'\n", UNKNOWN, "?" },
	{ "/p/fly.toml", UNKNOWN, "app='a'\n", "?" },
	{ "/p/fly.toml", "app='a'\n", "app='b\n", "?" },
	{ "/p/package.json", "{\"scripts\":{\"dev\":\"vite\"}}", "{\"scripts\":{\"dev\":\"sh\",\"b\":1}}", "scripts.dev scripts.b" },
	{ "/p/package.json", "[1,2]", "[1,3]", "1" },
	{ "/p/x.jsonc", "{}", "{\"a\":null}", "a" },
	{ "/p/main.c", "{}", "{\"a\":null}", "-" },
	{ "/p/.env", "A=1\n", "A=2\n", "-" },
};

static struct str
keys_of(struct arena *a, const struct action *act, bool *more)
{
	const struct str *keys;
	struct buf b;
	size_t n;
	int err = file_keys(a, act, &keys, &n, more);

	if (err != 0)
		return err == BRIDLE_ENOENT ? STR("-") : STR("?");
	buf_init(&b, a);
	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s" STR_FMT, i > 0 ? " " : "", STR_ARG(keys[i]));
	return buf_str(&b);
}

static void
test_keys(void **state)
{
	struct arena *a = *state;
	struct buf b;
	bool more;

	for (size_t i = 0; i < sizeof keys_rows / sizeof *keys_rows; i++) {
		const struct keys_row *r = &keys_rows[i];

		assert_str(keys_of(a, edit_of(a, r->path, r->before, r->after), &more), r->want);
	}
	buf_init(&b, a);
	for (unsigned i = 0; i <= LIMIT_KEYS; i++)
		buf_printf(&b, "k%u = 1\n", i);
	keys_of(a, edit_of(a, "/p/x.toml", "", str_c(a, buf_str(&b))), &more);
	assert_true(more);
	while (b.n <= LIMIT_KEYS_FILE)
		buf_puts(&b, "# long\n");
	assert_str(keys_of(a, edit_of(a, "/p/x.toml", "", str_c(a, buf_str(&b))), &more), "?");
}

static const char *const tri_names[] = { "no", "maybe", "yes" };

static const struct change_row {
	const char *path, *before, *after, *keys, *want; /* verdict, then key: old -> new */
} change_rows[] = {
	{ "/p/fly.toml", "app = \"a\"\n", "app = \"b\"\n", "app", "yes app: a -> b" },
	{ "/p/fly.toml", "app = \"a\"\n", "# note\napp='a'\n", "app", "no" },
	{ "/p/fly.toml", "app = \"a\"\n", "app = \"a\"\nkill_timeout = 5\n", "app", "no" },
	{ "/p/fly.toml", "app = \"a\"\n", "App = \"b\"\n", "app", "yes app: a -> b" },
	{ "/p/fly.toml", "app = \"a\"\n", "", "app", "yes app: a -> " },
	{ "/p/fly.toml", ABSENT, "app = \"a\"\n", "app", "yes app:  -> a" },
	{ "/p/fly.toml", "app = \"a\"\n", ABSENT, "app", "yes app: a -> " },
	{ "/p/fly.toml", "app = \"a\"\n", UNKNOWN, "app", "maybe" },
	{ "/p/fly.toml", UNKNOWN, "app = \"a\"\n", "app", "maybe" },
	{ "/p/fly.toml", "x = 1\n", "x = 2\n", "app primary_region", "no" },
	{ "/p/fly.toml", "[[vm]]\nsize = \"s1\"\n", "[[vm]]\nsize = \"s2\"\n", "vm.*.size", "yes vm.0.size: s1 -> s2" },
	{ "/p/fly.toml", "[[vm]]\nsize = \"s1\"\n", "[[vm]]\nsize = \"s1\"\nmemory=\"1gb\"\n", "vm.*.size", "no" },
	{ "/p/fly.toml", "[vm]\nsize = \"s1\"\n", "[vm]\nsize = \"s2\"\n", "vm.*.size", "yes vm.size: s1 -> s2" },
	{ "/p/fly.toml", "[compute]\nsize = \"s1\"\n", "[compute]\nsize = \"s2\"\n", "vm.*.size", "yes compute.size: s1 -> s2" },
	{ "/p/fly.toml", "", "[[mounts]]\nsource=\"d\"\n", "mounts", "yes mounts.0.source:  -> d" },
	{ "/p/fly.toml", "", "[mount]\nsource=\"d\"\n", "mounts", "yes mount.source:  -> d" },
	{ "/p/fly.toml", "[processes]\nweb='x'\n", "[processes]\nweb='y'\n", "processes", "yes processes.web: x -> y" },
	{ "/p/fly.toml", "[env]\nA='1'\n", "[env]\nA='1'\nPRIMARY_REGION='lhr'\n", "env.PRIMARY_REGION", "yes env.PRIMARY_REGION:  -> lhr" },
	{ "/p/fly.toml", "[env]\nA='1'\n", "[env]\nA='2'\n", "env.PRIMARY_REGION", "no" },
	{ "/p/fly.toml", "[env]\nAPI_TOKEN='1'\n", "[env]\nAPI_TOKEN='2'\n", "env", "yes env.API_TOKEN: [secret] -> [secret]" },
	{ "/p/fly.toml", "[deploy]\n", "[deploy]\nrelease_command='x'\n", "deploy.release_command", "yes deploy.release_command:  -> x" },
	{ "/p/fly.toml", "app='a'\n", "app='b\n", "app", "maybe" },
	{ "/p/fly.toml", "app='b\n", "app='a'\n", "app", "maybe" },
	{ "/p/fly.toml", "app='a\\n", "app='a\\n", "app", "no" },
	{ "/p/package.json", "{\"scripts\":{\"dev\":\"vite\"}}", "{\"scripts\":{\"dev\":\"sh\"}}", "scripts.*", "yes scripts.dev: vite -> sh" },
	{ "/p/package.json", "{\"a\":1,\"b\":[1,2]}", "{\"b\":[1,2],\n\"a\":1.0}", "*", "no" },
	{ "/p/package.json", "{\"a\":1}", "{\"a\":\"1\"}", "a", "yes a: 1 -> 1" },
	{ "/p/package.json", "{\"a\":1}", "{\"a\":1", "a", "maybe" },
};

static void
test_changes(void **state)
{
	struct arena *a = *state;

	for (size_t i = 0; i < sizeof change_rows / sizeof *change_rows; i++) {
		const struct change_row *r = &change_rows[i];
		VEC(struct word) keys = { 0 };
		struct str rest = str_of(r->keys);
		struct key_change first;
		struct buf got;
		enum tri t;

		while (rest.n > 0) {
			struct str w = str_sub(rest, 0, str_chr(rest, ' '));

			*vec_push(a, &keys) = word_text(a, w);
			rest = str_trim(str_sub(rest, w.n, rest.n));
		}
		t = file_changes(a, edit_of(a, r->path, r->before, r->after),
		    (struct words){ keys.v, keys.n }, &first);
		buf_init(&got, a);
		buf_puts(&got, tri_names[t]);
		if (t == TRI_YES)
			buf_printf(&got, " " STR_FMT ": " STR_FMT " -> " STR_FMT, STR_ARG(first.key),
			    STR_ARG(first.before), STR_ARG(first.after));
		if (!str_is(buf_str(&got), r->want))
			print_error("row %zu: %s -> %s, keys %s\n", i, r->before, r->after, r->keys);
		assert_str(buf_str(&got), r->want);
	}
}

static const struct adds_row {
	const char *check, *before, *after, *want;
} adds_rows[] = {
	{ "dockerfile-secret", ABSENT, "FROM a\nENV API_TOKEN=x\n", "yes" },
	{ "dockerfile-secret", ABSENT, "FROM a\nENV PORT=3000 \\\n  # why\n  DB_PASSWORD=\"a b\"\n", "yes" },
	{ "dockerfile-secret", ABSENT, "FROM a\nARG STRIPE_SECRET_KEY\nRUN x\n", "yes" },
	{ "dockerfile-secret", ABSENT, "FROM a\nENV dbPassword hello world\n", "yes" },
	{ "dockerfile-secret", ABSENT, "FROM a\nENV DATABASE_URL=postgres://u:pw@h/d\n", "yes" },
	{ "dockerfile-secret", ABSENT, "FROM a\nCOPY .env ./\n", "yes" },
	{ "dockerfile-secret", ABSENT, "FROM a\nCOPY .env.production package.json /app/\n", "yes" },
	{ "dockerfile-secret", ABSENT, "# escape=`\nFROM a\nENV A=1 `\n TOKEN=2\n", "yes" },
	{ "dockerfile-secret", ABSENT, "FROM a\nRUN --mount=type=secret,id=token cat /run/secrets/token\n", "no" },
	{ "dockerfile-secret", ABSENT, "FROM a\nENV NODE_ENV=production TOKEN_FILE=/run/t\nCOPY .env.example ./\n", "no" },
	{ "dockerfile-secret", ABSENT, "FROM a\nRUN <<EOF\nENV API_TOKEN=x\nEOF\n", "no" },
	{ "dockerfile-secret", ABSENT, "FROM a\nRUN SECRET_KEY_BASE_DUMMY=1 x\nENV SECRET_KEY_BASE_DUMMY=1\n", "no" },
	{ "dockerfile-secret", "FROM a\nENV API_TOKEN=x\n", "FROM b\nENV API_TOKEN=x\n", "no" },
	{ "dockerfile-secret", "FROM a\nENV API_TOKEN=x\n", "FROM b\nENV API_TOKEN=x B_TOKEN=y\n", "yes" },
	{ "dockerfile-secret", UNKNOWN, "FROM b\nENV API_TOKEN=x\n", "maybe" },
	{ "dockerfile-secret", "FROM a\n", UNKNOWN, "maybe" },
	{ "dockerfile-secret", "FROM a\n", ABSENT, "no" },
	{ "dockerfile-secret", "FROM a\n", "nonsense here\n", "maybe" },
	{ "dockerfile-root", ABSENT, "FROM node:20\n", "yes" },
	{ "dockerfile-root", ABSENT, "FROM node:20\nUSER node\n", "no" },
	{ "dockerfile-root", ABSENT, "FROM node:20\nUSER 0:0\n", "yes" },
	{ "dockerfile-root", ABSENT, "FROM node:20\nUSER node\nUSER root\n", "yes" },
	{ "dockerfile-root", ABSENT, "FROM node:20\nARG U\nUSER $U\n", "maybe" },
	{ "dockerfile-root", ABSENT, "FROM node AS b\nUSER node\nFROM b\nRUN x\n", "no" },
	{ "dockerfile-root", ABSENT, "FROM node AS b\nUSER node\nFROM alpine\nCOPY --from=b /x /x\n", "yes" },
	{ "dockerfile-root", ABSENT, "FROM gcr.io/distroless/nodejs20:nonroot\n", "no" },
	{ "dockerfile-root", ABSENT, "FROM gcr.io/distroless/nodejs20\n", "yes" },
	{ "dockerfile-root", ABSENT, "ARG V=nonroot\nFROM gcr.io/distroless/static:${V}\n", "no" },
	{ "dockerfile-root", ABSENT, "ARG I\nFROM $I\n", "maybe" },
	{ "dockerfile-base", ABSENT, "FROM node:20-alpine\n", "no" },
	{ "dockerfile-base", ABSENT, "FROM node:20-slim\n", "yes" },
	{ "dockerfile-base", ABSENT, "FROM golang AS b\nFROM gcr.io/distroless/static\n", "no" },
	{ "dockerfile-base", ABSENT, "FROM alpine AS b\nFROM debian\nCOPY --from=b / /\n", "yes" },
	{ "dockerfile-base", ABSENT, "FROM alpine AS b\nFROM B\n", "no" },
	{ "dockerfile-base", ABSENT, "FROM alpine\nFROM 0\n", "no" },
	{ "dockerfile-base", ABSENT, "ARG V\nFROM node:$V\n", "maybe" },
	{ "dockerfile-base", "FROM node:20-slim\n", "FROM node:20-slim\nRUN x\n", "no" },
	{ "dockerfile-chown", ABSENT, "FROM a\nCOPY . .\n", "yes" },
	{ "dockerfile-chown", ABSENT, "FROM a\nCOPY --chown=app:app . .\n", "no" },
	{ "dockerfile-chown", ABSENT, "FROM a AS b\nCOPY . .\nFROM c\nCOPY --from=b --chown=1:1 /a /a\n", "no" },
	{ "dockerfile-chown", "FROM a\nCOPY . .\n", "FROM a\nCOPY . .\nADD x y\n", "yes" },
	{ "flytoml-invalid", "app='a'\n", "app='a'\n[http_service\n", "yes" },
	{ "flytoml-invalid", "app='a'\n", "app=1\n", "yes" },
	{ "flytoml-invalid", "app='a'\n", "app='b'\n[mounts]\nsource='d'\n", "yes" },
	{ "flytoml-invalid", "app='a'\n", "app='b'\n[[mounts]]\nsource='d'\ndestination='/d'\n", "no" },
	{ "flytoml-invalid", "app='a'\n", "[mounts]\nsource='d'\ndestination='/d'\n", "no" },
	{ "flytoml-invalid", "app='a'\n", "[deploy]\nstrategy='fast'\n", "yes" },
	{ "flytoml-invalid", "app='a'\n", "[deploy]\nstrategy='canary'\n[mounts]\nsource='d'\ndestination='/d'\n", "yes" },
	{ "flytoml-invalid", "app='a'\n", "[deploy]\nstrategy='rolling'\n", "no" },
	{ "flytoml-legacy", "app='a'\n", "[http_service]\ninternal_port=1\n[[services]]\nprotocol='tcp'\n", "yes" },
	{ "flytoml-legacy", "app='a'\n", "[http_service]\ninternal_port=1\n", "no" },
	{ "flytoml-legacy", "app='a'\n", "[[services]]\nprotocol='tcp'\n", "no" },
	{ "flytoml-legacy", "app='a'\n", "[compute]\nsize='x'\n", "yes" },
	{ "flytoml-legacy", "app='a'\n", "app=\n", "maybe" },
	{ "rewrite", "a=1\nb=2\nc=3\nd=4\n", "a=1\nb=2\nc=3\nd=5\n", "no" },
	{ "rewrite", "a=1\nb=2\nc=3\nd=4\n", "x=1\ny=2\nz=3\nd=4\n", "yes" },
	{ "rewrite", "a=1\n", ABSENT, "yes" },
	{ "rewrite", "a=1\n", UNKNOWN, "maybe" },
	{ "rewrite", ABSENT, "a=1\n", "no" },
};

static void
test_adds(void **state)
{
	struct arena *a = *state;

	for (size_t i = 0; i < sizeof adds_rows / sizeof *adds_rows; i++) {
		const struct adds_row *r = &adds_rows[i];
		enum tri t = TRI_NO;
		struct str why;

		assert_int_equal(file_adds(a, edit_of(a, "/p/f", r->before, r->after), str_of(r->check), &t, &why), 0);
		if (strcmp(tri_names[t], r->want) != 0)
			print_error("row %zu: %s\n%s\nwhy: " STR_FMT "\n", i, r->check, r->after, STR_ARG(why));
		assert_string_equal(tri_names[t], r->want);
		assert_int_equal(t == TRI_NO, why.n == 0);
	}
}

static void
test_check_names(void **state)
{
	struct arena *a = *state;
	enum tri t;
	struct str why;
	size_t n;
	const struct str *names = file_checks(&n);

	assert_int_equal(n, 7);
	for (size_t i = 0; i < n; i++)
		assert_true(file_check_known(names[i]));
	assert_false(file_check_known(STR("dockerfile")));
	assert_int_equal(file_adds(a, edit_of(a, "/f", "", ""), STR("nothing"), &t, &why), BRIDLE_EINVAL);
}

static void
test_dockerfile(void **state)
{
	struct arena *a = *state;
	struct dockerfile d;
	struct str error, value;

	assert_int_equal(dockerfile_read(a, STR("# syntax=docker/dockerfile:1\nARG V=1\nfrom x:$V as Build\r\n"
	    "run <<-EOF cat\n\tone\n\tEOF\ncopy --chown=1:2 --link a \\\n\n# c\n  b\nonbuild user x\n"), &d, &error), 0);
	assert_int_equal(d.list.n, 5);
	assert_int_equal(d.stages.n, 1);
	assert_str(d.stages.v[0].image, "x:1");
	assert_str(d.stages.v[0].name, "Build");
	assert_str(d.list.v[2].here, "one\n");
	assert_str(d.list.v[3].args, "a  b");
	assert_true(dockerfile_flag(&d.list.v[3], "chown", &value));
	assert_str(value, "1:2");
	assert_false(dockerfile_flag(&d.list.v[3], "from", &value));
	assert_true(d.list.v[4].onbuild);
	assert_int_equal(dockerfile_read(a, STR("RUN x\n"), &d, &error), BRIDLE_ESYNTAX);
	assert_int_equal(dockerfile_read(a, STR(""), &d, &error), BRIDLE_ESYNTAX);
	assert_int_equal(dockerfile_read(a, STR("FROM x\nRUNX y\n"), &d, &error), BRIDLE_ESYNTAX);
	assert_int_equal(dockerfile_read(a, STR("FROM x\nRUN <<A\n"), &d, &error), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_adds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_check_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dockerfile, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
