/* SPDX-License-Identifier: ISC */
/*
 * gen_zsh.c: what zsh alone has, as texts with holes that gen.c fills: %u a number
 * for a mark, %v the name of a variable, %a of an array, %w a word, %i a subscript,
 * %m modifiers, %f flags, %l a list of commands.
 */
#include "oracle.h"

const char *const oracle_zsh_forms[] = {
	/* expansions */
	"mark %u ${(%f)%v}", "mark %u \"${(%f)%v}\"", "mark %u ${(%f)%a}", "mark %u \"${(%f)%a}\"z",
	"mark %u $%v[%i]", "mark %u ${%v[%i]}b", "mark %u \"$%a[%i]\"", "mark %u $%a[%i] e",
	"$%a[%i] %u", "mark %u $@[%i]", "mark %u \"$*[%i]\"", "mark %u $1[%i]q",
	"mark %u $%v%m", "mark %u ${%v%m}q", "mark %u \"${%v%m}\"", "mark %u ${%a%m}", "mark %u ${@%m}",
	"mark %u ${(%f)%v%m}", "mark %u ${(%f)%a[%i]}", "mark %u ${${%v}%m}", "mark %u ${${%v}[%i]}",
	"mark %u ${=%v}", "mark %u a$=%v", "mark %u ${~%v}", "mark %u $~%v/q", "mark %u ${^%a}z",
	"mark %u a${^%a}", "mark %u ${==%v}", "mark %u ${(%f)=%v}", "mark %u $+%v ${+%a}",
	": ${%v::=%w}; mark %u $%v", ": ${%v:=%w}; mark %u \"$%v\"", ": ${(P)%v::=%w}; mark %u $x $y $z",
	"mark %u ${%a:|s} ${%a:*r} ${%a:^s} ${%a:^^s}", "mark %u ${%a:#%w}", "mark %u ${(M)%a:#a*}",
	"mark %u ${%v/(#b)(?)/$match[1]}", "mark %u ${%v:/%w/q}", "mark %u ${(S)%v#a}",
	"mark %u ${:-%w} ${${:-%w}%m}", "mark %u ${(e)%v}", "mark %u ${(%%)%v}", "mark %u ${(q)%v} ${(Q)%v}",
	"mark %u ${$(say %w)}", "mark %u ${(f)\"$(say %w)\"}", "mark %u \"${(@f)$(say %w)}\"",
	"mark %u ${#%v} $#%v ${#%a} $#%a ${#:-%w}", "mark %u ${(l:5:)%v} ${(r:3::-:)%v}",
	/* assignments */
	"%v[%i]=%w; mark %u \"$%v\"", "%a[%i]=%w; mark %u $%a", "%a[2,3]=(%w %w); mark %u $%a",
	"%a[1]=(); mark %u $%a", "%a+=(%w); mark %u \"$%a[-1]\"", "set -A %a %w b; mark %u $%a",
	"argv[1]=%w; mark %u $1 $*", "argv=(%w b); mark %u $2 $#", "shift %a; mark %u $%a",
	"typeset -A h=(k %w j b); mark %u $h[k] ${h[j]}", "typeset -A h; h[k]=%w; mark %u $h[k] ${(k)h}",
	"typeset -A h; h[k]=a; h+=(j %w); mark %u $h[j]", "typeset -A h=(a %w); mark %u ${(kv)h} ${(v)h}",
	"typeset -i n=%i; mark %u $n", "float w=1; mark %u $w", "typeset -U %a; %a=(a b a); mark %u $%a",
	"typeset -u %v=%w; mark %u $%v", "typeset -Z 3 n=7; mark %u $n", "unset '%a[1]'; mark %u $%a",
	"print -v %v %w; mark %u $%v", "print -rn -- %w | read %v; mark %u $%v", "read -A %a <<< 'a b'; mark %u $%a[2]",
	"printf -v %v '%%s' %w; mark %u $%v", "%v=(%w); mark %u $%v[1]", "%v==mark; mark %u $%v",
	/* commands */
	"() { mark %u $1 $# } %w b", "function { mark %u $1 } %w", "function f1 f2 { mark %u $0 $1 }; f2 %w",
	"f1() mark %u $1; f1 %w", "repeat 2 { %l }", "repeat 2; do mark %u; done", "for x y in a %w c; do mark %u $x $y; done",
	"for x (a %w) mark %u $x", "for x in %w b; { mark %u $x }", "foreach x (a %w); mark %u $x; end",
	"for ((n=0;n<2;n++)) { mark %u $n }", "while { no } { mark %u }", "until [[ -n a ]] { mark %u }",
	"if [[ $%v = %w ]] { mark %u } else { %l }", "if { %l } { mark %u }", "case $%v { (a|b) mark %u;; (*) %l;; }",
	"case a%w in (a|b)*) mark %u ;| *) mark 77 ;& z) ok;; esac", "{ %l } always { mark %u }",
	"{ no && %l } always { mark %u }", "select x in a; { mark %u; break } <<< 1", "[[ $%v == (a|b)* ]] && mark %u",
	"[[ -n *(#qN.) ]] || mark %u", "[[ a%w =~ '(.)$' ]] && mark %u $match[1] $MATCH", "mark %u *.ts(N) *.nope(N)",
	"mark %u *.ts(.) d*(/N)", "mark %u *.ts(:r)", "mark %u *(e:'mark 88':)", "mark %u (a|b).ts", "mark %u **/*(N)",
	"mark %u a~b ^a", "mark %u {a,b}(N)", "- mark %u", "noglob mark %u *", "nocorrect mark %u", "=mark %u =go",
	"mark %u =(say %w)", "mark %u > f1 > f2", "mark %u < a.ts < b.ts", "say a > f1 | mark %u", "mark %u |& go 1",
	"mark %u &!", "mark %u >! f1", "mark %u <<< %w", "exec -a other mark %u", "exec -c mark %u", "command -p mark %u",
	"time mark %u", "eval -- mark %u", "emulate zsh -c 'mark %u $x'", "emulate sh -c 'mark %u $x'",
	"zmodload zsh/parameter; mark %u", "mark %u $(( 7 / 2. )) $(( [#16] 20 )) $(( n = 16#ff )) $n",
	"mark %u $(( %i )) $[ 1 + 1 ]", "((n = %a[1])); mark %u $n", "x='r[$(mark 66)]'; mark %u $((x))",
	/* what the shell calls, names and options */
	"chpwd() { mark %u $PWD }; cd d1", "TRAPEXIT() { mark %u $x }; x=%w", "trap 'mark %u $x' EXIT; x=%w",
	"f1() { trap 'mark %u' EXIT; %l }; f1", "TRAPZERR() { mark %u }; no", "zshexit() { mark %u $y }; y=%w",
	"functions[f1]='mark %u $1'; f1 a", "aliases[g]='mark %u'; eval g", "alias -g G=%w; eval 'mark %u G'",
	"alias -s ts='mark %u'; eval ./a.ts", "hash other=${PATH%bin}alt/mark; other %u", "hash -d q=$PWD/d1; mark %u ~q",
	"path=(${PATH%bin}alt $path); mark %u", "disable mark; mark %u", "unhash mark; mark %u", "cd -q d1; mark %u",
	"cd d1 d2; mark %u", "pushd d1; cd +0; mark %u", "setopt autocd; d1; mark %u", "setopt ksharrays; mark %u $%a[1] ${%a[0]}",
	"setopt globsubst; mark %u $%v", "setopt nonomatch; mark %u nope*", "setopt extendedglob; mark %u a#.ts ^a*",
	"setopt rcquotes; eval \"mark %u 'a''b'\"", "setopt noglob; mark %u *.ts", "setopt localoptions; mark %u",
	"f1() { setopt localoptions shwordsplit; %l }; f1; mark %u $x", "f1() { emulate -L zsh; mark %u $x }; f1",
	"setopt braceccl; mark %u {abc}", "setopt errreturn; f1() { no; mark %u }; f1", "set -o shwordsplit; mark %u $%v",
	"setopt multios; say %w > f1 > f2; mark %u", "setopt nullglob; mark %u nope* $%v", "unsetopt nomatch; mark %u a[b"
};
const unsigned oracle_nzsh_forms = sizeof oracle_zsh_forms / sizeof oracle_zsh_forms[0];

const char *const oracle_zsh_subscripts[] = { "1", "2", "-1", "1,2", "2,-1", "2,9", "0", "n", "$n", "n+1", "9",
	"-2,-1", "@", "*", "(r)a*", "(i)b", "(I)z", "(w)1", "$((1+1))", "1,1", "${y:-1}", "(R)?" };
const unsigned oracle_nzsh_subscripts = sizeof oracle_zsh_subscripts / sizeof oracle_zsh_subscripts[0];

const char *const oracle_zsh_modifiers[] = { ":h", ":t", ":r", ":e", ":u", ":l", ":t:r", ":h:t", ":s/a/b/", ":gs/a/b/",
	":1", ":1:1", ":A", ":q", ":Q", ":-1", "#a", "%b", "/a/q", "//a", ":-z", ":+z" };
const unsigned oracle_nzsh_modifiers = sizeof oracle_zsh_modifiers / sizeof oracle_zsh_modifiers[0];

const char *const oracle_zsh_flags[] = { "U", "L", "C", "@", "s:a:", "s. .", "j:-:", "j::", "f", "F", "z", "o", "O", "Oa",
	"u", "q", "Q", "k", "v", "P", "@s:a:", "j:-:U", "Us:A:", "w", "t", "V", "ps:a:", "#", "n", "@U", "@j:,:", "M", "i", "e" };
const unsigned oracle_nzsh_flags = sizeof oracle_zsh_flags / sizeof oracle_zsh_flags[0];
