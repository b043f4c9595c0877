"""What takes from a process all that a learner's code does not need. Linux only; it runs inside the box.

Namespaces (no network, a file system that cannot be written) come from bubblewrap, around the process that
forks. Each fork has a namespace of processes of its own, in which there is no other one to name, and adds an
empty home of its own, no `/proc`, limits, no capabilities, and a filter of system calls: no new process or
thread, no program, no socket, no signal, no memory beside the one that is limited.
"""

import ctypes
import os
import platform
import resource
import struct

# System calls that are refused, by their numbers on x86-64 and on 64-bit ARM (none: -1).
REFUSED = {
    **{"socket": (41, 198), "socketpair": (53, 199), "io_uring_setup": (425, 425)},
    **{"clone": (56, 220), "clone3": (435, 435), "fork": (57, -1), "vfork": (58, -1)},
    **{"execve": (59, 221), "execveat": (322, 281)},
    **{"kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "pidfd_send_signal": (424, 424)},
    **{"rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240)},
    **{"ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271)},
    **{"pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "kcmp": (312, 272)},
    **{"unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39)},
    **{"pivot_root": (155, 41), "chroot": (161, 51), "open_by_handle_at": (304, 265)},
    **{"open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430), "mount_setattr": (442, 442)},
    **{"memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194)},
    **{"msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180)},
    **{"bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282)},
    # Devices are the machine's own, and root's if root grades.
    **{"chmod": (90, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452)},
    **{"chown": (92, -1), "lchown": (94, -1), "fchown": (93, 55), "fchownat": (260, 54)},
    **{"utime": (132, -1), "utimes": (235, -1), "futimesat": (261, -1), "utimensat": (280, 88)},
    **{"setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463)},
    **{"io_setup": (206, 0), "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219)},
}
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column above, number of the kernel
LOAD, IS_EQUAL, IS_ABOVE, ANSWER = (0x20, 0x15, 0x35, 0x06)  # of the language of filters (BPF)
KILL, REFUSE, ALLOW = (0x80000000, 0x00050000 | 1, 0x7FFF0000)  # refuse: "operation not permitted"
FOREIGN = 0x40000000  # calls from here on belong to another set, x32

CLONE_NEWNS, CLONE_NEWPID, MS_RDONLY, MS_NOSUID, MS_NODEV = 0x20000, 0x20000000, 1, 2, 4
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38


def instructions() -> list[tuple[int, int, int, int]]:
    """Return the filter: code, steps to jump if true and if false, value, for each instruction."""
    column, architecture = ARCHITECTURES[platform.machine()]
    numbers = sorted(pair[column] for pair in REFUSED.values() if pair[column] >= 0)
    n = len(numbers)
    return [
        (LOAD, 0, 0, 4),
        (IS_EQUAL, 1, 0, architecture),
        (ANSWER, 0, 0, KILL),
        (LOAD, 0, 0, 0),
        (IS_ABOVE, n + 1, 0, FOREIGN),
        *((IS_EQUAL, n - k, 0, number) for k, number in enumerate(numbers)),
        (ANSWER, 0, 0, ALLOW),
        (ANSWER, 0, 0, REFUSE),
    ]


def _call(name: str, *arguments: object) -> None:
    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    if function(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _filter() -> None:
    code = b"".join(struct.pack("HBBI", *step) for step in instructions())
    buffer = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer)))
    zero = ctypes.c_ulong(0)
    _call("prctl", PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero)
    _call("prctl", PR_SET_SECCOMP, ctypes.c_ulong(2), program, zero, zero)


def _empty(path: str, flags: int, options: str) -> None:
    _call("mount", b"none", path.encode(), b"tmpfs", ctypes.c_ulong(flags), options.encode())


def address_space() -> int:
    """Return the bytes of memory that this process has mapped, which a fork of it starts with."""
    with open("/proc/self/statm") as file:  # noqa: PTH123 (no module more than is needed)
        return int(file.read().split()[0]) * resource.getpagesize()


def limit(cpu_s: int, memory: int, disk: int) -> None:
    """Limit this process.

    Args:
        cpu_s: Seconds of CPU time.
        memory: Bytes of addresses in all.
        disk: Bytes of a file.
    """
    for kind, most in {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_FSIZE: disk,
        resource.RLIMIT_NOFILE: 64,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
    }.items():
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))


def leave_processes() -> None:
    """Let the next fork of this process be the first of a namespace of processes of its own.

    Limits, priorities and owners of files are set by the number of a process: the fork's own number is 1, and
    no other one exists for it.
    """
    _call("unshare", CLONE_NEWPID)


def try_out() -> None:
    """Do all of this in a fork of this process, which must be in a box.

    Raises:
        OSError: The kernel, or what guards it, refuses.
    """
    leave_processes()
    if not (child := os.fork()):
        try:
            confine(os.environ["HOME"], 1 << 20)
        except OSError as error:
            os.write(2, f"{error}\n".encode())
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise OSError("a fork cannot be confined")


def confine(home: str, disk: int) -> None:
    """Give up all that bubblewrap left to the process that forks: call it in the fork, once.

    Args:
        home: A folder; what is mounted there is empty at the start, and in memory.
        disk: Bytes that it can hold.

    Raises:
        OSError: The kernel refuses; nothing of a learner's may run.
    """
    with open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123 (no module more than is needed)
        file.write("1000")  # if memory runs out, the system stops this process, and not what judges
    _call("unshare", CLONE_NEWNS)
    _empty(home, MS_NOSUID | MS_NODEV, f"size={disk},nr_inodes=2000,mode=700")
    _empty("/proc", MS_NOSUID | MS_NODEV | MS_RDONLY, "size=4k,mode=555")
    header, nothing = struct.pack("Ii", 0x20080522, 0), bytes(24)
    _call("capset", header, nothing)
    _filter()


if __name__ == "__main__":
    try_out()
