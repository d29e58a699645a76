/* SPDX-License-Identifier: ISC */
/*
 * gen.c: shell text from a seed. Commands nest in each other up to a budget;
 * the programs that they run are stubs: mark and go by their arguments, ok and
 * no by their names, say prints what it is told, so that its output is unknown
 * to the reader and known to the shell. Nothing else is ever named, and no
 * file outside the scratch folder.
 */
#include "oracle.h"

#include <string.h>

struct gen {
	struct arena *a;
	struct buf b;
	enum shell_kind shell;
	uint64_t state;
	int budget; /* commands left */
	unsigned depth;
	unsigned loops; /* around */
	unsigned calls; /* in a function's body */
	unsigned marks; /* each mark has its own number */
	bool nested;    /* in a place where a here-document cannot start */
	unsigned heredocs;
	struct buf after; /* bodies of here-documents, due at the next newline */
};

static uint64_t
rnd(struct gen *g)
{
	g->state ^= g->state << 13;
	g->state ^= g->state >> 7;
	g->state ^= g->state << 17;
	return g->state * UINT64_C(0x2545f4914f6cdd1d) >> 32;
}

static unsigned
below(struct gen *g, unsigned n)
{
	return (unsigned)(rnd(g) % n);
}

static bool
one_in(struct gen *g, unsigned n)
{
	return below(g, n) == 0;
}

static void
out(struct gen *g, const char *s)
{
	buf_puts(&g->b, s);
}

#define PICK(g, list) (list)[below((g), sizeof(list) / sizeof(list)[0])]

static const char *const vars[] = { "x", "y", "z", "X1", "X2" };
static const char *const arrays[] = { "r", "s" };
static const char *const letters[] = { "a", "b", "ab", "go", "mark", "x=1", "7", "0", "-f",
	"main" };
static const char *const patterns[] = { "*.ts", "?.ts", "[ab].ts", "d1/*", "*", "d?", ".*.ts",
	"no*pe" };

static bool
arrays_here(const struct gen *g)
{
	return g->shell != SHELL_SH;
}

static void word(struct gen *g);
static void command(struct gen *g);
static void list(struct gen *g, unsigned most);

/* ---- words ---- */

static void
number(struct gen *g)
{
	buf_printf(&g->b, "%u", below(g, 4));
}

static void
name(struct gen *g)
{
	out(g, PICK(g, vars));
}

static void
arith(struct gen *g)
{
	static const char *const ops[] = { "+", "-", "*", "<", "==", "&&", "||", ",", "|", "%" };

	switch (below(g, 6)) {
	case 0:
		number(g);
		break;
	case 1:
		buf_puts(&g->b,
		    PICK(g,
		        ((const char *const[]){ "n", "m", "n++", "m--", "++n", "n=2", "m+=1" })));
		break;
	case 2:
		out(g, "(");
		arith(g);
		out(g, "?");
		number(g);
		out(g, ":");
		arith(g);
		out(g, ")");
		break;
	default:
		number(g);
		out(g, PICK(g, ops));
		arith(g);
		break;
	}
}

/* Inside $( ): a short list. */
static void
substitution(struct gen *g, bool backquote)
{
	bool was = g->nested;

	g->nested = true;
	out(g, backquote ? "`" : "$(");
	if (backquote) {
		buf_printf(
		    &g->b, "%s ", PICK(g, ((const char *const[]){ "say", "echo", "say -n" })));
		out(g, PICK(g, letters));
	} else if (one_in(g, 3) && g->budget > 0)
		list(g, 2);
	else {
		out(g,
		    PICK(g,
		        ((const char *const[]){
		            "say ", "echo ", "echo -n ", "printf '%s\\n' ", "printf %s-%s " })));
		word(g);
	}
	out(g, backquote ? "`" : ")");
	g->nested = was;
}

static void
operator_word(struct gen *g)
{
	static const char *const simple[] = { ":-", "-", ":+", "+", ":=", "=" };
	static const char *const cuts[] = { "#", "##", "%", "%%" };

	out(g, "${");
	switch (below(g, arrays_here(g) ? 9 : 4)) {
	case 0:
	case 1:
		name(g);
		out(g, PICK(g, simple));
		word(g);
		break;
	case 2:
		name(g);
		out(g, PICK(g, cuts));
		out(g,
		    PICK(g,
		        ((const char *const[]){
		            "a", "*a", "a*", "?", "[a-m]", "*.", "o*", "'*'" })));
		break;
	case 3:
		out(g, "#");
		name(g);
		break;
	case 4:
		name(g);
		out(g, PICK(g, ((const char *const[]){ "/", "//", "/#", "/%" })));
		out(g, PICK(g, ((const char *const[]){ "a", "?", "o", "[ab]", "*" })));
		out(g, "/");
		out(g, PICK(g, letters));
		break;
	case 5:
		name(g);
		out(g, ":");
		number(g);
		if (one_in(g, 2)) {
			out(g, ":");
			number(g);
		}
		break;
	case 6:
		out(g, PICK(g, arrays));
		out(g,
		    PICK(g,
		        ((const char *const[]){
		            "[@]", "[0]", "[1]", "[*]", "[n]", "", "[-1]", "[@]:1", "[@]%a" })));
		break;
	case 7:
		out(g, "#");
		out(g, PICK(g, arrays));
		out(g, "[@]");
		break;
	default:
		if (g->shell == SHELL_ZSH) {
			name(g);
			break;
		}
		switch (below(g, 3)) {
		case 0:
			out(g, "!");
			name(g);
			break;
		case 1:
			name(g);
			out(g,
			    PICK(g,
			        ((const char *const[]){ "^", "^^", ",", ",,", "@Q", "@U", "@P" })));
			break;
		default:
			out(g, "!");
			out(g, PICK(g, arrays));
			out(g, "[@]");
			break;
		}
	}
	out(g, "}");
}

static void
expansion(struct gen *g)
{
	switch (below(g, 11)) {
	case 0:
	case 1:
	case 2:
		out(g, "$");
		name(g);
		break;
	case 3:
	case 4:
		operator_word(g);
		break;
	case 5:
		substitution(g, one_in(g, 6));
		break;
	case 6:
		out(g, "$((");
		arith(g);
		out(g, "))");
		break;
	case 7:
		out(g,
		    PICK(g,
		        ((const char *const[]){ "$1", "$2", "$@", "$*", "$#", "${@:2}", "$?" })));
		break;
	case 8:
		if (arrays_here(g)) {
			out(g, "${");
			out(g, PICK(g, arrays));
			out(g, PICK(g, ((const char *const[]){ "[@]}", "[*]}", "[1]}", "}" })));
			break;
		}
		/* FALLTHROUGH */
	default:
		out(g, "${");
		name(g);
		out(g, "}");
		break;
	}
}

static void
dquoted(struct gen *g)
{
	unsigned n = 1 + below(g, 3);

	out(g, "\"");
	for (unsigned i = 0; i < n; i++)
		switch (below(g, 5)) {
		case 0:
			out(g, PICK(g, letters));
			break;
		case 1:
			out(g,
			    PICK(g,
			        ((const char *const[]){
			            " ", "\\\"", "\\$x", "*", "'", "~", "{a,b}", "\\\\" })));
			break;
		default:
			expansion(g);
			break;
		}
	out(g, "\"");
}

static void
piece(struct gen *g)
{
	switch (below(g, 12)) {
	case 0:
		out(g,
		    PICK(g,
		        ((const char *const[]){
		            "'a b'", "'$x'", "''", "'*'", "'\"'", "'a'\\''b'" })));
		break;
	case 1:
	case 2:
		dquoted(g);
		break;
	case 3:
	case 4:
		expansion(g);
		break;
	case 5:
		out(g,
		    PICK(
		        g, ((const char *const[]){ "\\a", "\\*", "\\ ", "\\$", "a\\\nb", "\\~" })));
		break;
	case 6:
		if (g->shell != SHELL_SH)
			out(g,
			    PICK(g,
			        ((const char *const[]){ "$'a\\tb'", "$'\\x61'", "$'\\'q'", "{a,b}",
			            "{1..3}", "{a,b}{c,}", "x{,y}", "{a}", "{x,\"$x\"}", "{b..d}",
			            "{,}" })));
		else
			out(g, "$");
		break;
	case 7:
		out(g, PICK(g, patterns));
		break;
	case 8:
		out(g, PICK(g, ((const char *const[]){ "~", "~/q", "$HOME", "a=~", "\"~\"" })));
		break;
	default:
		out(g, PICK(g, letters));
		break;
	}
}

static void
word(struct gen *g)
{
	if (++g->depth > 6) {
		out(g, "deep");
		g->depth--;
		return;
	}
	do
		piece(g);
	while (one_in(g, 3));
	g->depth--;
}

static void
words(struct gen *g, unsigned most)
{
	for (unsigned n = below(g, most + 1); n > 0; n--) {
		out(g, " ");
		word(g);
	}
}

/* ---- simple commands ---- */

static void
mark(struct gen *g)
{
	static const char *const how[] = { "mark", "mark", "mark", "go", "m\"a\"rk", "'mark'",
		"\\mark", "ma\\\nrk", "$'mark'" };

	out(g, g->shell == SHELL_SH ? how[below(g, 8)] : PICK(g, how));
	buf_printf(&g->b, " %u", ++g->marks);
	words(g, 3);
}

static void
redirection(struct gen *g)
{
	switch (below(g, 9)) {
	case 0:
		out(g, " > f1");
		break;
	case 1:
		out(g, " >> \"$x\"f");
		break;
	case 2:
		out(g, " 2>&1");
		break;
	case 3:
		out(g, " < a.ts");
		break;
	case 4:
		out(g, " 2> /dev/null");
		break;
	case 5:
		out(g, " >&2");
		break;
	case 6:
		if (g->shell != SHELL_SH) {
			out(g, " <<< ");
			word(g);
		}
		break;
	case 7:
		if (g->shell != SHELL_SH)
			out(g,
			    PICK(g,
			        ((const char *const[]){
			            " &> f2", " {fd}> f3", " < <(say in)", " > >(say out)" })));
		break;
	default:
		if (g->nested)
			break;
		buf_printf(&g->b, " <<%sE%u%s", one_in(g, 3) ? "-" : "", ++g->heredocs,
		    one_in(g, 3) ? "" : "");
		buf_printf(&g->after, "text $x $(say %u)\nE%u\n", g->heredocs, g->heredocs);
		break;
	}
}

static void
assignment(struct gen *g)
{
	if (arrays_here(g) && one_in(g, 4)) {
		out(g, PICK(g, arrays));
		if (one_in(g, 4)) {
			out(g, PICK(g, ((const char *const[]){ "[0]=", "[1]=", "[n]=", "[0]+=" })));
			word(g);
			return;
		}
		out(g, one_in(g, 3) ? "+=(" : "=(");
		words(g, 3);
		out(g, ")");
		return;
	}
	name(g);
	out(g, g->shell != SHELL_SH && one_in(g, 5) ? "+=" : "=");
	if (!one_in(g, 8))
		word(g);
}

static void
directory(struct gen *g)
{
	static const char *const dirs[] = { "d1", "d2", "..", "./d1", "nope", "\"$x\"", "-", "$x",
		"d1/../d2", "~", "$PWD/d1", "." };

	out(g, "cd ");
	out(g, PICK(g, dirs));
}

static void
stack(struct gen *g)
{
	if (g->shell == SHELL_SH)
		directory(g);
	else
		out(g,
		    PICK(g,
		        ((const char *const[]){
		            "pushd d1", "pushd d2", "popd", "pushd", "popd", "pushd +1" })));
}

static void
declaration(struct gen *g)
{
	static const char *const bash[] = { "export ", "export ", "readonly q", "declare ",
		"declare -x ", "declare -u ", "declare -i n; export ", "typeset ", "export -n " };

	if (g->shell == SHELL_SH)
		out(g, "export ");
	else if (g->shell == SHELL_ZSH)
		out(g,
		    PICK(g,
		        ((const char *const[]){
		            "export ", "typeset ", "typeset -x ", "export " })));
	else if (g->calls > 0 && one_in(g, 2))
		out(g, "local ");
	else
		out(g, PICK(g, bash));
	name(g);
	if (!one_in(g, 4)) {
		out(g, "=");
		word(g);
	}
}

static void
setting(struct gen *g)
{
	static const char *const all[] = { "set -f", "set +f", "set -e", "set +e", "set -u",
		"set -a", "IFS=:", "IFS=' '", "unset IFS", "unset x", "set -x", "shift", "set --",
		"unset -f f1", "unset X1" };
	static const char *const bash[] = { "shopt -s nullglob", "shopt -s dotglob",
		"shopt -s lastpipe", "shopt -s extglob", "shopt -u nullglob", "set -o pipefail",
		"shopt -s globstar", "shopt -s nocasematch", "shopt -s expand_aliases",
		"IFS=,; r=(a,b c)", "set -o posix", "shopt -s failglob", "enable -n echo" };

	if (g->shell == SHELL_BASH && one_in(g, 2))
		out(g, PICK(g, bash));
	else if (one_in(g, 3)) {
		out(g, "set -- ");
		words(g, 3);
	} else
		out(g, PICK(g, all));
}

static void
reading(struct gen *g)
{
	static const char *const how[] = { "read x", "read -r x y", "IFS=: read x y", "read x z" };

	if (g->shell == SHELL_SH) {
		out(g, PICK(g, how));
		out(g, " < a.ts");
		return;
	}
	switch (below(g, 4)) {
	case 0:
		out(g, PICK(g, how));
		out(g, " <<< ");
		word(g);
		break;
	case 1:
		out(g, "printf -v ");
		name(g);
		out(g, " '%s-' ");
		word(g);
		break;
	case 2:
		out(g, g->shell == SHELL_BASH ? "mapfile -t r <<< " : "read x <<< ");
		word(g);
		break;
	default:
		out(g, "say one two | ");
		out(g, PICK(g, how));
		break;
	}
}

static void
quoted_text(struct gen *g, const char *before)
{
	struct buf was = g->b;
	bool nested = g->nested;
	struct str text;

	buf_init(&g->b, g->a);
	g->nested = true;
	list(g, 2);
	text = buf_str(&g->b);
	g->b = was;
	g->nested = nested;
	out(g, before);
	buf_add(&g->b, shell_quote(g->a, text));
}

/* Text for a shell of its own: on the line, or on its standard input. */
static void
other_shell(struct gen *g)
{
	static const struct {
		const char *call;
		enum shell_kind shell;
	} shells[] = { { "bash", SHELL_BASH }, { "sh", SHELL_SH }, { "dash", SHELL_SH },
		{ "zsh -f", SHELL_ZSH }, { "bash -f", SHELL_BASH }, { "zsh -fy", SHELL_ZSH },
		{ "bash -e", SHELL_BASH }, { "bash -O nullglob", SHELL_BASH },
		{ "sh -u", SHELL_SH }, { "zsh -f -o ksharrays", SHELL_ZSH } };
	unsigned which = below(g, one_in(g, 2) ? 4 : sizeof shells / sizeof shells[0]);
	unsigned loops = g->loops, calls = g->calls;
	enum shell_kind shell = g->shell;

	if (shells[which].shell == SHELL_ZSH && !oracle_has(SHELL_ZSH))
		which = 0;
	g->loops = g->calls = 0;
	g->shell = shells[which].shell;
	if (one_in(g, 8)) {
		quoted_text(g, "echo ");
		buf_printf(&g->b, " | %s", shells[which].call);
	} else if (shell != SHELL_SH && one_in(g, 8)) {
		buf_printf(&g->b, "%s -s a", shells[which].call);
		quoted_text(g, " <<< ");
	} else {
		buf_printf(&g->b, "%s -c", shells[which].call);
		quoted_text(g, " ");
		g->shell = shell;
		if (one_in(g, 3))
			words(g, 3);
	}
	g->shell = shell;
	g->loops = loops;
	g->calls = calls;
}

/* One of gen_zsh.c's texts, its holes filled. */
static void
zsh_form(struct gen *g)
{
	bool nested = g->nested;

	g->nested = true;
	for (const char *c = oracle_zsh_forms[below(g, oracle_nzsh_forms)]; *c != '\0'; c++) {
		if (*c != '%') {
			buf_putc(&g->b, *c);
			continue;
		}
		switch (*++c) {
		case 'u':
			buf_printf(&g->b, "%u", ++g->marks);
			break;
		case 'v':
			name(g);
			break;
		case 'a':
			out(g, PICK(g, arrays));
			break;
		case 'w':
			word(g);
			break;
		case 'i':
			out(g, oracle_zsh_subscripts[below(g, oracle_nzsh_subscripts)]);
			break;
		case 'm':
			out(g, oracle_zsh_modifiers[below(g, oracle_nzsh_modifiers)]);
			break;
		case 'f':
			out(g, oracle_zsh_flags[below(g, oracle_nzsh_flags)]);
			break;
		case 'l':
			list(g, 2);
			break;
		default:
			buf_putc(&g->b, '%');
			c -= *c != '%';
			break;
		}
	}
	g->nested = nested;
}

/* What one of the shells has and is seldom written. %u: a number for a mark. */
static void
curious(struct gen *g)
{
	static const char *const bash[] = { "coproc mark %u; wait", "time mark %u",
		"[[ -v r[$(mark %u)] ]]", "y='r[$(mark %u)]'; ((y))", ": ${z:=$(mark %u)}",
		"mark %u {fd}>f3", "declare -n q=x; q=\"m $z\"; mark %u $x", "trap - EXIT; mark %u",
		"mark %u & wait", "mapfile -t r < a.ts; mark %u \"${r[@]}\"",
		"IFS= read -r x <<< \"$y\"; mark %u $x", "x='$(mark %u)'; : \"${x@P}\"",
		"hash -p ${PATH%%bin}alt/mark mark; mark %u; hash -r",
		"PS4='$(mark %u)'; set -x; ok", "printf -v x %%s \"$y\"; mark %u $x",
		"exec 3>f2; mark %u >&3", "mark %u $((r[0]+1))",
		"r[2]=b; mark %u ${!r[@]} ${#r[*]}", "declare -A q=([k]=$x); mark %u ${q[k]}",
		"x=mark; \"$x\" %u", "set -- \"$@\" w; mark %u $#",
		"f1() { mark $1 $x; }; x=l f1 %u", "getopts ab x -a; mark %u $x", "mark %u !(a*)",
		"mark %u $\"a$x\"", "case $- in *f*) mark %u;; esac",
		"mark %u \"${x/#/p}\" ${y//[^a]/-}", "let 'n=2**3'; mark %u $n",
		"export -f f1; mark %u", "command -v mark && mark %u",
		"mark %u \"${@:1:1}\" ${*:2}" };
	static const char *const zsh[] = { "repeat 2 mark %u", "noglob mark %u *", "mark %u *(.)",
		"mark %u *(/)", "() { mark %u $1 } a", "{ no } always { mark %u }", "mark %u =mark",
		"x='a b'; mark %u ${=x}", "mark %u ${(U)x}", "setopt shwordsplit; mark %u $x",
		"for x y in a b c; do mark %u $x$y; done", "mark %u $x[1] ${x[-1]}",
		"if [[ -n $x ]] { mark %u }", "mark %u ${(s:a:)x}", "r=(a b); mark %u $r[2] $#r",
		"mark %u ${x:-{a,b}}", "x=(*.ts(N)); mark %u $x", "mark %u ${x:u}",
		"mark %u ${x:h}", "- mark %u", "mark %u <->", "mark %u ${~x}", "=mark %u",
		"mark %u ${^r}z", "setopt nullglob; mark %u nope*",
		"typeset -A q=(k $x); mark %u $q[k]", "mark %u $+x",
		"print -r $x | read y; mark %u $y", "integer n=1+1; mark %u $n",
		"mark %u ${x//a/b}" };
	static const char *const sh[] = { "mark %u &", "mark %u ${x%%a*}", "mark %u \"$@\"",
		"readonly z=q; mark %u $z", "command -v mark && mark %u", "exec 3>f2; mark %u >&3",
		"eval \"mark %u $x\"", "x=mark; $x %u", "getopts ab x -a; mark %u $x",
		"case $- in *f*) mark %u;; esac", "mark %u $((n=3)) $n", "set -- $x; mark %u $#",
		"mark %u $(($n+1))", "read x y < a.ts; mark %u $y", "unset x; mark %u ${x-d}" };
	const char *how = g->shell == SHELL_BASH ? PICK(g, bash)
	    : g->shell == SHELL_ZSH              ? PICK(g, zsh)
	                                         : PICK(g, sh);
	const char *at = strstr(how, "%u");

	if (g->shell == SHELL_ZSH && one_in(g, 2)) {
		zsh_form(g);
		return;
	}
	for (const char *c = how; *c != '\0'; c++) {
		if (c == at) {
			buf_printf(&g->b, "%u", ++g->marks);
			c++;
			continue;
		}
		c += c[0] == '%' && c[1] == '%';
		buf_putc(&g->b, *c);
	}
}

static void
running(struct gen *g)
{
	switch (below(g, 14)) {
	case 10:
	case 11:
		other_shell(g);
		break;
	case 12:
	case 13:
		curious(g);
		break;
	case 0:
	case 1:
		quoted_text(g, "eval ");
		break;
	case 2:
		out(g, "command ");
		mark(g);
		break;
	case 3:
		out(g, g->shell == SHELL_SH ? "command " : "builtin ");
		directory(g);
		break;
	case 4:
		quoted_text(g, "trap -- ");
		out(g, PICK(g, ((const char *const[]){ " EXIT", " EXIT", " 0", " USR1" })));
		if (g->shell == SHELL_BASH && one_in(g, 3))
			out(g, " DEBUG");
		break;
	case 5:
		out(g, "x=mark; $x");
		words(g, 2);
		break;
	case 6:
		out(g, "x=\"mark y\"; $x ");
		word(g);
		break;
	case 7:
		if (g->shell != SHELL_SH && one_in(g, 2)) {
			out(g, "source <(echo ");
			quoted_text(g, "");
			out(g, ")");
		} else
			quoted_text(g, "y=$x; eval ");
		break;
	case 8:
		if (g->nested || g->loops > 0 || !one_in(g, 3))
			mark(g);
		else {
			out(g, g->shell == SHELL_SH ? "exec " : "exec -a other ");
			mark(g);
		}
		break;
	default:
		out(g,
		    PICK(g,
		        ((const char *const[]){ "hash -r; ", "type mark; ",
		            "PATH=${PATH%bin}alt:$PATH ", "X2=q ", "X1= X2=$x " })));
		mark(g);
		break;
	}
}

static void
leaving(struct gen *g)
{
	if (g->loops > 0 && one_in(g, 2))
		out(g,
		    PICK(g,
		        ((const char *const[]){ "break", "continue", "break 2", "continue 2" })));
	else if (g->calls > 0)
		out(g, PICK(g, ((const char *const[]){ "return", "return 1", "return 0" })));
	else
		out(g,
		    PICK(
		        g, ((const char *const[]){ "exit", "exit 1", "exit 0", "ok", "no", ":" })));
}

static void
testing(struct gen *g)
{
	switch (below(g, g->shell == SHELL_SH ? 3 : 6)) {
	case 0:
		out(g, "[ ");
		dquoted(g);
		out(g, PICK(g, ((const char *const[]){ " = a ]", " != a ]", " = \"$x\" ]" })));
		break;
	case 1:
		out(g,
		    PICK(g,
		        ((const char *const[]){ "[ -n \"$x\" ]", "[ -z \"$y\" ]", "test -d d1",
		            "[ -f nope ]", "[ x ]", "[ ]" })));
		break;
	case 2:
		out(g, PICK(g, ((const char *const[]){ "true", "false", "ok", "no", ":" })));
		break;
	case 3:
		out(g, "[[ ");
		dquoted(g);
		out(g,
		    PICK(g,
		        ((const char *const[]){
		            " == a* ]]", " == $x ]]", " != ?? ]]", " =~ ^a ]]", " < b ]]" })));
		break;
	case 4:
		out(g, "((");
		arith(g);
		out(g, "))");
		break;
	default:
		out(g,
		    PICK(g,
		        ((const char *const[]){ "[[ -n $x && -z $y ]]", "[[ -v x ]]",
		            "[[ ! -d d1 || $x ]]", "let n=1+1", "[[ $# -gt 1 ]]",
		            "[[ n -eq 0 ]]" })));
		break;
	}
}

static void
simple(struct gen *g)
{
	if (g->shell == SHELL_ZSH && one_in(g, 5)) {
		zsh_form(g);
		return;
	}
	switch (below(g, 20)) {
	case 0:
	case 1:
	case 2:
		assignment(g);
		break;
	case 3:
		directory(g);
		break;
	case 4:
		stack(g);
		break;
	case 5:
		declaration(g);
		break;
	case 6:
		setting(g);
		break;
	case 7:
		reading(g);
		break;
	case 8:
	case 9:
		running(g);
		break;
	case 10:
		testing(g);
		break;
	case 11:
		if (one_in(g, 2))
			leaving(g);
		else
			testing(g);
		break;
	case 12:
		out(g, PICK(g, ((const char *const[]){ "f1", "f2" })));
		words(g, 2);
		break;
	default:
		mark(g);
		break;
	}
	if (one_in(g, 6))
		redirection(g);
}

/* ---- compound commands ---- */

static void
newline(struct gen *g)
{
	if (g->nested) {
		out(g, "; ");
		return;
	}
	out(g, "\n");
	buf_add(&g->b, buf_str(&g->after));
	g->after.n = 0;
}

static void
body(struct gen *g)
{
	g->loops++;
	list(g, 3);
	g->loops--;
}

static void
loop(struct gen *g)
{
	switch (below(g, g->shell == SHELL_SH ? 5 : 7)) {
	case 0:
	case 1:
		out(g, "for ");
		name(g);
		out(g, " in");
		words(g, 3);
		out(g, "; do ");
		body(g);
		out(g, "; done");
		break;
	case 2:
		out(g, "for x; do ");
		body(g);
		out(g, "; done");
		break;
	case 3:
		out(g, PICK(g, ((const char *const[]){ "while ", "until " })));
		testing(g);
		out(g, "; do ");
		body(g);
		out(g, "; break; done");
		break;
	case 4:
		out(g, "say a b | while read x; do ");
		body(g);
		out(g, "; done");
		break;
	case 5:
		out(g, "for ((n=0;n<2;n++)); do ");
		body(g);
		out(g, "; done");
		break;
	default:
		out(g, "n=0; while ((n++<2)); do ");
		body(g);
		out(g, "; done");
		break;
	}
}

static void
choice(struct gen *g)
{
	if (one_in(g, 2)) {
		out(g, "if ");
		command(g);
		out(g, "; then ");
		list(g, 2);
		if (one_in(g, 3)) {
			out(g, "; elif ");
			testing(g);
			out(g, "; then ");
			list(g, 2);
		}
		if (one_in(g, 2)) {
			out(g, "; else ");
			list(g, 2);
		}
		out(g, "; fi");
		return;
	}
	out(g, "case ");
	word(g);
	out(g, " in ");
	out(g, PICK(g, ((const char *const[]){ "a", "a|b", "\"$x\"", "$x*", "?", "[a-f]*" })));
	out(g, ") ");
	list(g, 2);
	out(g,
	    g->shell == SHELL_BASH ? PICK(g, ((const char *const[]){ ";; ", ";; ", ";& ", ";;& " }))
	                           : ";; ");
	out(g, "*) ");
	list(g, 2);
	out(g, ";; esac");
}

static void
function(struct gen *g)
{
	unsigned loops = g->loops;

	g->loops = 0;
	g->calls++;
	out(g, PICK(g, ((const char *const[]){ "f1", "f2" })));
	out(g, one_in(g, 3) ? "() ( " : "() { ");
	list(g, 3);
	g->calls--;
	g->loops = loops;
	out(g, g->b.n > 0 && 0 ? "" : "");
}

static void
define(struct gen *g)
{
	size_t from = g->b.n;
	bool paren;

	function(g);
	paren = str_find(str_sub(buf_str(&g->b), from, 6), STR("( ")) != STR_NPOS;
	out(g, paren ? "; )" : "; }");
}

static void
compound(struct gen *g)
{
	switch (below(g, 9)) {
	case 0:
		out(g, "( ");
		list(g, 3);
		out(g, " )");
		break;
	case 1:
		out(g, "{ ");
		list(g, 3);
		out(g, "; }");
		break;
	case 2:
	case 3:
		loop(g);
		break;
	case 4:
	case 5:
		choice(g);
		break;
	case 6:
		define(g);
		break;
	case 7:
		out(g, "! ");
		simple(g);
		return;
	default:
		out(g, "! { ");
		list(g, 2);
		out(g, "; }");
		break;
	}
	if (one_in(g, 8))
		redirection(g);
}

static void
command(struct gen *g)
{
	if (g->budget-- <= 0 || ++g->depth > 8) {
		out(g, "ok");
		return;
	}
	switch (below(g, 8)) {
	case 0:
	case 1:
		compound(g);
		break;
	case 2:
		simple(g);
		out(g, " | ");
		if (one_in(g, 3))
			compound(g);
		else
			simple(g);
		break;
	default:
		simple(g);
		break;
	}
	g->depth--;
}

static void
list(struct gen *g, unsigned most)
{
	unsigned n = 1 + below(g, most);

	for (unsigned i = 0; i < n; i++) {
		if (i > 0)
			switch (below(g, 7)) {
			case 0:
			case 1:
				out(g, " && ");
				break;
			case 2:
				out(g, " || ");
				break;
			case 3:
				newline(g);
				break;
			default:
				out(g, "; ");
				break;
			}
		command(g);
	}
}

struct str
oracle_generate(struct arena *a, enum shell_kind shell, uint64_t seed)
{
	struct gen g = { .a = a, .shell = shell, .state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1 };
	unsigned lines;

	buf_init(&g.b, a);
	buf_init(&g.after, a);
	for (int i = 0; i < 4; i++)
		rnd(&g);
	g.budget = 3 + (int)below(&g, 12);
	lines = 1 + below(&g, 3);
	for (unsigned i = 0; i < lines; i++) {
		list(&g, 3);
		g.nested = false;
		newline(&g);
	}
	if (one_in(&g, 2)) {
		mark(&g);
		newline(&g);
	}
	return buf_str(&g.b);
}
