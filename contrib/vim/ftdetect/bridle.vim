" SPDX-License-Identifier: ISC
" Policies of bridle: *.policy, and files called policy in bridle's folders.
autocmd BufNewFile,BufRead *.policy,*/bridle/policy,*/.bridle/policy setfiletype bridle
