/* SPDX-License-Identifier: ISC */
/*
 * checks.c: what `adding CHECK` looks for: things that an edit brings into a
 * file that were not there before. Each check collects its findings in a
 * text; an edit adds those that only the text afterwards has. Facts about
 * fly.toml and Dockerfiles only, no rule.
 */
#include "tools/dockerfile.h"
#include "tools/tools.h"

#include "bridle/limits.h"
#include "toml/toml.h"

#include <string.h>

struct finding {
	struct str what; /* a phrase, the same for the same thing */
	bool maybe;
};
struct findings {
	struct arena *a;
	VEC(struct finding) v;
};

static void
find(struct findings *f, bool maybe, struct str what)
{
	*vec_push(f->a, &f->v) = (struct finding){ what, maybe };
}

/* ---- Dockerfile ------------------------------------------------------------------ */

/* Words of a name (API_KEY, apiKey) that say that the value is a secret. */
static bool
secret_name(struct str name)
{
	static const char *const yes[] = { "PASSWORD", "PASSWD", "SECRET", "TOKEN", "CREDENTIAL",
		"API_KEY", "APIKEY", "PRIVATE_KEY", "ACCESS_KEY", "ENCRYPTION_KEY", "MASTER_KEY",
		"SIGNING_KEY", "AUTH_KEY", "PASSPHRASE" };
	static const char *const no[] = { "_FILE", "_PATH", "_DIR", "_NAME", "_ID", "_DUMMY", "_TTL",
		"_URL", "_LENGTH", "_EXPIRY", "_HEADER" };
	char buf[128];
	struct str s;
	size_t n = 0;

	for (size_t i = 0; i < name.n && n + 2 < sizeof buf; i++) {
		char c = name.p[i];

		if (i > 0 && c >= 'A' && c <= 'Z' && name.p[i - 1] >= 'a' && name.p[i - 1] <= 'z')
			buf[n++] = '_';
		buf[n++] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
	}
	buf[n] = '\0';
	s = (struct str){ buf, n };
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		if (str_ends(s, str_of(no[i])))
			return false;
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		if (strstr(buf, yes[i]) != NULL)
			return true;
	return false;
}

/* A password inside a URL: scheme://user:password@host. */
static bool
url_password(struct str value)
{
	size_t at = str_find(value, STR("://"));
	struct str rest;

	if (at == STR_NPOS)
		return false;
	rest = str_sub(value, at + 3, value.n);
	rest = str_sub(rest, 0, str_chr(rest, '/') == STR_NPOS ? rest.n : str_chr(rest, '/'));
	at = str_rchr(rest, '@');
	rest = str_sub(rest, 0, at == STR_NPOS ? 0 : at);
	at = str_chr(rest, ':');
	return at != STR_NPOS && at + 1 < rest.n && rest.p[at + 1] != '$';
}

static struct str
base_name(struct str path)
{
	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	return path_base(path);
}

static bool
env_file(struct str path)
{
	struct str base = base_name(path);

	return str_is(base, ".env") || (str_starts(base, STR(".env.")) && !str_ends(base, STR(".example")) &&
	    !str_ends(base, STR(".sample")) && !str_ends(base, STR(".template")));
}

static void
copied_secret(struct findings *f, const struct docker_instruction *in)
{
	struct str rest = in->args, from;

	if (dockerfile_flag(in, "from", &from))
		return;
	while (rest.n > 0) {
		size_t end = str_chr(rest, ' ');
		struct str word = str_sub(rest, 0, end == STR_NPOS ? rest.n : end);

		rest = str_trim(str_sub(rest, word.n, rest.n));
		if (rest.n > 0 && env_file(word))
			find(f, false, str_printf(f->a, STR_FMT " copies " STR_FMT " into the image",
			    STR_ARG(in->name), STR_ARG(word)));
	}
}

static void
docker_secret(struct findings *f, const struct dockerfile *d)
{
	for (size_t i = 0; i < d->list.n; i++) {
		const struct docker_instruction *in = &d->list.v[i];
		struct str name, value;
		size_t at = 0;
		bool has;

		if (str_is(in->name, "COPY") || str_is(in->name, "ADD"))
			copied_secret(f, in);
		while (dockerfile_pair(f->a, in, &at, &name, &value, &has)) {
			if (has && value.n == 0)
				continue; /* ENV TOKEN= takes it away */
			if (secret_name(name) || url_password(value))
				find(f, false, str_printf(f->a, STR_FMT " " STR_FMT " stays in the image",
				    STR_ARG(in->name), STR_ARG(name)));
		}
	}
}

/* The stages that a stage stands on, down to a real image. */
static struct str
real_image(const struct dockerfile *d, const struct docker_stage *s, bool *unknown)
{
	const struct docker_stage *below;

	*unknown = s->image_unknown;
	while ((below = dockerfile_stage(d, s->image, s)) != NULL) {
		s = below;
		*unknown |= s->image_unknown;
	}
	return s->image;
}

/* The last USER of a stage or of those below it; false: none. */
static bool
last_user(const struct dockerfile *d, const struct docker_stage *s, struct str *user)
{
	for (; s != NULL; s = dockerfile_stage(d, s->image, s))
		for (size_t i = s->to; i-- > s->from;)
			if (str_is(d->list.v[i].name, "USER") && !d->list.v[i].onbuild) {
				*user = d->list.v[i].args;
				return true;
			}
	return false;
}

static bool
holds(struct str text, const char *part)
{
	return str_find(text, str_of(part)) != STR_NPOS;
}

static void
docker_root(struct findings *f, const struct dockerfile *d)
{
	const struct docker_stage *last = &d->stages.v[d->stages.n - 1];
	struct str user, image;
	bool unknown;

	image = real_image(d, last, &unknown);
	if (last_user(d, last, &user)) {
		struct str name = str_sub(user, 0, str_chr(user, ':') == STR_NPOS ? user.n : str_chr(user, ':'));

		if (str_chr(name, '$') != STR_NPOS)
			find(f, true, str_printf(f->a, "USER " STR_FMT " is not known", STR_ARG(user)));
		else if (str_is(name, "root") || str_is(name, "0"))
			find(f, false, STR("the final stage runs as root: USER says so"));
		return;
	}
	if (holds(image, "nonroot") || holds(image, "chainguard") || holds(image, "unprivileged"))
		return;
	if (unknown)
		find(f, true, STR("the user of the final stage's image is not known"));
	else
		find(f, str_chr(image, '/') != STR_NPOS && !holds(image, "distroless") && !holds(image, "library/"),
		    str_printf(f->a, "the final stage has no USER, and " STR_FMT " runs as root", STR_ARG(image)));
}

static void
docker_base(struct findings *f, const struct dockerfile *d)
{
	bool unknown;
	struct str image = real_image(d, &d->stages.v[d->stages.n - 1], &unknown);

	if (holds(image, "distroless") || holds(image, "alpine") || str_is(image, "scratch") ||
	    holds(image, "chainguard"))
		return;
	find(f, unknown, str_printf(f->a, "the final stage stands on " STR_FMT ", neither distroless nor alpine",
	    STR_ARG(image)));
}

static void
docker_chown(struct findings *f, const struct dockerfile *d)
{
	const struct docker_stage *last = &d->stages.v[d->stages.n - 1];
	struct str owner;

	for (size_t i = last->from; i < last->to; i++) {
		const struct docker_instruction *in = &d->list.v[i];

		if ((str_is(in->name, "COPY") || str_is(in->name, "ADD")) && !in->onbuild &&
		    !dockerfile_flag(in, "chown", &owner))
			find(f, false, str_printf(f->a, STR_FMT " " STR_FMT " has no --chown", STR_ARG(in->name),
			    STR_ARG(in->args)));
	}
}

/* ---- fly.toml ---------------------------------------------------------------------- */

static const struct toml_value *
top(const struct toml_doc *d, const char *name)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->v[i].npath == 1 && str_ieq(d->v[i].path[0].name, str_of(name)))
			return &d->v[i];
	return NULL;
}

/* The shape that flyctl decodes a section from. */
static const struct shape {
	const char *key;
	const char *kinds; /* s string, t table, a array */
} shapes[] = {
	{ "app", "s" },
	{ "primary_region", "s" },
	{ "kill_signal", "s" },
	{ "console_command", "s" },
	{ "build", "t" },
	{ "deploy", "t" },
	{ "env", "ta" },
	{ "processes", "ta" },
	{ "http_service", "t" },
	{ "services", "ta" },
	{ "mounts", "ta" },
	{ "mount", "ta" },
	{ "vm", "ta" },
	{ "checks", "t" },
	{ "files", "ta" },
	{ "statics", "ta" },
	{ "metrics", "ta" },
	{ "restart", "ta" },
	{ "experimental", "t" },
};

static char
kind_letter(enum toml_kind k)
{
	return k == TOML_KIND_TABLE ? 't' : k == TOML_KIND_ARRAY ? 'a' : k == TOML_KIND_STRING ? 's' : 'x';
}

/* Values of a key in a section, one table or a list of them. */
static const struct toml_value *
in_section(const struct toml_doc *d, size_t *at, const char *section, const char *key)
{
	for (; *at < d->n; ++*at) {
		const struct toml_value *v = &d->v[*at];
		size_t last = v->npath - 1;

		if (v->npath < 2 || v->npath > 3 || !str_ieq(v->path[0].name, str_of(section)) ||
		    (v->npath == 3 && !v->path[1].is_index) || v->path[last].is_index ||
		    !str_ieq(v->path[last].name, str_of(key)))
			continue;
		++*at;
		return v;
	}
	return NULL;
}

static bool
one_of(struct str s, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (str_is(s, names[i]))
			return true;
	return false;
}

static void
fly_strategy(struct findings *f, const struct toml_doc *d)
{
	static const char *const names[] = { "canary", "rolling", "immediate", "bluegreen" };
	const struct toml_value *v;
	size_t at = 0;

	if ((v = in_section(d, &at, "deploy", "strategy")) == NULL || v->kind != TOML_KIND_STRING)
		return;
	if (!one_of(v->text, names, sizeof names / sizeof *names))
		find(f, false, str_printf(f->a, "deploy.strategy \"" STR_FMT "\" is none that flyctl knows",
		    STR_ARG(v->text)));
	else if ((top(d, "mounts") != NULL || top(d, "mount") != NULL) &&
	    (str_is(v->text, "canary") || str_is(v->text, "bluegreen")))
		find(f, false, str_printf(f->a, "deploy.strategy \"" STR_FMT "\" is refused where there are mounts",
		    STR_ARG(v->text)));
}

static void
fly_mounts(struct findings *f, const struct toml_doc *d)
{
	static const char *const sections[] = { "mounts", "mount" };

	for (size_t s = 0; s < 2; s++) {
		const struct toml_value *v = top(d, sections[s]);
		size_t n = 1, at = 0, have = 0;

		if (v == NULL)
			continue;
		if (v->kind == TOML_KIND_ARRAY) {
			n = 0;
			for (size_t i = 0; i < d->n; i++)
				n += d->v[i].npath == 2 && d->v[i].path[1].is_index &&
				    str_ieq(d->v[i].path[0].name, str_of(sections[s]));
		}
		while (in_section(d, &at, sections[s], "destination") != NULL)
			have++;
		if (have < n)
			find(f, false, STR("a mount has no destination"));
	}
}

static void
fly_auto_stop(struct findings *f, const struct toml_doc *d)
{
	static const char *const names[] = { "off", "stop", "suspend" };
	const struct toml_value *v;
	size_t at = 0;

	while ((v = in_section(d, &at, "http_service", "auto_stop_machines")) != NULL)
		if (v->kind == TOML_KIND_STRING && !one_of(v->text, names, 3))
			find(f, false, str_printf(f->a, "auto_stop_machines \"" STR_FMT "\" is not off, stop or suspend",
			    STR_ARG(v->text)));
}

static void
fly_invalid(struct findings *f, const struct toml_doc *d)
{
	for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
		const struct toml_value *v = top(d, shapes[i].key);

		if (v != NULL && strchr(shapes[i].kinds, kind_letter(v->kind)) == NULL)
			find(f, false, str_printf(f->a, "%s has a type that flyctl does not read", shapes[i].key));
	}
	fly_strategy(f, d);
	fly_mounts(f, d);
	fly_auto_stop(f, d);
}

static void
fly_legacy(struct findings *f, const struct toml_doc *d)
{
	const struct toml_value *v = top(d, "processes");
	size_t at = 0;

	if (top(d, "services") != NULL && top(d, "http_service") != NULL)
		find(f, false, STR("[[services]] stands beside [http_service]"));
	if (top(d, "compute") != NULL || top(d, "computes") != NULL)
		find(f, false, STR("[compute] is the former spelling of [[vm]]"));
	if (v != NULL && v->kind == TOML_KIND_ARRAY)
		find(f, false, STR("[[processes]] is the former spelling of [processes]"));
	if (in_section(d, &at, "services", "script_checks") != NULL)
		find(f, false, STR("services.script_checks is gone"));
	at = 0;
	if (in_section(d, &at, "build", "build_target") != NULL)
		find(f, false, STR("build.build_target is the former spelling of build.build-target"));
	at = 0;
	if (in_section(d, &at, "experimental", "kill_timeout") != NULL)
		find(f, false, STR("experimental.kill_timeout is the former place of kill_timeout"));
	at = 0;
	if ((v = in_section(d, &at, "http_service", "auto_stop_machines")) != NULL && v->kind == TOML_KIND_BOOL)
		find(f, false, STR("auto_stop_machines as true or false is the former spelling of \"stop\" or \"off\""));
}

/* ---- one text ------------------------------------------------------------------------ */

static const struct check {
	const char *name;
	void (*docker)(struct findings *f, const struct dockerfile *d);
	void (*toml)(struct findings *f, const struct toml_doc *d);
} checks[] = {
	{ "dockerfile-base", docker_base, NULL },
	{ "dockerfile-chown", docker_chown, NULL },
	{ "dockerfile-root", docker_root, NULL },
	{ "dockerfile-secret", docker_secret, NULL },
	{ "flytoml-invalid", NULL, fly_invalid },
	{ "flytoml-legacy", NULL, fly_legacy },
	{ "rewrite", NULL, NULL },
};
#define NCHECKS (sizeof checks / sizeof *checks)

static void
look(struct findings *f, const struct check *c, struct str text)
{
	struct str error = { 0 };

	if (c->docker != NULL) {
		struct dockerfile d;

		if (dockerfile_read(f->a, text, &d, &error) != 0)
			find(f, true, str_printf(f->a, "the Dockerfile cannot be read: " STR_FMT, STR_ARG(error)));
		else
			c->docker(f, &d);
	} else {
		struct toml_error e = { 0 };
		struct toml_doc d;

		if (toml_parse(f->a, text, &d, &e) != 0)
			find(f, !str_is(str_of(c->name), "flytoml-invalid"),
			    str_printf(f->a, "the file does not parse: line %u: %s", e.line, e.message));
		else
			c->toml(f, &d);
	}
}

/* ---- rewriting ------------------------------------------------------------------------- */

/* Non-blank lines, each with how often it stands there. */
static size_t
count_lines(struct arena *a, struct str text, struct map *lines)
{
	size_t n = 0;

	while (text.n > 0) {
		struct str line = str_trim(str_line(&text));
		size_t *count;

		if (line.n == 0)
			continue;
		n++;
		count = map_get(lines, line);
		if (count == NULL) {
			count = NEW(a, size_t);
			map_put(lines, line, count);
		}
		++*count;
	}
	return n;
}

/* Written whole: more than half of its lines are gone. */
static enum tri
rewrites(struct arena *a, const struct action *edit, struct str *why)
{
	struct map *before, *after;
	size_t n, kept = 0, i = 0;
	struct str line;
	void *count;

	if (edit->before_known && edit->before_absent)
		return TRI_NO;
	if (edit->after_known && edit->after_absent) {
		*why = STR("the file is removed");
		return TRI_YES;
	}
	if (!edit->before_known || !edit->after_known) {
		*why = STR("what the file will hold is not known");
		return TRI_MAYBE;
	}
	before = map_new(a);
	after = map_new(a);
	n = count_lines(a, edit->before, before);
	count_lines(a, edit->after, after);
	while (map_next(before, &i, &line, &count)) {
		size_t *there = map_get(after, line);

		if (there != NULL)
			kept += *there < *(size_t *)count ? *there : *(size_t *)count;
	}
	if (n == 0 || kept * 2 >= n)
		return TRI_NO;
	*why = str_printf(a, "only %zu of its %zu lines stay", kept, n);
	return TRI_YES;
}

/* ---- what an edit adds ------------------------------------------------------------------- */

static bool
was_there(const struct findings *f, struct str what)
{
	for (size_t i = 0; i < f->v.n; i++)
		if (str_eq(f->v.v[i].what, what))
			return true;
	return false;
}

static enum tri
adds(struct arena *a, const struct action *edit, const struct check *c, struct str *why)
{
	struct findings before = { .a = a }, after = { .a = a };
	enum tri found = TRI_NO;

	if (!edit->after_known) {
		*why = STR("what the file will hold is not known");
		return TRI_MAYBE;
	}
	if (edit->after_absent)
		return TRI_NO;
	if (edit->before_known && !edit->before_absent)
		look(&before, c, edit->before);
	look(&after, c, edit->after);
	for (size_t i = 0; i < after.v.n; i++) {
		const struct finding *f = &after.v.v[i];
		enum tri t = f->maybe || !edit->before_known ? TRI_MAYBE : TRI_YES;

		if (was_there(&before, f->what) || t <= found)
			continue;
		found = t;
		*why = f->what;
	}
	return found;
}

int
file_adds(struct arena *a, const struct action *edit, struct str check, enum tri *found, struct str *why)
{
	*why = (struct str){ 0 };
	for (size_t i = 0; i < NCHECKS; i++) {
		if (!str_is(check, checks[i].name))
			continue;
		if (checks[i].docker == NULL && checks[i].toml == NULL)
			*found = rewrites(a, edit, why);
		else
			*found = adds(a, edit, &checks[i], why);
		return 0;
	}
	return BRIDLE_EINVAL;
}

bool
file_check_known(struct str check)
{
	for (size_t i = 0; i < NCHECKS; i++)
		if (str_is(check, checks[i].name))
			return true;
	return false;
}

const struct str *
file_checks(size_t *n)
{
	static struct str names[NCHECKS];

	for (size_t i = 0; i < NCHECKS; i++)
		names[i] = str_of(checks[i].name);
	*n = NCHECKS;
	return names;
}
