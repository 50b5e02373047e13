import type { Rule } from "./profile.ts";

const words = (text: string): readonly string[] => text.split(/\s+/).filter(Boolean);

/** System calls that no container can do harm with, by what they are about. */
const HARMLESS = words(`
  accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64 recvmsg
  send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair

  access chdir chmod chown chown32 creat faccessat faccessat2 fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat
  fgetxattr flistxattr fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 futimesat getcwd getdents
  getdents64 getxattr getxattrat lchown lchown32 lgetxattr link linkat listxattr listxattrat llistxattr lremovexattr
  lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat openat2 readlink
  readlinkat removexattr removexattrat rename renameat renameat2 rmdir setxattr setxattrat stat stat64 statfs statfs64
  statx symlink symlinkat truncate truncate64 umask unlink unlinkat utime utimensat utimensat_time64 utimes

  cachestat close close_range copy_file_range dup dup2 dup3 fadvise64 fadvise64_64 fallocate fanotify_mark fcntl fcntl64
  fdatasync flock fsync ftruncate ftruncate64 inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel
  io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit ioctl ioprio_get ioprio_set lseek
  _llseek pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readv sendfile sendfile64 splice
  sync sync_file_range syncfs tee vmsplice write writev

  epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old eventfd eventfd2
  _newselect pause poll ppoll ppoll_time64 pselect6 pselect6_time64 select signalfd signalfd4

  brk madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect
  mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages

  ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink
  msgctl msgget msgrcv msgsnd semctl semget semop semtimedop semtimedop_time64 shmat shmctl shmdt shmget

  futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake get_robust_list set_robust_list

  capget capset execve execveat exit exit_group fork getcpu getegid getegid32 geteuid geteuid32 getgid getgid32
  getgroups getgroups32 getpgid getpgrp getpid getppid getpriority getresgid getresgid32 getresuid getresuid32 getrlimit
  getrusage getsid gettid getuid getuid32 kill landlock_add_rule landlock_create_ruleset landlock_restrict_self
  lsm_get_self_attr lsm_list_modules lsm_set_self_attr pidfd_open pidfd_send_signal prctl prlimit64 process_mrelease
  rseq sched_getaffinity sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min sched_getscheduler
  sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam sched_setscheduler
  sched_yield seccomp setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setpgid setpriority
  setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setsid setuid setuid32
  set_tid_address get_thread_area set_thread_area ugetrlimit uretprobe vfork wait4 waitid waitpid

  restart_syscall rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
  rt_sigtimedwait_time64 rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn tgkill tkill

  adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime clock_gettime64
  clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep setitimer time timer_create timer_delete
  timer_getoverrun timer_gettime timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime
  timerfd_gettime64 timerfd_settime timerfd_settime64 times

  getrandom sysinfo uname
`);

/** Calls that come with a capability: who has it may use them. */
const BY_CAPABILITY: Readonly<Record<string, readonly string[]>> = {
  CAP_DAC_READ_SEARCH: ["open_by_handle_at"],
  CAP_SYS_ADMIN:
    words(`bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick listmount lookup_dcookie mount
    mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd setdomainname sethostname setns statmount
    syslog umount umount2 unshare`),
  CAP_SYS_BOOT: ["reboot"],
  CAP_SYS_CHROOT: ["chroot"],
  CAP_SYS_MODULE: ["delete_module", "init_module", "finit_module"],
  CAP_SYS_PACCT: ["acct"],
  CAP_SYS_PTRACE: words("kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace"),
  CAP_SYS_RAWIO: ["iopl", "ioperm"],
  CAP_SYS_TIME: ["settimeofday", "stime", "clock_settime", "clock_settime64"],
  CAP_SYS_TTY_CONFIG: ["vhangup"],
  CAP_SYS_NICE: ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"],
  CAP_SYSLOG: ["syslog"],
  CAP_BPF: ["bpf"],
  CAP_PERFMON: ["perf_event_open"],
};

const BY_ARCHITECTURE: readonly (readonly [readonly string[], readonly string[]])[] = [
  [["ppc64le"], ["sync_file_range2", "swapcontext"]],
  [
    ["arm", "arm64"],
    words("arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint cacheflush set_tls"),
  ],
  [["amd64", "x32"], ["arch_prctl"]],
  [["amd64", "x32", "x86"], ["modify_ldt"]],
  [
    ["s390", "s390x"],
    ["s390_pci_mmio_read", "s390_pci_mmio_write", "s390_runtime_instr"],
  ],
  [["riscv64"], ["riscv_flush_icache", "riscv_hwprobe"]],
];

/** personality(2): Linux, with or without a 32 bit uname and without address randomisation; all ones only asks. */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff];

/** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET: none of them may be set. */
const NAMESPACE_FLAGS = 0x7e020000;
const AF_VSOCK = 40;
const ENOSYS = 38;

const ALLOW = "SCMP_ACT_ALLOW";
const S390 = ["s390", "s390x"];
const ADMIN = { caps: ["CAP_SYS_ADMIN"] };

const cloneWithoutNamespaces = (index: number): Rule => ({
  names: ["clone"],
  action: ALLOW,
  args: [{ index, value: NAMESPACE_FLAGS, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
});

/**
 * Docker's default rules as of version 28 (documented at docs.docker.com/engine/security/seccomp): what is not named
 * here fails with EPERM.
 */
export const DEFAULT_RULES: readonly Rule[] = [
  { names: HARMLESS, action: ALLOW },
  // Before 4.8 ptrace could be used to get round seccomp.
  {
    names: ["process_vm_readv", "process_vm_writev", "ptrace"],
    action: ALLOW,
    includes: { minKernel: "4.8" },
  },
  // The host's own services listen on vsock.
  { names: ["socket"], action: ALLOW, args: [{ index: 0, value: AF_VSOCK, op: "SCMP_CMP_NE" }] },
  ...PERSONALITIES.map(
    (value): Rule => ({
      names: ["personality"],
      action: ALLOW,
      args: [{ index: 0, value, op: "SCMP_CMP_EQ" }],
    }),
  ),
  ...BY_ARCHITECTURE.map(([arches, names]): Rule => ({ names, action: ALLOW, includes: { arches } })),
  ...Object.entries(BY_CAPABILITY).map(
    ([cap, names]): Rule => ({ names, action: ALLOW, includes: { caps: [cap] } }),
  ),
  { ...cloneWithoutNamespaces(0), excludes: { ...ADMIN, arches: S390 } },
  // On s390 the flags are the second argument.
  { ...cloneWithoutNamespaces(1), includes: { arches: S390 }, excludes: ADMIN },
  // Its flags lie in memory, where seccomp cannot look. ENOSYS makes the C library fall back to clone.
  { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS, excludes: ADMIN },
];
