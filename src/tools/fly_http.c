/* SPDX-License-Identifier: ISC */
/*
 * fly_http.c: curl, wget and their kin at Fly's own interfaces. `curl -X DELETE
 * https://api.machines.dev/v1/apps/A/machines/M` does what `fly machine destroy
 * M --app A` does, so that rules about the one speak of the other: the command
 * that it amounts to is judged beside it (ask and deny only). What only looks
 * is left alone; what is not in the table may be any fly command. A call of
 * GitHub's interface is what `gh api` does.
 */
#include "tools/fly.h"

#include "tools/host.h"
#include "tools/json_tree.h"
#include "tools/resolvers.h"
#include "tools/url.h"

#include <string.h>

/* ---- the table: method, path below /v1, the fly command ---- */

static const struct endpoint {
	const char *method, *path; /* *: any one part */
	const char *command;
	int operand;  /* which part is its operand, -1: none */
	bool app;     /* the second part is the app */
	const char *body; /* one more operand: what the body says by one of these keys */
} endpoints[] = {
	{ "POST", "apps", "apps create", -1, false, "app_name name" },
	{ "DELETE", "apps/*", "apps destroy", 1, false, NULL },
	{ "POST", "apps/*/machines", "machine run", -1, true, "" },
	{ "POST", "apps/*/machines/*", "machine update", 3, true, NULL },
	{ "DELETE", "apps/*/machines/*", "machine destroy", 3, true, NULL },
	{ "POST", "apps/*/machines/*/exec", "machine exec", 3, true, "cmd command" },
	{ "POST", "apps/*/machines/*/start", "machine start", 3, true, NULL },
	{ "POST", "apps/*/machines/*/stop", "machine stop", 3, true, NULL },
	{ "POST", "apps/*/machines/*/suspend", "machine suspend", 3, true, NULL },
	{ "POST", "apps/*/machines/*/restart", "machine restart", 3, true, NULL },
	{ "POST", "apps/*/machines/*/signal", "machine kill", 3, true, NULL },
	{ "POST", "apps/*/machines/*/cordon", "machine cordon", 3, true, NULL },
	{ "POST", "apps/*/machines/*/uncordon", "machine uncordon", 3, true, NULL },
	{ "DELETE", "apps/*/machines/*/lease", "machine leases clear", 3, true, NULL },
	{ "POST", "apps/*/machines/*/metadata/*", "machine update", 3, true, NULL },
	{ "DELETE", "apps/*/machines/*/metadata/*", "machine update", 3, true, NULL },
	{ "POST", "apps/*/volumes", "volumes create", -1, true, "name" },
	{ "PUT", "apps/*/volumes/*", "volumes update", 3, true, NULL },
	{ "POST", "apps/*/volumes/*", "volumes update", 3, true, NULL },
	{ "DELETE", "apps/*/volumes/*", "volumes destroy", 3, true, NULL },
	{ "PUT", "apps/*/volumes/*/extend", "volumes extend", 3, true, NULL },
	{ "POST", "apps/*/volumes/*/snapshots", "volumes snapshots create", 3, true, NULL },
	{ "POST", "apps/*/secrets", "secrets set", -1, true, "" },
	{ "POST", "apps/*/secrets/*", "secrets set", 3, true, NULL },
	{ "DELETE", "apps/*/secrets/*", "secrets unset", 3, true, NULL },
	{ "POST", "apps/*/certificates/*", "certs add", 3, true, NULL },
	{ "DELETE", "apps/*/certificates/*", "certs remove", 3, true, NULL },
	{ "POST", "apps/*/ip_assignments", "ips allocate", -1, true, NULL },
	{ "DELETE", "apps/*/ip_assignments/*", "ips release", 3, true, NULL },
	{ "POST", "apps/*/deploy_token", "tokens create deploy", -1, true, NULL },
};

static const char *const hosts[] = { "api.machines.dev", "api.fly.io", "_api.internal",
	"api.fly.dev", "flaps.fly.io" };

struct ask {
	struct reading *rd;
	struct shell_state *st;
	const struct shell_command *c;
	const struct parsed *p;
	struct str method;      /* empty: not known */
	bool graphql;
	bool globs;             /* {a,b} and [1-9] in a URL stand for several (curl) */
	bool elsewhere;         /* an option sends it to another place than the URL says */
	unsigned flags;         /* ACTION_GUESS: only perhaps at Fly's */
	VEC(struct word) parts; /* of the path, the leading v1 taken off */
};

/* ---- the request ---- */

static bool
given(const struct parsed *p, const char *const *names)
{
	for (; *names != NULL; names++)
		if (parsed_option(p, *names) != NULL)
			return true;
	return false;
}

static bool
is_method(struct str s)
{
	static const char *const names[] = { "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (str_ieq(s, str_of(names[i])))
			return true;
	return false;
}

/* httpie: `http DELETE URL`; items (a=b, c:=1, f@x) and a body make it a POST. */
static struct str
method_by_words(const struct ask *q)
{
	struct word in;
	struct str text;

	if (parsed_option(q->p, "raw") != NULL ||
	    (parsed_option(q->p, "ignore-stdin") == NULL &&
	        reading_stdin(q->rd, q->c, &in) != SHELL_STDIN_INHERIT))
		return STR("POST");

	for (size_t i = 0; i < q->p->operands.n; i++) {
		if (!word_known(q->rd->a, q->p->operands.v[i].v[0], &text))
			continue;
		if (i > 0 && (str_chr(text, '=') != STR_NPOS || str_chr(text, '@') != STR_NPOS) &&
		    str_find(text, STR("://")) == STR_NPOS && str_find(text, STR("==")) == STR_NPOS)
			return STR("POST");
	}
	return STR("GET");
}

static struct str
method_of(const struct ask *q, struct str tool)
{
	static const char *const posts[] = { "data", "data-raw", "data-binary", "data-urlencode",
		"data-ascii", "json", "form", "form-string", "post-data", "post-file", "body-data",
		"body-file", NULL };
	static const char *const puts[] = { "upload-file", NULL };
	static const char *const looks[] = { "head", "get", "spider", NULL };
	static const char *const says[] = { "request", "method" };
	struct str text;

	if (q->p->maybe && q->flags == 0) /* "$API/…" may be an option; hardly so */
		return STR("");
	for (size_t i = 0; i < 2; i++) {
		const struct word *w = option_last(q->p, says[i]);

		if (w != NULL)
			return word_known(q->rd->a, *w, &text) ? text : STR("");
	}
	if (!str_is(tool, "curl") && !str_is(tool, "wget")) {
		if (q->p->operands.n > 0 && word_known(q->rd->a, q->p->operands.v[0].v[0], &text) &&
		    is_method(text))
			return text;
		if (!given(q->p, posts))
			return method_by_words(q);
	}
	if (given(q->p, looks))
		return STR("GET");
	return given(q->p, puts) ? STR("PUT") : given(q->p, posts) ? STR("POST") : STR("GET");
}

/* A path of the Machines interface at a host that is not known, or not the one
 * that is called: "$API/v1/apps/x", --connect-to, --unix-socket. */
static bool
at_some_host(const struct ask *q, struct word url, struct word *rest)
{
	struct str path = STR("/v1/apps/"), after, host = url_host(q->rd->a, url, &after);
	bool known = (url.n == 1 && url.v[0].kind == PIECE_TEXT) || after.n > 0;

	if (known && q->globs && strpbrk(str_c(q->rd->a, host), "{[") != NULL && host.p[0] != '[')
		known = false;
	known = known && str_ascii(host); /* curl may map one of another alphabet to any */
	if (known && !q->elsewhere)
		return false;
	for (size_t i = 0; i < url.n; i++) {
		size_t at = url.v[i].kind == PIECE_TEXT ? str_find(url.v[i].text, path) : STR_NPOS;

		if (at == STR_NPOS)
			continue;
		*rest = word_cat(q->rd->a, word_text(q->rd->a, str_sub(url.v[i].text, at + 1, STR_NPOS)),
		    (struct word){ url.v + i + 1, url.n - i - 1, STR("") });
		return true;
	}
	return false;
}

/* . and .. go, as curl takes them out. */
static void
add_part(struct ask *q, struct word part)
{
	if (part.n == 0 || word_is(part, "."))
		return;
	if (word_is(part, "..")) {
		q->parts.n -= q->parts.n > 0;
		return;
	}
	*vec_push(q->rd->a, &q->parts) = part;
}

/* curl's {a,b} is several. */
static struct word
part_text(const struct ask *q, struct str text)
{
	if (q->globs && strpbrk(str_c(q->rd->a, text), "{}[]") != NULL)
		return word_any(q->rd->a, text);
	return word_text(q->rd->a, url_decoded(q->rd->a, text));
}

/* The path's parts; a query ends it. */
static void
split_path(struct ask *q, struct word path)
{
	struct arena *a = q->rd->a;
	struct word part = { .typed = STR("") };
	bool ended = false;

	for (size_t i = 0; i < path.n && !ended; i++) {
		struct str text = path.v[i].text;

		if (path.v[i].kind != PIECE_TEXT) {
			part = word_cat(a, part, (struct word){ &path.v[i], 1, STR("") });
			continue;
		}
		while (text.n > 0) {
			size_t n = 0;

			while (n < text.n && strchr("/?#", text.p[n]) == NULL)
				n++;
			part = word_cat(a, part, part_text(q, str_sub(text, 0, n)));
			ended = n < text.n && text.p[n] != '/';
			if (n == text.n || ended)
				break;
			add_part(q, part);
			part = (struct word){ .typed = STR("") };
			text = str_sub(text, n + 1, STR_NPOS);
		}
	}
	add_part(q, part);
	if (q->parts.n > 0 && word_is(q->parts.v[0], "v1")) {
		q->parts.v++;
		q->parts.n--;
		q->parts.cap = 0;
	}
	q->graphql = q->parts.n == 1 && word_is(q->parts.v[0], "graphql");
}

/* ---- what it amounts to ---- */

static bool
endpoint_fits(const struct ask *q, const struct endpoint *e)
{
	struct str path = str_of(e->path);
	size_t i = 0;

	if (!str_ieq(q->method, str_of(e->method)))
		return false;
	for (; path.n > 0; i++) {
		struct str part = str_sub(path, 0, str_chr(path, '/')), known;

		if (i == q->parts.n)
			return false;
		if (!str_is(part, "*") &&
		    (!word_known(q->rd->a, q->parts.v[i], &known) || !str_eq(known, part)))
			return false;
		path = str_sub(path, part.n + 1, STR_NPOS);
	}
	return i == q->parts.n;
}

/* A GraphQL text that certainly only asks. */
static bool
only_queries(const struct ask *q)
{
	static const char *const bodies[] = { "data", "data-raw", "data-binary", "json", "post-data" };
	bool body = false;

	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		const struct option_value *o = parsed_option(q->p, bodies[i]);

		for (size_t k = 0; o != NULL && k < o->values.n; k++) {
			struct str text;

			if (!word_known(q->rd->a, o->values.v[k], &text) || str_starts(text, STR("@")) ||
			    str_find(text, STR("mutation")) != STR_NPOS ||
			    str_find(text, STR("\\u")) != STR_NPOS)
				return false;
			body = true;
		}
	}
	return body;
}

/* ["ls", "my files"] as one text for a shell. */
static struct str
joined(struct arena *a, const cJSON *list)
{
	const cJSON *one;
	struct buf b;

	buf_init(&b, a);
	cJSON_ArrayForEach(one, list)
		if (cJSON_IsString(one))
			buf_printf(&b, "%s" STR_FMT, b.n > 0 ? " " : "",
			    STR_ARG(word_quote(a, word_text(a, str_of(one->valuestring)))));
	return buf_str(&b);
}

/* What is sent, where the line says it in one piece. */
static bool
body_text(const struct ask *q, struct str *text)
{
	static const char *const bodies[] = { "data", "data-raw", "data-binary", "json", "post-data",
		"body-data" };
	size_t given = 0;

	for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
		const struct option_value *o = parsed_option(q->p, bodies[i]);

		for (size_t k = 0; o != NULL && k < o->values.n; k++, given++)
			if (!word_known(q->rd->a, o->values.v[k], text))
				return false;
	}
	return given == 1;
}

/* The value of one of these keys, in either case, in the JSON that is sent. */
static struct word
body_says(const struct ask *q, const char *keys)
{
	struct arena *a = q->rd->a;
	struct words names = words_split(a, str_of(keys));
	struct str text;
	struct word found = word_any(a, STR("its body"));
	size_t given = 0;
	struct json_tree *t;
	const cJSON *item;

	if (!body_text(q, &text))
		return found;
	t = json_tree_open(a, text, true);
	cJSON_ArrayForEach(item, t->root) {
		bool named = false;

		for (size_t i = 0; i < names.n; i++)
			named |= item->string != NULL &&
			    str_ieq(str_of(item->string), word_prefix(names.v[i]));
		if (!named)
			continue;
		if (given++ > 0) /* which of two counts, the other end decides */
			found = word_any(a, STR("its body"));
		else if (cJSON_IsString(item))
			found = word_text(a, str_dup(a, str_of(item->valuestring)));
		else if (cJSON_IsArray(item))
			found = word_text(a, joined(a, item));
	}
	json_tree_close(t);
	return found;
}

static bool
only_looks(const struct ask *q)
{
	if (str_ieq(q->method, STR("GET")) || str_ieq(q->method, STR("HEAD")) ||
	    str_ieq(q->method, STR("OPTIONS")))
		return true;
	return q->graphql && q->method.n > 0 && only_queries(q);
}

static struct words
amounts_to(struct ask *q)
{
	struct arena *a = q->rd->a;
	VEC(struct word) argv = { 0 };
	const struct endpoint *e = NULL;
	struct str path;

	*vec_push(a, &argv) = word_text(a, STR("fly"));
	for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0] && e == NULL; i++)
		if (endpoint_fits(q, &endpoints[i]))
			e = &endpoints[i];
	if (e == NULL) {
		*vec_push(a, &argv) = word_words(a, STR("this request"));
		return (struct words){ argv.v, argv.n };
	}
	for (path = str_of(e->command); path.n > 0;) {
		struct str part = str_sub(path, 0, str_chr(path, ' '));

		*vec_push(a, &argv) = word_text(a, part);
		path = str_sub(path, part.n + 1, STR_NPOS);
	}
	if (e->app)
		*vec_push(a, &argv) = word_cat(a, word_text(a, STR("--app=")), q->parts.v[1]);
	*vec_push(a, &argv) = word_text(a, STR("--"));
	if (e->operand >= 0)
		*vec_push(a, &argv) = q->parts.v[e->operand];
	if (e->body != NULL)
		*vec_push(a, &argv) = body_says(q, e->body);
	return (struct words){ argv.v, argv.n };
}

/* `gh api URL --method M`, with the members of a body that is known. */
static int
at_github(struct ask *q, struct word url, struct str tool)
{
	struct arena *a = q->rd->a;
	VEC(struct word) argv = { 0 };
	struct str body;
	struct json_tree *t;
	const cJSON *item;

	q->method = method_of(q, tool);
	if (only_looks(q))
		return 0;
	*vec_push(a, &argv) = word_text(a, STR("gh"));
	*vec_push(a, &argv) = word_text(a, STR("api"));
	*vec_push(a, &argv) = url;
	*vec_push(a, &argv) = word_text(a, STR("--method"));
	*vec_push(a, &argv) = q->method.n > 0 ? word_text(a, q->method) : word_any(a, STR("its method"));
	t = json_tree_open(a, body_text(q, &body) ? body : STR(""), true);
	if (!cJSON_IsObject(t->root))
		*vec_push(a, &argv) = word_text(a, STR("--input=its body"));
	cJSON_ArrayForEach(item, t->root)
		if (cJSON_IsString(item) || cJSON_IsBool(item))
			*vec_push(a, &argv) = word_text(a, str_printf(a, "--raw-field=%s=%s", item->string,
			    cJSON_IsString(item) ? item->valuestring : cJSON_IsTrue(item) ? "true" : "false"));
	json_tree_close(t);
	return reading_run_argv(q->rd, q->st, (struct words){ argv.v, argv.n }, q->c, ACTION_INNER,
	    str_printf(a, STR_FMT " at GitHub's interface", STR_ARG(tool)));
}

static int
request(struct ask *q, struct words argv, struct str tool)
{
	return reading_run_argv(q->rd, q->st, argv, q->c, ACTION_INNER | q->flags,
	    str_printf(q->rd->a, STR_FMT " at Fly's interface", STR_ARG(tool)));
}

static int
one_url(struct ask *q, struct word url, struct str tool)
{
	static const char *const github[] = { "api.github.com" };
	struct word rest;

	if (url_at(q->rd->a, url, github, 1, &rest))
		return at_github(q, url, tool);
	q->flags = 0;
	if (!url_at(q->rd->a, url, hosts, sizeof hosts / sizeof hosts[0], &rest) &&
	    /* a machine's own way there, and `fly machine api-proxy` */
	    !url_at_port(q->rd->a, url, ":4280", &rest)) {
		if (!at_some_host(q, url, &rest))
			return 0;
		q->flags = ACTION_GUESS;
	}
	memset(&q->parts, 0, sizeof q->parts);
	if (option_last(q->p, "request-target") != NULL)
		rest = *option_last(q->p, "request-target");
	split_path(q, rest);
	q->method = method_of(q, tool);
	return only_looks(q) ? 0 : request(q, amounts_to(q), tool);
}

/* curl -K FILE, wget -i FILE: URLs that stand in a file. */
static int
url_file(struct ask *q, const char *option, struct str tool)
{
	const struct word *file = option_last(q->p, option);
	struct str path, text = STR("");
	struct word in;

	if (file == NULL)
		return 0;
	if (word_is(*file, "-")) {
		if (reading_stdin(q->rd, q->c, &in) == SHELL_STDIN_TEXT)
			(void)word_known(q->rd->a, in, &text);
	} else if (!word_known(q->rd->a, reading_path(q->rd, q->st, *file, 0), &path) ||
	    overlay_text(q->rd, path, &text) != 0)
		return 0;
	if (!fly_http_named(text))
		return 0;
	return fly_http_guess(q->rd, q->st, q->c, ACTION_INNER | ACTION_GUESS,
	    str_printf(q->rd->a, STR_FMT " at Fly's interface", STR_ARG(tool)));
}

/* -H 'Host: …', --connect-to, --resolve, --unix-socket: the URL does not say
 * where it goes. */
static bool
goes_elsewhere(const struct parsed *p)
{
	static const char *const options[] = { "connect-to", "resolve", "unix-socket",
		"abstract-unix-socket", NULL };
	const struct option_value *headers = parsed_option(p, "header");

	for (size_t i = 0; headers != NULL && i < headers->values.n; i++)
		if (str_ieq(str_sub(word_prefix(headers->values.v[i]), 0, 5), STR("host:")))
			return true;
	return given(p, options);
}

/* Files whose content is sent: -d @FILE, -F name=@FILE, -H @FILE. */
static void
sent_files(const struct ask *q)
{
	static const char *const options[] = { "data", "data-binary", "data-ascii", "data-urlencode", "json",
		"header", "form" };
	size_t n = sizeof options / sizeof options[0];

	for (size_t i = 0; i < n; i++) {
		const struct option_value *o = parsed_option(q->p, options[i]);

		for (size_t k = 0; o != NULL && k < o->values.n; k++) {
			struct word w = o->values.v[k];
			struct str head = word_prefix(w);
			size_t at = str_chr(head, '@');

			if (at == STR_NPOS || (at > 0 && i + 1 < n && strcmp(options[i], "data-urlencode") != 0))
				continue;
			file_look(q->rd, q->st, q->c, word_cat(q->rd->a,
			    word_text(q->rd->a, str_sub(head, at + 1, STR_NPOS)),
			    (struct word){ w.v + 1, w.n - 1, STR("") }), ACTION_OPERAND);
		}
	}
}

static int
http_command(struct reading *rd, struct shell_state *st, const struct shell_command *c,
    const struct parsed *p, struct action *proto)
{
	struct ask q = { .rd = rd, .st = st, .c = c, .p = p };
	const struct option_value *url = parsed_option(p, "url");
	int err = 0;

	q.globs = str_is(proto->tool, "curl") && parsed_option(p, "globoff") == NULL;
	q.elsewhere = goes_elsewhere(p);
	sent_files(&q);
	for (size_t i = 0; i < p->operands.n && err == 0; i++)
		err = one_url(&q, p->operands.v[i].v[0], proto->tool);
	for (size_t i = 0; url != NULL && i < url->values.n && err == 0; i++)
		err = one_url(&q, url->values.v[i], proto->tool);
	if (err == 0 && str_is(proto->tool, "curl"))
		err = url_file(&q, "config", proto->tool);
	if (err == 0 && str_is(proto->tool, "wget"))
		err = url_file(&q, "input-file", proto->tool);
	return err;
}

/* ---- other programs ---- */

bool
fly_http_named(struct str text)
{
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++)
		if (str_find(text, str_of(hosts[i])) != STR_NPOS)
			return true;
	return false;
}

int
fly_http_guess(struct reading *rd, struct shell_state *st, const struct shell_command *c, unsigned flags,
    struct str chain)
{
	struct word *argv = NEW_ARRAY(rd->a, struct word, 2);

	argv[0] = word_text(rd->a, STR("fly"));
	argv[1] = word_words(rd->a, STR("this request"));
	return reading_run_argv(rd, st, (struct words){ argv, 2 }, c, flags, chain);
}

const struct resolver resolver_http = { .name = "http", .command = http_command };
