/* SPDX-License-Identifier: ISC */
/*
 * confine.c: what the daemon gives up once it runs. It reads files and answers
 * on a socket; it never runs a program, never talks to a network, and writes
 * only below its own folders. So that a mistake in reading what an agent sends
 * cannot do more, the kernel is told so where it can be told cheaply: no core
 * dumps (requests hold environments), seccomp, landlock. Each is best effort:
 * `bridle status` shows which hold.
 */
#include "daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__)) && !defined(SANITIZED)

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#ifdef __x86_64__
#define ARCH AUDIT_ARCH_X86_64
#define X32_BIT 0x40000000
#else
#define ARCH AUDIT_ARCH_AARCH64
#endif

#define LOAD(member) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (unsigned)offsetof(struct seccomp_data, member))
#define RETURN(what) BPF_STMT(BPF_RET | BPF_K, (what))
#define REFUSED (SECCOMP_RET_ERRNO | EPERM)
/* The system call number is loaded: refuse this one. */
#define NO(call) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_##call, 0, 1), RETURN(REFUSED)

/* Programs, other processes, the kernel, sockets but Unix ones. */
static bool
refuse_calls(void)
{
	struct sock_filter code[] = {
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
		RETURN(REFUSED),
		LOAD(nr),
#ifdef X32_BIT
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1),
		RETURN(REFUSED),
#endif
		NO(execve),
		NO(execveat),
		NO(ptrace),
		NO(process_vm_readv),
		NO(process_vm_writev),
		NO(mount),
		NO(umount2),
		NO(pivot_root),
		NO(chroot),
		NO(setns),
		NO(unshare),
		NO(bpf),
		NO(keyctl),
		NO(add_key),
		NO(kexec_load),
		NO(init_module),
		NO(finit_module),
		NO(delete_module),
		NO(perf_event_open),
		NO(userfaultfd),
		NO(io_uring_setup),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_socket, 0, 3),
		LOAD(args[0]), /* the low half: both are little endian */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_UNIX, 1, 0),
		RETURN(REFUSED),
		RETURN(SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { .len = sizeof(code) / sizeof(code[0]), .filter = code };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#define WRITES                                                                                             \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |      \
	    LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG |         \
	    LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |      \
	    LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_EXECUTE)

static bool
allow_below(int rules, const char *path)
{
	struct landlock_path_beneath_attr below = { .allowed_access = WRITES & ~LANDLOCK_ACCESS_FS_EXECUTE };
	below.parent_fd = open(path, O_PATH | O_CLOEXEC | O_DIRECTORY);
	if (below.parent_fd < 0)
		return false;
	long rc = syscall(__NR_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
	close(below.parent_fd);
	return rc == 0;
}

/* Files may be written only below these folders. */
static bool
refuse_writes(const char *const *writable)
{
	const struct landlock_ruleset_attr attr = { .handled_access_fs = WRITES };
	int rules = (int)syscall(__NR_landlock_create_ruleset, &attr, sizeof(attr), 0);
	bool ok = rules >= 0;
	for (; ok && *writable != NULL; writable++)
		ok = allow_below(rules, *writable);
	ok = ok && syscall(__NR_landlock_restrict_self, rules, 0) == 0;
	if (rules >= 0)
		close(rules);
	return ok;
}

void
confine(struct daemon *d, const char *const *writable)
{
	const struct rlimit none = { 0, 0 };
	bool dumps = setrlimit(RLIMIT_CORE, &none) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0;
	bool privileges = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
	bool writes = privileges && refuse_writes(writable);
	bool calls = privileges && refuse_calls();
	d->confined = str_printf(d->life, "%s%s%s", dumps ? "no core dumps" : "", writes ? ", landlock" : "",
	    calls ? ", seccomp" : "");
}

#else

void
confine(struct daemon *d, const char *const *writable)
{
	const struct rlimit none = { 0, 0 };
	(void)writable;
	d->confined = setrlimit(RLIMIT_CORE, &none) == 0 ? STR("no core dumps") : STR("");
}

#endif
