/* SPDX-License-Identifier: ISC */
/*
 * builtin.c: the rules by which bridle protects itself, always in force, in
 * the language of every other policy. Each has a name, which explain and the
 * log show. Paths and process ids that only this machine knows are added by
 * the daemon as a further source of the built-in layer.
 */
#include "policy.h"

/* clang-format off */
const char policy__builtin[] =
    "version 1\n"
    "\n"
    "ask edit ~/.config/bridle/ //etc/bridle/ **/.bridle/policy **/.bridle/policy.d/\n"
    "    name    bridle:policy\n"
    "    because This changes the rules that guard this machine: a person decides that.\n"
    "ask edit ~/.local/state/bridle/ //var/lib/bridle/ //run/bridle/\n"
    "    name    bridle:state\n"
    "    because bridle keeps its grants, its trust and its log here.\n"
    "ask edit **/.claude/settings.json **/.claude/settings.local.json //etc/claude-code/\n"
    "    name    bridle:settings\n"
    "    because The agent's settings hold the hook through which bridle guards.\n"
    "ask regex (?:^|[ =/'\"])\\.claude/settings(?:\\.local)?\\.json\\b\n"
    "    except  regex ^(?:git|echo|printf|cp|mv|rm|ln|tee|touch|sed|find|gh|bridle|source|\\.|\\[|test) .*\n"
    "    when    effect is not read\n"
    "    name    bridle:settings\n"
    "    because The agent's settings hold the hook through which bridle guards, and this program may write them.\n"
    "ask edit bridle bridled bridle-hook bridle.service bridle.socket bridled.service \\\n"
    "        bridled.socket bridle.plist bridled.plist\n"
    "    when    path is //usr/ //opt/ ~/.local/ ~/bin/ ~/.config/systemd/ ~/Library/LaunchAgents/ //Library/ //etc/systemd/ //lib/systemd/\n"
    "    name    bridle:program\n"
    "    because This is a program or a service file of bridle itself.\n"
    "\n"
    "ask regex ^(?:pkill|killall)\\b.*\\bbridle(?:d|-hook)?\\b\n"
    "    name    bridle:daemon\n"
    "    because This stops the guard.\n"
    "ask regex ^kill\\b.*\\b(?:pidof|pgrep)\\b.*\\bbridled?\\b\n"
    "    name    bridle:daemon\n"
    "    because This stops the guard.\n"
    "ask regex ^(?:systemctl|launchctl|service|rc-service)\\b.*\\b(?:stop|kill|disable|mask|restart|remove|unload|bootout)\\b.*\\bbridled?\\b\n"
    "    name    bridle:daemon\n"
    "    because This stops the guard.\n"
    "ask regex ^(?:service|rc-service) bridled? (?:stop|restart)\\b\n"
    "    name    bridle:daemon\n"
    "    because This stops the guard.\n"
    "\n"
    "deny bridle {grant,approve,deny,revoke,trust}\n"
    "    name    bridle:grant\n"
    "    because Only a person lifts a rule: type it in another terminal.\n"
    "    final\n"
    "deny bridle {uninstall,init,import}\n"
    "    except  bridle {init,import} --dry-run\n"
    "    name    bridle:install\n"
    "    because Only a person installs or removes the guard: type it in another terminal.\n"
    "    final\n"
    "deny bridle wrap {install,remove}\n"
    "    name    bridle:install\n"
    "    because Only a person installs or removes the guard: type it in another terminal.\n"
    "    final\n"
    "allow regex bridle (?:check|explain|test|lint|log|status|help|pending|grants)(?: .*)?\n"
    "    name    bridle:look\n"
    "    because Looking is free.\n";
/* clang-format on */
