"""A process of Linux or macOS in which Python has and allows no more than on Windows."""

from __future__ import annotations

import errno
import os
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGES = "gradio hnswlib PIL.ImageFont pillow_heif torch torchvision tqdm scipy.ndimage filelock webbrowser tempfile"
"""Loaded before anything is taken away: on Windows they have builds of their own."""
MODULES = "fcntl grp pty pwd readline resource syslog termios tty"
ATTRIBUTES = {
    "mmap": "MADV_DONTNEED MADV_WILLNEED MAP_PRIVATE MAP_SHARED PROT_READ PROT_WRITE",
    "os": "O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_SYNC PRIO_PROCESS chown chroot fchmod fchown fork forkpty "
    "getegid geteuid getgid getgroups getloadavg getpgid getpgrp getpriority getuid killpg lchown mkfifo mknod nice "
    "posix_fadvise posix_fallocate posix_spawn pread preadv pwrite pwritev readv sched_getaffinity sched_setaffinity "
    "sendfile setpriority setsid setuid statvfs sync sysconf uname wait wait4 writev",
    "signal": "SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 alarm pause "
    "pthread_kill pthread_sigmask setitimer sigwait",
    "socket": "AF_UNIX",
    "time": "tzset",
}
DESCRIPTORS, MAPS = Path("/proc/self/fd"), Path("/proc/self/maps")


def lack_unix() -> None:
    """Take away from this process, until it ends, what Windows lacks; open files can no longer be moved or removed."""
    for name in PACKAGES.split():
        import_module(name)
    for name in MODULES.split():
        sys.modules[name] = None  # type: ignore[assignment]  # refuses its import
    for module, names in ATTRIBUTES.items():
        _keep_whole(import_module(module))
        for name in names.split():
            vars(sys.modules[module]).pop(name, None)
    if DESCRIPTORS.is_dir():
        sys.addaudithook(_refuse_what_is_open)


def _keep_whole(module: ModuleType) -> None:
    """Give all that is loaded by now a copy of a module: what is imported later gets the module itself."""
    whole = ModuleType(module.__name__)
    vars(whole).update(vars(module))
    for loaded in list(sys.modules.values()):
        if isinstance(loaded, ModuleType):
            names = vars(loaded)
            names.update({name: whole for name, value in names.items() if value is module})


def _refuse_what_is_open(event: str, arguments: tuple[Any, ...]) -> None:
    """Raise PermissionError where a file that is open, or a folder with one, is moved, replaced or removed."""
    if event not in ("os.rename", "os.remove"):
        return
    paths, folders = (arguments[:2], arguments[2:]) if event == "os.rename" else (arguments[:1], arguments[1:])
    for path, folder in zip(paths, folders):
        whole = Path(DESCRIPTORS / str(folder) if folder >= 0 else "", os.fsdecode(path))
        real = os.path.realpath(whole)
        if any(one == real or one.startswith(real + os.sep) for one in _open_files()):
            raise PermissionError(errno.EACCES, "in use", str(whole))


def _open_files() -> set[str]:
    """Regular files that this process has open or mapped."""
    targets = [os.path.realpath(one) for one in DESCRIPTORS.iterdir()]
    mapped = [line.split(maxsplit=5)[-1].strip() for line in MAPS.read_text().splitlines()]
    return {one for one in (*targets, *mapped) if Path(one).is_file()}
