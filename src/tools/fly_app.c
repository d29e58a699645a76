/* SPDX-License-Identifier: ISC */
/*
 * fly_app.c: which app a fly command touches. -a, FLY_APP and fly.toml are
 * scope.c's; here is where they do not bound the target: apps and hosts named
 * by position, ids without an app, manifests, what belongs to the organization.
 */
#include "tools/fly.h"

static void
resolve(struct fly *f)
{
	const struct model_scope *s = scope_find(f->tool, "app");

	if (s != NULL)
		scope_resolve(f->rd, f->st, f->p, f->act, s, &f->place);
}

static void
set_app(struct fly *f, struct word w, const char *from)
{
	struct word *v = NEW(f->rd->a, struct word);
	struct field *field;
	struct str text;

	*v = w;
	field_set(f->rd, f->act, "app", (struct words){ v, 1 }, str_of(from));
	field = action_field(f->act, "app");
	if (!word_known(f->rd->a, w, &text))
		field->why = word_show(f->rd->a, w);
}

/* Nothing on the line bounds which app it is: any that the token reaches. */
static void
any_app(struct fly *f, const char *why)
{
	field_unknown(f->rd, f->act, "app", str_of(why));
	if (f->open)
		field_unknown(f->rd, f->act, "reach", str_of(why));
	else
		field_set_text(f->rd, f->act, "reach", "org");
}

static bool
app_absent(const struct fly *f)
{
	const struct field *field = action_field(f->act, "app");

	return field == NULL || field->state == FIELD_ABSENT;
}

static bool
only_looks(const struct fly *f)
{
	return str_is(f->cmd->effect, "read") || str_is(f->cmd->effect, "local");
}

/* ---- hosts: prod.internal, iad.prod.internal, prod.flycast ---- */

/* As the resolver compares names: small letters, no dot at the end. */
static struct str
host_name(struct arena *a, struct str name)
{
	char *low;

	while (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	low = NEW_ARRAY(a, char, name.n + 1);
	for (size_t i = 0; i < name.n; i++)
		low[i] = byte_lower(name.p[i]);
	return (struct str){ low, name.n };
}

static void
app_of_host(struct fly *f, struct word host)
{
	struct str name, rest = STR("");
	size_t dot;

	if (!word_known(f->rd->a, host, &name)) {
		any_app(f, "the host may belong to any app of the organization");
		return;
	}
	name = host_name(f->rd->a, name);
	if (str_ends(name, STR(".internal")))
		rest = str_sub(name, 0, name.n - 9);
	else if (str_ends(name, STR(".flycast")))
		rest = str_sub(name, 0, name.n - 8);
	dot = str_rchr(rest, '.');
	if (dot != STR_NPOS)
		rest = str_sub(rest, dot + 1, STR_NPOS);
	if (rest.n == 0 || rest.p[0] == '_')
		any_app(f, "the host may belong to any app of the organization");
	else
		set_app(f, word_text(f->rd->a, rest), "the host");
}

/* The host that an ssh, sftp or proxy command names instead of a machine of
 * the app; NULL: none. */
static const struct word *
host_of(const struct fly *f)
{
	const struct parsed *p = f->p;
	const struct word *address = option_last(p, "address");

	if (address != NULL)
		return address;
	if (fly__is(f, "ssh console") && p->operands.n > 0)
		return &p->operands.v[0].v[0];
	if (fly__is(f, "proxy") && p->operands.n > 1)
		return &p->operands.v[1].v[0];
	return NULL;
}

/* ---- by what the command says of its app ---- */

static void
required(struct fly *f)
{
	const struct word *host = host_of(f);

	if (fly__is(f, "deploy") && parsed_option(f->p, "from-manifest") != NULL)
		any_app(f, "the manifest names it");
	else if (host != NULL)
		app_of_host(f, *host);
	else
		resolve(f);
}

/* Buckets, sites and clusters have names of their own: the app that -a names
 * does not bound which one it is. */
static bool
names_other_thing(const struct fly *f, const struct word *operand)
{
	return operand != NULL && !only_looks(f) &&
	    (fly__below(f, "storage") || fly__below(f, "extensions") || fly__below(f, "litefs-cloud"));
}

static void
optional(struct fly *f, const struct word *operand)
{
	if (names_other_thing(f, operand)) {
		any_app(f, "a name of the organization, not of one app");
		return;
	}
	required(f);
	if (app_absent(f) && (str_is(f->cmd->effect, "destroy") || str_is(f->cmd->effect, "exec") ||
	        str_is(f->cmd->effect, "auth")))
		any_app(f, "none is named: fly asks or takes what it finds");
}

/* machine and volume ids: without an app, that of the first id. */
static void
by_id(struct fly *f)
{
	required(f);
	if (app_absent(f))
		any_app(f, "none is named: the id alone picks it, in any app of the account");
}

static void
positional(struct fly *f, const struct word *operand)
{
	const struct word *name = option_last(f->p, "name");

	if (operand != NULL)
		set_app(f, *operand, "the operand");
	else if (fly__is(f, "apps restart") || fly__two_apps(f->cmd))
		resolve(f);
	else if (fly__is(f, "apps create") && name != NULL)
		set_app(f, *name, "--name");
	else
		field_absent(f->rd, f->act, "app");
}

/* fly launch makes a new app, or goes on with one that is there. */
static void
launch(struct fly *f)
{
	static const char *const takes_config[] = { "copy-config", "attach", "config", "reuse-app" };
	const struct word *name = option_last(f->p, "name");
	bool config = false;

	for (size_t i = 0; i < sizeof takes_config / sizeof takes_config[0]; i++)
		config = config || parsed_option(f->p, takes_config[i]) != NULL;
	if (f->p->maybe || parsed_option(f->p, "from-manifest") != NULL)
		any_app(f, "fly launch may go on with an app that is there");
	else if (name != NULL)
		set_app(f, *name, "--name");
	else if (parsed_option(f->p, "no-create-app") != NULL || parsed_option(f->p, "force-name") != NULL)
		any_app(f, "fly launch may go on with the app that is called like the folder");
	else {
		resolve(f);
		if (!app_absent(f) && !config)
			any_app(f, "fly launch may take the app of fly.toml");
	}
}

bool
fly__is(const struct fly *f, const char *path)
{
	struct str rest;

	if (f->cmd->npath == 0 || f->cmd->path[0].p[0] != path[0])
		return f->cmd->npath == 0 && path[0] == '\0';
	rest = str_of(path);
	for (size_t i = 0; i < f->cmd->npath; i++) {
		if (!str_starts(rest, f->cmd->path[i]))
			return false;
		rest = str_sub(rest, f->cmd->path[i].n, STR_NPOS);
		if (rest.n == 0)
			return i + 1 == f->cmd->npath;
		if (rest.p[0] != ' ')
			return false;
		rest = str_sub(rest, 1, STR_NPOS);
	}
	return rest.n == 0;
}

bool
fly__below(const struct fly *f, const char *path)
{
	return f->cmd->npath > 0 && str_is(f->cmd->path[0], path);
}

void
fly__app(struct fly *f, const struct word *operand)
{
	struct str scope = f->cmd->app_scope;

	field_set_text(f->rd, f->act, "reach", "app");
	if (f->open)
		any_app(f, "the subcommand is not known");
	else if (fly__is(f, "launch"))
		launch(f);
	else if (str_is(scope, "app-required") || str_is(scope, "volume-id+app-required"))
		required(f);
	else if (str_is(scope, "app-optional") || str_is(scope, "app-optional-noflag"))
		optional(f, operand);
	else if (str_is(scope, "machine-id") || str_is(scope, "volume-id"))
		by_id(f);
	else if (str_is(scope, "positional-app"))
		positional(f, operand);
	else if (str_is(scope, "org") && !only_looks(f))
		any_app(f, "it is of the whole organization");
	else
		field_absent(f->rd, f->act, "app");
	if (app_absent(f))
		field_absent(f->rd, f->act, "reach");
}
