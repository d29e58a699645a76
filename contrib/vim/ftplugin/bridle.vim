" SPDX-License-Identifier: ISC
" Policies of bridle: comments, indenting, `bridle test` as :make, `bridle fmt`
" for gq.

if exists('b:did_ftplugin')
  finish
endif
let b:did_ftplugin = 1
let s:cpo = &cpo
set cpo&vim

setlocal comments=:# commentstring=#\ %s formatoptions-=t formatoptions+=croql
setlocal expandtab shiftwidth=4 softtabstop=4
setlocal iskeyword+=-
setlocal makeprg=bridle\ test\ %:S
setlocal errorformat=%f:%l:%c:\ %trror:\ %m,%f:%l:%c:\ %tarning:\ %m,%f:%l:%c:\ %m,%-G%.%#
if executable('bridle')
  setlocal equalprg=bridle\ fmt\ /dev/stdin
endif

let b:undo_ftplugin = 'setlocal comments< commentstring< formatoptions< expandtab< shiftwidth<'
      \ . ' softtabstop< iskeyword< makeprg< errorformat< equalprg<'
let &cpo = s:cpo
unlet s:cpo
