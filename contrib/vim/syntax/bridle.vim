" SPDX-License-Identifier: ISC
" Vim syntax file
" Language: bridle policy, see bridle.policy(5)

if exists('b:current_syntax')
  finish
endif
let s:cpo = &cpo
set cpo&vim

syntax case match
syntax sync lines=50

" A # is a comment at the start of a line or after white space.
syntax match bridleComment /\%(^\|\s\)\zs#.*$/ contains=bridleTodo,@Spell
syntax keyword bridleTodo contained TODO FIXME XXX

" Statements begin in the first column, clauses are indented.
syntax match bridleStatement /^\%(version\|include\|wrapper\|model\|people\|mode\|set\|default\|dynamic\|opaque\|unknown-path\)\>/
syntax match bridleStatement /^let\>/ nextgroup=bridleLetName skipwhite
syntax match bridleLetName /[A-Za-z_][A-Za-z0-9_-]*/ contained nextgroup=bridleAssign skipwhite
syntax match bridleAssign /?\==/ contained
syntax match bridleAllow /^allow\>/ nextgroup=bridleKind skipwhite
syntax match bridleAsk /^ask\>/ nextgroup=bridleKind skipwhite
syntax match bridleDeny /^deny\>/ nextgroup=bridleKind skipwhite
syntax match bridleKind /\%(raw\s\+regex\|regex\|glob\|edit\|read\|tool\)\>/ contained

syntax match bridleClause /^\s\+\%(except\|unless\|when\|changing\|adding\|given\|final\)\>/
syntax match bridleClause /^\s\+test\>/ nextgroup=bridleVerdict skipwhite
syntax match bridleStatement /^test\>/ nextgroup=bridleVerdict skipwhite
syntax match bridleStatement /^given\>/
syntax match bridleVerdict /\%(allow\|ask\|deny\|pass\)\>/ contained
syntax match bridleVerdict /\%(^\%(default\|dynamic\|opaque\|unknown-path\)\s.*\)\@<=\<\%(allow\|ask\|deny\|pass\)\>/

" Texts that go to the end of their line; no comment in them.
syntax match bridleTextClause /^\s\+\%(because\|instead\)\>/ nextgroup=bridleText skipwhite
syntax match bridleText /.*$/ contained contains=@Spell

syntax match bridleVariable /\$\%({[A-Za-z_][A-Za-z0-9_-]*}\|[A-Za-z_][A-Za-z0-9_-]*\)/
syntax match bridleRest /\%(\s\)\@<=\.\.\.\%(\s\|$\)/
syntax match bridleOption /\%(\s\)\@<=--\=[A-Za-z][A-Za-z0-9-]*/
syntax match bridleShipped /<[a-z][a-z-]*>/
syntax region bridleString start=/"/ skip=/\\"/ end=/"/ oneline contains=bridleVariable
syntax region bridleString start=/'/ end=/'/ oneline
syntax match bridleContinued /\\$/

highlight default link bridleComment Comment
highlight default link bridleTodo Todo
highlight default link bridleStatement Statement
highlight default link bridleClause Keyword
highlight default link bridleTextClause Keyword
highlight default link bridleText String
highlight default link bridleLetName Identifier
highlight default link bridleAssign Operator
highlight default link bridleAllow DiffAdd
highlight default link bridleAsk DiffChange
highlight default link bridleDeny DiffDelete
highlight default link bridleKind Type
highlight default link bridleVerdict Constant
highlight default link bridleVariable Identifier
highlight default link bridleRest Special
highlight default link bridleOption Special
highlight default link bridleShipped Include
highlight default link bridleString String
highlight default link bridleContinued Special

let b:current_syntax = 'bridle'
let &cpo = s:cpo
unlet s:cpo
