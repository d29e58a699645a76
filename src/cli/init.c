/* SPDX-License-Identifier: ISC */
/*
 * init.c: `bridle init`: finds the project, asks at most three questions,
 * writes a policy that is tested before it is written, and adds the hook to
 * Claude Code's settings. Run twice it changes nothing. Undone by uninstall.c.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bridle/agents.h"
#include "bridle/limits.h"
#include "found.h"
#include "import.h"
#include "install.h"

static int run_init(int argc, char **argv);

const struct command cmd_init = { "init",
	"init [--yes] [--dry-run] [--app 'NAME…'] [--trunk 'BRANCH…'] [--policy user | project] "
	"[--settings user | project | local] [--wrap] "
	"[--service systemd | launchd | none] [--hook PATH] [--managed]",
	"guard this project: a policy, and the hook in Claude Code's settings",
	"  --yes           ask nothing: what was found is right\n"
	"  --dry-run       show what would change, change nothing\n"
	"  --app LIST      the production apps (else from the fly.toml files of the project)\n"
	"  --trunk LIST    branches that take no direct push (else from git)\n"
	"  --policy WHERE  user (default) or project: where the policy lives\n"
	"  --settings FILE user (default), project or local settings of Claude Code\n"
	"  --wrap          also put the wrapper before fly, for scripts and programs\n"
	"  --service NAME  systemd or launchd: files for a service; none: the hook starts the daemon\n"
	"  --hook PATH     bridle-hook, if it is not beside this program\n"
	"  --managed       print what belongs into a team's managed settings; change nothing\n",
	run_init };

/* The agent's tools that rules can speak of, and those that the policies here name. */
struct str
install__matcher(struct arena *a, struct str cwd)
{
	struct local_policy_options o;
	struct local_places places;
	struct local_policy *lp = NULL;
	struct str *names;
	size_t n = 0;
	struct buf b;

	memset(&o, 0, sizeof o);
	buf_init(&b, a);
	buf_puts(&b, "Bash|PowerShell|Monitor|Edit|MultiEdit|Write|NotebookEdit|Read|Grep|Glob|Agent|Task|mcp__.*");
	if (local_places(a, &places) == 0) {
		o.project = local_project(a, cwd, (const char *const *)environment());
		o.state = places.state;
		o.no_tests = true;
		lp = local_policy_load(&places, &o);
	}
	if (lp != NULL && lp->policy != NULL && policy_tool_names(lp->policy, a, &names, &n) != 0)
		n = 0;
	for (size_t i = 0; i < n; i++) {
		struct str have = str_printf(a, "|" STR_FMT "|", STR_ARG(buf_str(&b)));

		if (str_find(have, str_printf(a, "|" STR_FMT "|", STR_ARG(names[i]))) == STR_NPOS)
			buf_printf(&b, "|" STR_FMT, STR_ARG(names[i]));
	}
	local_policy_free(lp);
	return buf_str(&b);
}

struct wish {
	bool yes, dry, managed, wrap;
	const char *app, *trunk, *policy, *settings, *hook, *service;
};

struct str
install__hook_path(struct arena *a, const char *given)
{
	char real[PATH_MAX];
	ssize_t n;

	if (given != NULL)
		return realpath(given, real) == NULL ? STR("") : str_dup(a, str_of(real));
	n = readlink("/proc/self/exe", real, sizeof real - 1);
	if (n <= 0)
		return STR("");
	real[n] = '\0';
	struct str path = path_join(a, path_dir(str_dup(a, str_of(real))), STR("bridle-hook"));
	return access(str_c(a, path), X_OK) == 0 ? path : STR("");
}

/* ---- the policy ---- */
/* What the person has just said, as tests: they tell when a change undoes it. */
static void
add_tests(struct buf *b, struct str app, struct str trunk)
{
	bool free = app.n > 0;
	struct str one;

	buf_puts(b, "# What must stay so; bridle test tells when it does not.\n");
	while ((one = found_next(&app)).n > 0)
		buf_printf(b, "test deny  cd api && flyctl deploy -a " STR_FMT "\n", STR_ARG(one));
	while ((one = found_next(&trunk)).n > 0) {
		size_t star = str_chr(one, '*');

		free = free && !glob_match(one, STR("feat/x"));
		if (star == STR_NPOS || star + 1 == one.n) /* release/x for release/\* */
			buf_printf(b, "test deny  git push origin HEAD:" STR_FMT "%s\n", STR_ARG(str_sub(one, 0, star)),
			    star == STR_NPOS ? "" : "x");
	}
	if (free)
		buf_puts(b, "test allow git push origin feat/x\n");
	buf_putc(b, '\n');
}

/* What `fly launch` calls the Postgres app of each. */
static struct str
databases(struct arena *a, struct str app)
{
	struct str one;
	struct buf b;

	buf_init(&b, a);
	while ((one = found_next(&app)).n > 0)
		buf_printf(&b, "%s" STR_FMT "-db", b.n > 0 ? " " : "", STR_ARG(one));
	return buf_str(&b);
}

static struct str
policy_text(struct arena *a, struct str app, struct str trunk)
{
	struct buf b;

	buf_init(&b, a);
	buf_puts(&b, "# What the coding agent may run here. The strictest matching rule wins, wherever\n"
		     "# it stands. After a change: bridle test. What a line would get: bridle check '…'\n"
		     "version 1\n\n");
	if (app.n > 0)
		buf_printf(&b, "let app   = " STR_FMT "    # the production app%s: deployed by CI, not from here\n", STR_ARG(app),
		    str_chr(app, ' ') == STR_NPOS ? "" : "s");
	buf_printf(&b, "let trunk = " STR_FMT "    # branches that take pull requests only\n", STR_ARG(trunk));
	if (app.n > 0)
		buf_printf(&b, "let databases = " STR_FMT "    # production's Postgres apps, if there are any\n", STR_ARG(databases(a, app)));
	if (app.n > 0)
		buf_puts(&b, "include <fly>            # fly, git, everyday shell, files and their order\n\n");
	else
		buf_puts(&b, "include <default>        # fly and git by what a command does\n\n");
	add_tests(&b, app, trunk);
	buf_puts(&b, "# Your own rules. Examples:\n"
		     "# allow npm run build\n"
		     "# deny  terraform destroy\n"
		     "#     because Infrastructure is taken down by people.\n"
		     "#     test    deny terraform destroy\n");
	return buf_str(&b);
}

/* Loads and tests it where it will stand; prints what is wrong. */
static bool
policy_holds(struct arena *a, struct str text)
{
	char tmp[] = "/tmp/bridle-init.XXXXXX";
	const char *file = tmp;
	struct local_policy_options o;
	struct local_places places;
	struct local_policy *lp;
	int fd = mkstemp(tmp);
	bool good = false;

	memset(&o, 0, sizeof o);
	if (fd < 0 || local_places(a, &places) != 0)
		return false;
	if (write(fd, text.p, text.n) == (ssize_t)text.n) {
		o.files = &file;
		o.nfiles = 1;
		lp = local_policy_load(&places, &o);
		good = lp != NULL && lp->policy != NULL;
		if (lp != NULL && !good)
			print_diags(&lp->diags);
		local_policy_free(lp);
	}
	close(fd);
	unlink(tmp);
	return good;
}

/* ---- questions ---- */
static bool
says_no(struct str s)
{
	static const char *const words[] = { "n", "no", "q", "quit" };

	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (str_ieq(s, str_of(words[i])))
			return true;
	return false;
}

/* Empty, with *no set: the person wants none of it. */
static struct str
ask(struct arena *a, const char *question, struct str found, bool *no)
{
	char line[512];
	struct str s;

	if (*no)
		return STR("");

	printf("%s", question);
	if (found.n > 0)
		printf(" [" STR_FMT "]", STR_ARG(found));
	printf(": ");
	fflush(stdout);
	if (fgets(line, sizeof line, stdin) == NULL) {
		putchar('\n');
		*no = true;
		return STR("");
	}
	s = str_trim(str_of(line));
	*no = says_no(s);
	return s.n == 0 ? found : str_dup(a, s);
}

static bool
good_names(const struct command *c, const char *what, struct str names)
{
	struct str one;

	while ((one = found_next(&names)).n > 0)
		if (!found_plain(one)) {
			usage_error(c, "%s: " STR_FMT " is no name of letters, digits, - _ . / or *", what, STR_ARG(one));
			return false;
		}
	return true;
}

struct plan {
	struct arena *a;
	struct str app, trunk, project, hook;
	struct str policy_path, policy;             /* policy empty: there is one already, kept */
	bool kept;
	struct str settings_path, before, after;
	bool settings_absent;
};

/* Where the policy lives, and whether one is there already. */
static int
settle_place(struct plan *p, const struct wish *w, bool asking, bool *no)
{
	struct str where = str_of(w->policy != NULL ? w->policy : "user");
	struct local_places places;
	struct stat st;

	if (local_places(p->a, &places) != 0)
		return no_home(&cmd_init);
	if (asking && w->policy == NULL)
		where = ask(p->a, "Where should the policy live: user (for all your projects) or project", where, no);
	if (*no)
		return 0;
	if (str_is(where, "project"))
		p->policy_path = path_join(p->a, p->project, STR(".bridle/policy"));
	else if (str_is(where, "user"))
		p->policy_path = path_join(p->a, places.config, STR("policy"));
	else
		return usage_error(&cmd_init, "the policy lives in user or project, not " STR_FMT, STR_ARG(where));
	p->kept = stat(str_c(p->a, p->policy_path), &st) == 0;
	return 0;
}

static int
settle(struct plan *p, const struct wish *w)
{
	bool asking = !w->yes && !w->dry, no = false;
	int status;

	if (asking)
		puts("Enter takes what stands in brackets; n leaves all as it is.");
	if ((status = settle_place(p, w, asking, &no)) != 0)
		return status;
	p->app = w->app != NULL ? str_of(w->app) : found_apps(p->a, p->project);
	p->trunk = w->trunk != NULL ? str_of(w->trunk) : found_trunk(p->a, p->project);
	if (asking && !p->kept) {
		p->app = ask(p->a, p->app.n > 0 ? "The production apps on Fly.io (none: -)" :
			"The production apps on Fly.io, parted by blanks (none: leave empty)", p->app, &no);
		p->trunk = ask(p->a, "Branches that take no direct push", p->trunk, &no);
	}
	if (no) {
		fputs("bridle init: nothing was changed\n", stderr);
		return 1;
	}
	if (str_is(p->app, "-"))
		p->app = STR("");
	if (!good_names(&cmd_init, "the app", p->app) || !good_names(&cmd_init, "the branches", p->trunk))
		return EXIT_USAGE;
	if (!p->kept)
		p->policy = policy_text(p->a, p->app, p->trunk);
	return 0;
}

/* Which settings file, and what it becomes. */
int
install__settings(struct arena *a, const struct command *c, const char *which, struct str cwd, struct str *path,
    struct str *before, bool *absent)
{
	struct local_world *lw = NEW(a, struct local_world);
	enum settings_place place = SETTINGS_USER;
	struct request r;
	struct world w;
	int err;

	if (which != NULL && strcmp(which, "project") == 0)
		place = SETTINGS_PROJECT;
	else if (which != NULL && strcmp(which, "local") == 0)
		place = SETTINGS_LOCAL;
	else if (which != NULL && strcmp(which, "user") != 0)
		return usage_error(c, "--settings is user, project or local, not %s", which);
	local_world_init(lw, a, (const char *const *)environment(), &w);
	memset(&r, 0, sizeof r);
	r.cwd = cwd;
	agent_place(&w, a, &r);
	*path = settings_path(&w, a, place, &r);
	if (path->n == 0)
		return no_home(c);
	err = local_read_file(a, str_c(a, *path), LIMIT_FILE, before);
	*absent = err == BRIDLE_ENOENT;
	if (*absent)
		*before = STR("");
	else if (err != 0)
		return usage_error(c, STR_FMT " cannot be read: %s", STR_ARG(*path), strerror(errno));
	return 0;
}

static int
settle_settings(struct plan *p, const struct wish *w, struct str cwd)
{
	struct str why;
	int err = install__settings(p->a, &cmd_init, w->settings, cwd, &p->settings_path, &p->before, &p->settings_absent);

	if (err != 0)
		return err;
	p->hook = install__hook_path(p->a, w->hook);
	if (p->hook.n == 0)
		return usage_error(&cmd_init, "bridle-hook is not beside this program: name it with --hook");
	if (settings_add(p->a, p->before, p->hook, install__matcher(p->a, cwd), &p->after, &why) != 0) {
		fprintf(stderr, "bridle init: " STR_FMT " is not touched: " STR_FMT ". Mend it and try again, or choose another with --settings.\n",
		    STR_ARG(p->settings_path), STR_ARG(why));
		return 1;
	}
	return 0;
}

static bool
has_name(struct str text, struct str name)
{
	for (size_t at; (at = str_find(text, name)) != STR_NPOS; text = str_sub(text, at + name.n, text.n)) {
		char before = at > 0 ? text.p[at - 1] : ' ', after = at + name.n < text.n ? text.p[at + name.n] : ' ';

		if (strchr(" \t\n{},", before) != NULL && strchr(" \t\n{},", after) != NULL)
			return true;
	}
	return false;
}

/* A policy that was there is not changed: which of the names does it not know? */
static void
tell_kept(struct plan *p)
{
	struct str text, one, app = p->app, trunk = p->trunk;
	struct buf b;

	if (local_read_file(p->a, str_c(p->a, p->policy_path), LIMIT_FILE, &text) != 0)
		return;
	buf_init(&b, p->a);
	while ((one = found_next(&app)).n > 0)
		if (!has_name(text, one))
			buf_printf(&b, "%s" STR_FMT, b.n > 0 ? ", " : "", STR_ARG(one));
	/* Without a list of its own, the shipped one holds. */
	while (str_find(text, STR("let trunk")) != STR_NPOS && (one = found_next(&trunk)).n > 0)
		if (!has_name(text, one))
			buf_printf(&b, "%s" STR_FMT, b.n > 0 ? ", " : "", STR_ARG(one));
	if (b.n > 0)
		printf("note     it does not name " STR_FMT ": edit its `let app` and `let trunk`%s\n", STR_ARG(buf_str(&b)),
		    str_ends(p->policy_path, STR(".bridle/policy")) ? "" :
			", or write one for this project: bridle init --policy project");
}

static int
carry_out(struct plan *p)
{
	const char *settings = str_c(p->a, p->settings_path);
	struct local_places places;
	struct str bare, why;
	bool had = settings_remove(p->a, p->before, &bare, &why) == 0 && !str_eq(bare, p->before);
	int err;

	if (p->policy.n > 0) {
		if ((err = write_changed(str_c(p->a, p->policy_path), STR(""), true, p->policy, NULL)) != 0) {
			fprintf(stderr, "bridle init: " STR_FMT ": %s\n", STR_ARG(p->policy_path),
			    err == BRIDLE_EINVAL ? "somebody else wrote it meanwhile" : strerror(errno));
			return 1;
		}
		printf("wrote    " STR_FMT "\n", STR_ARG(p->policy_path));
		if (str_ends(p->policy_path, STR(".bridle/policy")) && local_places(p->a, &places) == 0 &&
		    local_trust_add(&places, p->policy_path, p->policy) == 0)
			printf("trusted  " STR_FMT " (on this machine: `bridle trust` after a change)\n", STR_ARG(p->policy_path));
	} else {
		printf("kept     " STR_FMT "\n", STR_ARG(p->policy_path));
		tell_kept(p);
	}
	if (str_eq(p->before, p->after)) {
		printf("kept     %s\n", settings);
	} else if ((err = write_changed(settings, p->before, p->settings_absent, p->after, had ? NULL : BACKUP)) != 0) {
		fprintf(stderr, "bridle init: %s: %s\n", settings, err == BRIDLE_EINVAL ? "it changed meanwhile: try again" : strerror(errno));
		return 1;
	} else {
		printf("hooked   %s%s\n", settings, p->settings_absent || had ? "" : " (backup beside it)");
	}
	return 0;
}

static bool
has_rules(struct arena *a, struct str settings)
{
	struct old_rules rules;
	struct str why;

	return old_rules_read(a, settings, &rules, &why) == 0 && rules.list.n > 0;
}

/* What else there is, for those who have not said that they want it. */
static void
offer(struct plan *p, const struct wish *w, const char *cwd)
{
	static const char *const places[] = { "user", "project", "local" };
	struct str path, text;
	bool absent;

	puts("\nNext:");
	puts("  bridle status                    is everything in place?");
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		if (install__settings(p->a, &cmd_init, places[i], str_of(cwd), &path, &text, &absent) == 0 && has_rules(p->a, text))
			printf("  bridle import --settings %-7s turn the permission rules there into yours\n", places[i]);
	if (!w->wrap)
		puts("  bridle wrap install              guard fly in scripts and programs, too");
	if (w->service == NULL)
#ifdef __APPLE__
		puts("  bridle init --service launchd    a service keeps the daemon running; else the hook starts it");
#else
		puts("  bridle init --service systemd    a service keeps the daemon running; else the hook starts it");
#endif
}

static int
print_managed(struct arena *a, const struct wish *w)
{
	struct str out, why, hook = install__hook_path(a, w->hook);

	if (hook.n == 0)
		return usage_error(&cmd_init, "bridle-hook is not beside this program: name it with --hook");
	if (settings_add(a, STR("{\n  \"allowManagedHooksOnly\": false\n}\n"), hook, install__matcher(a, STR("/")), &out, &why) != 0)
		return 1;
	fputs("for /etc/claude-code/managed-settings.json, where nobody can switch it off:\n", stderr);
	write_out(out);
	return 0;
}

static int
run(struct plan *p, const struct wish *w)
{
	char cwd[4096];
	int status;

	if (getcwd(cwd, sizeof cwd) == NULL)
		return usage_error(&cmd_init, "the working directory is gone");
	p->project = local_project(p->a, str_of(cwd), (const char *const *)environment());
	if ((status = settle(p, w)) != 0 || (status = settle_settings(p, w, str_of(cwd))) != 0)
		return status;
	if (p->policy.n > 0 && !policy_holds(p->a, p->policy))
		return 1;
	if (!w->dry && (status = carry_out(p)) != 0)
		return status;
	if (w->dry && p->policy.n > 0)
		print_diff(str_c(p->a, p->policy_path), STR(""), p->policy);
	if (w->dry && !str_eq(p->before, p->after))
		print_diff(str_c(p->a, p->settings_path), p->before, p->after);
	if (w->wrap && (status = wrapper_install(p->a, w->dry)) != 0)
		return status;
	if (w->service != NULL && (status = service_install(p->a, w->service, w->dry)) != 0)
		return status;
	if (!w->dry)
		offer(p, w, cwd);
	return 0;
}

/* Whoever is asked must be able to answer. */
static bool
may_write(const struct wish *w)
{
	if (w->yes || !isatty(STDIN_FILENO)) {
		if (!no_agent_above(&cmd_init))
			return false;
		if (!w->yes)
			fputs("bridle init: it asks, and there is no terminal to answer from. `bridle init --yes` takes what it\n"
			      "finds, `bridle init --dry-run` shows that. Nothing was changed.\n", stderr);
		return w->yes;
	}
	return only_a_person(&cmd_init);
}

static int
run_init(int argc, char **argv)
{
	struct wish w;
	const struct opt table[] = {
		{ "yes", 'y', OPT_FLAG, &w.yes },
		{ "dry-run", 'n', OPT_FLAG, &w.dry },
		{ "managed", 0, OPT_FLAG, &w.managed },
		{ "wrap", 0, OPT_FLAG, &w.wrap },
		{ "service", 0, OPT_VALUE, &w.service },
		{ "app", 'a', OPT_VALUE, &w.app },
		{ "trunk", 0, OPT_VALUE, &w.trunk },
		{ "policy", 0, OPT_VALUE, &w.policy },
		{ "settings", 0, OPT_VALUE, &w.settings },
		{ "hook", 0, OPT_VALUE, &w.hook },
	};
	struct plan p;
	int n, status;

	memset(&w, 0, sizeof w);
	memset(&p, 0, sizeof p);
	if ((n = OPTIONS(&cmd_init, argc, argv, table, false)) != 0)
		return n == -2 ? 0 : n > 0 ? usage_error(&cmd_init, "it takes no words") : EXIT_USAGE;
	if (w.service != NULL && !service_known(w.service))
		return usage_error(&cmd_init, "--service is systemd, launchd or none, not %s", w.service);
	if ((p.a = arena_new(0)) == NULL)
		return EXIT_USAGE;
	if (w.managed)
		status = print_managed(p.a, &w);
	else if (!w.dry && !may_write(&w))
		status = 1;
	else
		status = run(&p, &w);
	arena_free(p.a);
	return status;
}
