# SPDX-License-Identifier: ISC
#
# fish completion for bridle. What there is to complete the program tells:
# bridle help --complete [COMMAND], a line each: word, what it takes, what it is.

function __bridle_command
	for word in (commandline -opc)[2..-1]
		if not string match -q -- '-*' $word
			echo $word
			return
		end
	end
end

function __bridle_codes
	bridle $argv[1] 2>/dev/null </dev/null | string match -r '^[0-9a-f]+  .*' | string replace -r '  +' \t
end

function __bridle_take
	for one in (string split ' ' -- $argv[1])
		switch $one
			case '<file>' '<command>'
				__fish_complete_path (commandline -ct)
			case '<dir>'
				__fish_complete_directories (commandline -ct)
			case '<pending>'
				__bridle_codes pending
			case '<grant>'
				__bridle_codes grants
			case '<text>' ''
			case '*'
				echo $one
		end
	end
end

function __bridle_complete
	set -l command (__bridle_command)
	set -l before (commandline -opc)[-1]
	for line in (bridle help --complete $command 2>/dev/null </dev/null)
		set -l part (string split \t -- $line)
		if test -n "$command" -a "$part[1]" = "$before" -a -n "$part[2]"
			__bridle_take $part[2]
			return
		end
	end
	for line in (bridle help --complete $command 2>/dev/null </dev/null)
		set -l part (string split \t -- $line)
		if string match -q '<*' -- $part[1]
			__bridle_take $part[1]
		else
			printf '%s\t%s\n' $part[1] $part[3]
		end
	end
end

complete -c bridle -f -a '(__bridle_complete)'
