/* SPDX-License-Identifier: ISC */
/*
 * builtin_print.c: echo, printf, print: what they print, as far as their
 * arguments and the escapes in them tell; and printf -v.
 */
#include "shell/builtin.h"

#include <string.h>

static struct word
text_word(struct shell *sh, const char *s)
{
	return word_text(sh->a, str_of(s));
}

/* An argument as printed: "any words" is any text. */
static struct word
printed(struct shell *sh, struct word w)
{
	struct word r = { 0 };

	if (!word_has_words(w))
		return w;
	for (size_t i = 0; i < w.n; i++) {
		struct piece *p = NEW(sh->a, struct piece);

		*p = w.v[i];
		if (p->kind == PIECE_WORDS)
			*p = (struct piece){ PIECE_CHARS, p->text, NULL, 0, PIECE_NOMAX };
		r = word_cat(sh->a, r, (struct word){ p, 1, { 0 } });
	}
	return r;
}

/* Arguments joined by blanks. Any words at an end may take the blank along. */
static struct word
joined(struct shell *sh, struct words argv)
{
	struct word r = { 0 };
	bool loose = false;

	for (size_t i = 0; i < argv.n; i++) {
		bool alone = argv.v[i].n == 1 && argv.v[i].v[0].kind == PIECE_WORDS;

		if (i > 0 && !alone && !loose)
			r = word_cat(sh->a, r, text_word(sh, " "));
		r = word_cat(sh->a, r, printed(sh, argv.v[i]));
		loose = alone;
	}
	return r;
}

enum escapes {
	ESC_HEX = 1 << 0, /* \xHH: not in sh */
	ESC_ZERO = 1 << 1 /* \0NNN (echo, %b), else \NNN (a format) */
};

/* At the first character of \x41, \101 or \0101: the character, and i at the
 * last of it. False: not followed. */
static bool
numbered(struct str s, size_t *i, unsigned how, char *c)
{
	bool hex = s.p[*i] == 'x';
	size_t at = *i, most = hex ? 2 : 3;
	unsigned v = 0, base = hex ? 16 : 8;

	if (hex ? (how & ESC_HEX) == 0 : (how & ESC_ZERO) != 0 && s.p[at] != '0')
		return false;
	if (hex || (how & ESC_ZERO) != 0)
		at++;
	for (; most > 0 && at < s.n; most--, at++) {
		char d = s.p[at];
		unsigned n = d >= '0' && d <= '9'            ? (unsigned)(d - '0')
		    : (d | 0x20) >= 'a' && (d | 0x20) <= 'f' ? (unsigned)((d | 0x20) - 'a') + 10
		                                             : 99;

		if (n >= base)
			break;
		v = v * base + n;
	}
	*i = at - 1;
	*c = (char)v;
	return v > 0 && v < 0x100;
}

/* The escapes that shells read alike; false: another one. */
static bool
unescape(struct shell *sh, struct str s, unsigned how, struct str *out)
{
	static const char from[] = "abfnrtv\\", to[] = "\a\b\f\n\r\t\v\\";
	struct buf b;

	buf_init(&b, sh->a);
	for (size_t i = 0; i < s.n; i++) {
		const char *e;
		char c;

		if (s.p[i] != '\\') {
			buf_putc(&b, s.p[i]);
			continue;
		}
		if (++i < s.n && (s.p[i] == 'x' || (s.p[i] >= '0' && s.p[i] <= '7'))) {
			if (!numbered(s, &i, how, &c))
				return false;
			buf_putc(&b, c);
			continue;
		}
		if (i == s.n || (e = strchr(from, s.p[i])) == NULL || *e == '\0')
			return false;
		buf_putc(&b, to[e - from]);
	}
	*out = buf_str(&b);
	return true;
}

static bool
has_backslash(struct word w)
{
	for (size_t i = 0; i < w.n; i++)
		if (w.v[i].kind != PIECE_TEXT || str_chr(w.v[i].text, '\\') != STR_NPOS)
			return true;
	return false;
}

void
eval__do_echo(struct shell *sh, struct shell_state *st, struct call *call)
{
	bool newline = true, escapes = st->kind != SHELL_BASH;
	struct words argv = call->c.argv;
	struct word w;
	struct str text;
	size_t i;

	for (i = 1; i < argv.n; i++) {
		if (!word_known(sh->a, argv.v[i], &text)) {
			struct str head = word_prefix(argv.v[i]);

			if (head.n > 0 && head.p[0] != '-')
				break;
			eval__print(sh, call, NULL);
			return;
		}
		if (st->kind == SHELL_ZSH && str_is(text, "-")) {
			i++;
			break;
		}
		if (text.n < 2 || text.p[0] != '-' ||
		    strspn(str_c(sh->a, text) + 1, "neE") != text.n - 1 ||
		    (st->kind == SHELL_SH && (i > 1 || !str_is(text, "-n"))))
			break;
		for (size_t k = 1; k < text.n; k++) {
			newline &= text.p[k] != 'n';
			escapes = text.p[k] == 'e' || (escapes && text.p[k] != 'E');
		}
	}
	w = joined(sh, (struct words){ argv.v + i, argv.n - i });
	if (escapes && has_backslash(w)) {
		if (!word_known(sh->a, w, &text) ||
		    !unescape(sh, text, ESC_ZERO | (st->kind == SHELL_SH ? 0 : ESC_HEX), &text)) {
			eval__print(sh, call, NULL);
			return;
		}
		w = word_text(sh->a, text);
	}
	if (newline)
		w = word_cat(sh->a, w, text_word(sh, "\n"));
	eval__print(sh, call, &w);
}

/* ---- printf ---- */

struct format {
	struct shell *sh;
	struct words args;
	size_t next;
	struct word out;
	enum shell_kind shell;
	bool failed; /* a conversion that is not followed */
};

static void
put(struct format *f, struct word w)
{
	f->out = word_cat(f->sh->a, f->out, w);
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == '.' || c == '/' || c == '-';
}

/* bash's printf %q of text that needs no more than backslashes before blanks. */
static bool
quoted(struct format *f, struct str text)
{
	struct buf b;

	buf_init(&b, f->sh->a);
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c == ' ')
			buf_putc(&b, '\\');
		else if (!is_plain(c))
			return false;
		buf_putc(&b, c);
	}
	put(f, word_text(f->sh->a, buf_str(&b)));
	return text.n > 0;
}

static unsigned
escapes_of(const struct format *f)
{
	return f->shell == SHELL_SH ? 0 : ESC_HEX;
}

static void
conversion(struct format *f, char c)
{
	struct word w = { 0 };
	bool have = f->next < f->args.n;
	struct str text;
	long long n;

	if (c == '%') {
		put(f, text_word(f->sh, "%"));
		return;
	}
	if (have)
		w = f->args.v[f->next++];
	if (c == 's') {
		put(f, w);
	} else if (c == 'd' || c == 'i') {
		if (!have)
			put(f, text_word(f->sh, "0"));
		else if (word_known(f->sh->a, w, &text) && eval__integer(text, &n) &&
		    !(text.n > 1 && (text.p[0] == '0' || text.p[0] == '+')))
			put(f, text_word(f->sh, str_c(f->sh->a, str_printf(f->sh->a, "%lld", n))));
		else
			f->failed = true;
	} else if (c == 'b' && word_known(f->sh->a, w, &text) &&
	    unescape(f->sh, text, ESC_ZERO | escapes_of(f), &text)) {
		put(f, word_text(f->sh->a, text));
	} else if (c != 'q' || f->shell != SHELL_BASH || !word_known(f->sh->a, w, &text) ||
	    !quoted(f, text))
		f->failed = true;
}

/* Once through the format. */
static void
format_once(struct format *f, struct str s)
{
	for (size_t i = 0; i < s.n && !f->failed; i++) {
		size_t end = i;
		struct str text;

		while (end < s.n && s.p[end] != '%' && s.p[end] != '\\')
			end++;
		if (end > i) {
			put(f, word_text(f->sh->a, str_sub(s, i, end - i)));
			i = end - 1;
		} else if (s.p[i] == '%') {
			if (++i < s.n)
				conversion(f, s.p[i]);
			else
				f->failed = true;
		} else {
			end = i + 2;
			while (end < s.n && end < i + 4 && s.p[end] != '%' && s.p[end] != '\\')
				end++;
			f->failed |= !unescape(f->sh, str_sub(s, i, end - i), escapes_of(f), &text);
			if (!f->failed)
				put(f, word_text(f->sh->a, text));
			i = end - 1;
		}
	}
}

/* What printf prints; false: not known. */
static bool
format(struct shell *sh, enum shell_kind shell, struct words argv, struct word *out)
{
	struct format f = { .sh = sh, .shell = shell };
	struct str s;

	if (argv.n == 0 || !word_known(sh->a, argv.v[0], &s))
		return false;
	f.args = (struct words){ argv.v + 1, argv.n - 1 };
	for (size_t i = 0; i < f.args.n; i++)
		if (word_has_words(f.args.v[i]))
			return false;
	do {
		size_t before = f.next;

		format_once(&f, s);
		if (f.next == before)
			break;
	} while (f.next < f.args.n && !f.failed && f.out.n < LIMIT_EXPANSION);
	*out = f.out;
	return !f.failed && f.out.n < LIMIT_EXPANSION;
}

/* zsh evaluates what goes to %d as arithmetic. */
static void
zsh_numbers(struct shell *sh, struct shell_state *st, struct call *call, struct words argv)
{
	struct choices ch;
	struct xp xp;
	struct str s;
	long long v;

	if (st->kind != SHELL_ZSH || argv.n == 0)
		return;
	if (word_known(sh->a, argv.v[0], &s)) {
		size_t at = 0;

		while (at < s.n && strchr("diouxXfeEgGc*", s.p[at]) == NULL)
			at++;
		if (at == s.n)
			return;
	}
	eval__call_xp(&xp, sh, st, call, &ch);
	for (size_t i = 1; i < argv.n; i++) {
		/* text that cannot be a number is an error, not code */
		if (word_known(sh->a, argv.v[i], &s) && str_chr(s, '[') == STR_NPOS &&
		    str_chr(s, '(') == STR_NPOS)
			continue;
		if (eval__arith(&xp, argv.v[i], &v) == ARITH_OPAQUE)
			eval__opaque(sh, st, call, argv.v[i], "printf evaluates it as arithmetic");
	}
}

void
eval__do_printf(struct shell *sh, struct shell_state *st, struct call *call)
{
	struct words argv = call->c.argv;
	struct word out, name = { 0 };
	struct str text, var;
	bool known, dash;
	size_t i = 1;

	if (i + 1 < argv.n && st->kind != SHELL_SH && word_is(argv.v[i], "-v")) {
		name = argv.v[i + 1];
		i += 2;
	} else if (i < argv.n && word_known(sh->a, argv.v[i], &text) &&
	    str_starts(text, STR("-v")) && text.n > 2 && st->kind != SHELL_SH) {
		if (st->kind == SHELL_ZSH) { /* to zsh no name */
			shell_forget_var(sh, st, str_sub(text, 2, text.n));
			eval__print(sh, call, NULL);
			return;
		}
		name = word_text(sh->a, str_sub(text, 2, text.n));
		i++;
	} else if (i < argv.n && !word_known(sh->a, argv.v[i], &text) &&
	    (word_prefix(argv.v[i]).n == 0 || word_prefix(argv.v[i]).p[0] == '-') && argv.n > i + 1 &&
	    st->kind != SHELL_SH) {
		/* `printf "$x" y`: it may be -v */
		eval__opaque(sh, st, call, argv.v[i], "it may name a variable that is assigned");
		eval__assign_unknown(sh, st, STR("printf with a format that is not known"));
		eval__print(sh, call, NULL);
		return;
	}
	dash = i < argv.n && word_prefix(argv.v[i]).n > 0 && word_prefix(argv.v[i]).p[0] == '-';
	if (i < argv.n && word_is(argv.v[i], "--")) {
		dash = false;
		i++;
	}
	argv = (struct words){ argv.v + i, argv.n - i };
	zsh_numbers(sh, st, call, argv);
	known = format(sh, st->kind, argv, &out) && !dash; /* an option that there is not */
	if (i == 1 || name.n == 0) {
		eval__print(sh, call, known ? &out : NULL);
		return;
	}
	if (eval__arg_name(sh, st, call, name, &var)) {
		struct choices ch;
		struct xp xp;

		eval__call_xp(&xp, sh, st, call, &ch);
		eval__assign_checked(&xp, var,
		    eval__value_word(known ? out : word_any(sh->a, call->c.typed)), call->c.typed);
	}
}

/* zsh's print: -r text is known; -z -s -p -u go elsewhere; -v assigns. */
void
eval__do_print(struct shell *sh, struct shell_state *st, struct call *call)
{
	bool raw = false, newline = true, known = true, prompt = false;
	struct word w;
	struct opts o;
	struct str name, text;
	char c;

	eval__opts_init(&o, sh, st, call);
	while ((c = eval__opts_next(&o, "Cfuvx", false)) != '\0') {
		raw |= c == 'r';
		newline &= c != 'n';
		prompt |= c == 'P';
		known &= strchr("rn", c) != NULL;
		if (c == 'v' && eval__arg_name(sh, st, call, o.value, &name))
			eval__assign_any(sh, st, name);
		if (c == 'f')
			zsh_numbers(
			    sh, st, call, (struct words){ o.argv.v + o.i - 1, o.argv.n - o.i + 1 });
	}
	if (o.unknown && o.i + 2 < o.argv.n && word_known(sh->a, o.argv.v[o.i + 1], &text) &&
	    (str_starts(text, STR("-")) || eval__is_name(text))) { /* $x may be -v, or no word at all */
		eval__opaque(sh, st, call, o.argv.v[o.i], "it may name a variable that is assigned");
		eval__assign_unknown(sh, st, STR("print with an argument that is not known"));
	}
	w = joined(sh, (struct words){ o.argv.v + o.i, o.argv.n - o.i });
	if (prompt) {
		struct choices ch;
		struct xp xp;

		eval__call_xp(&xp, sh, st, call, &ch);
		if (word_known(sh->a, w, &text))
			eval__prompt(&xp, text);
		else
			eval__opaque(sh, st, call, w, "it is expanded as a prompt");
	}
	if (o.unknown || !known || (!raw && has_backslash(w))) {
		eval__print(sh, call, NULL);
		return;
	}
	if (newline)
		w = word_cat(sh->a, w, text_word(sh, "\n"));
	eval__print(sh, call, &w);
}
