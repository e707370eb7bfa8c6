"""The line to a keeper: a process that cancels the tasks of this one if it dies without a word.

What is said is a line of text: a word, and mostly a document in JSON. `_keep` listens.
"""

from __future__ import annotations

import json
import logging
import math
import os
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final, Literal, cast

import attrs

from botocancel._text import named
from botocancel._threads import start_thread
from botocancel.errors import BotocancelError, ConfigurationError, InvalidInput

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from typing import TypeAlias

    from botocancel._aws import Aws
    from botocancel.model import Response, Shape
    from botocancel.polling import RetryPolicy
    from botocancel.refs import TaskRef

    AnyRef: TypeAlias = TaskRef[Shape, Response]

__all__ = ["Keeper", "Keeping"]

_logger = logging.getLogger(__name__)

_PATIENCE: Final = 5.0
"""Seconds in which a keeper has to answer; it takes milliseconds."""
_PROGRAM: Final = Path(__file__).with_name("_keep.py")
_FLAGS: Final = ("-I", "-S", "-B")
"""A bare interpreter: neither the environment nor installed packages change how it starts."""
_QUIETLY: Final = getattr(socket, "MSG_NOSIGNAL", 0)
_ADOPTION: Final = 10.0
"""Seconds in which whoever adopts a process has waited for it."""
_PID_SIZE: Final = 32
_EARLY: Final = 15 * 60.0
"""So many seconds before they expire botocore renews credentials."""
_SOONEST: Final = 1.0
_LATE: Final = 10.0
"""Seconds between attempts to renew credentials that have expired."""
_DEAFENED: Final = {
    getattr(signal, name)
    for name in ("SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR1", "SIGUSR2")
    if hasattr(signal, name)
}
"""What a keeper does not hear: it goes when its program has gone."""


@attrs.frozen
class Keeping:
    """What is asked of a keeper, but for its tasks.

    Raises:
        InvalidInput: The file for its log is no path.
        ConfigurationError: There are no keepers on this system, or for the clients in use.
    """

    aws: Aws
    """Whose endpoints and credentials it uses."""
    retry: RetryPolicy
    """How hard it tries; of `retry_on` it knows nothing, for that cannot be handed to it."""
    workers: int
    """How many calls it makes at a time."""
    journal: str | os.PathLike[str] | None
    """Where it notes what it cancels."""
    keeper: Literal[True] | str | os.PathLike[str]
    """What the caller said: a file in which it logs, too, or True for none."""

    def __attrs_post_init__(self) -> None:
        if not isinstance(cast("object", self.keeper), bool | str | os.PathLike):
            msg = f"keeper must be True, False, or a file for its log, not {named(self.keeper)}"
            raise InvalidInput(msg)
        if not hasattr(os, "fork") or not hasattr(signal, "pthread_sigmask"):
            msg = f"there are no keepers on {sys.platform}, where processes do not fork"
            raise ConfigurationError(msg, remedy="guard without keeper=")
        self.aws.check_handing()

    def document(self) -> dict[str, object]:
        """Return what it is told of this."""
        backoff = self.retry.backoff
        return {
            "program": os.getpid(),
            "timeout": self.retry.timeout,
            "backoff": [backoff.first, backoff.growth, backoff.ceiling],
            "workers": self.workers,
            "journal": None if self.journal is None else str(Path(self.journal).absolute()),
            "log": None if self.keeper is True else str(Path(self.keeper).absolute()),
        }


class Keeper:
    """A keeper that listens, with the tasks that it has been told of. Safe for threads.

    A forked child has no part in it.

    Args:
        keeping: What is asked of it.
        refs: The tasks from the start.

    Raises:
        ConfigurationError: It cannot be started, or handed credentials.
    """

    def __init__(self, keeping: Keeping, refs: Iterable[AnyRef]) -> None:
        self._aws = keeping.aws
        self._texts: dict[AnyRef, bytes] = {}
        self._speaking = threading.RLock()
        self._ended = threading.Event()
        self._handed = keeping.aws.handed
        first = [
            _line("path", [*map(str, sys.path)]),
            _line("settings", keeping.document()),
            _line("credentials", self._handed.document()),
            *(self._line("add", ref) for ref in refs),
        ]
        self._socket, theirs = _pair()
        try:
            self._process, self._pid = _started(self._socket, theirs, b"".join(first))
        except BaseException as error:
            _close(self._socket)
            if not isinstance(error, OSError | ValueError | subprocess.SubprocessError):
                raise
            msg = f"no keeper can be started by {sys.executable!r}: {error}"
            raise ConfigurationError(msg, remedy="see that sys.executable is Python") from error
        finally:
            _close(theirs)
        _logger.debug("guard: keeper %d listens", self._pid)
        if self._handed.expires is not None:
            start_thread(self._renew)

    def add(self, ref: AnyRef) -> None:
        """Have it cancel one more task."""
        if self._listens:
            self._say(self._line("add", ref))

    def drop(self, ref: AnyRef) -> None:
        """Have it cancel a task no longer."""
        if self._listens:
            self._say(self._line("drop", ref))

    def release(self) -> None:
        """Have it go, and cancel nothing; return when it has gone."""
        self._end(b"release\n", waits=True)

    def hand_over(self) -> None:
        """Have it cancel its tasks now, and do not wait for it."""
        self._end(b"cancel\n", waits=False)

    @property
    def _listens(self) -> bool:
        return self._socket in _ends

    def _line(self, word: str, ref: AnyRef) -> bytes:
        """Say something of a task, always in the same words."""
        if ref not in self._texts:
            self._texts[ref] = _line(word, _document(ref, self._aws)).partition(b" ")[2]
        return b"%s %s" % (word.encode(), self._texts[ref])

    def _say(self, text: bytes) -> None:
        with self._speaking:
            try:
                self._socket.sendall(text, _QUIETLY)
            except OSError as error:
                self._lose(error)

    def _end(self, word: bytes, *, waits: bool) -> None:
        if not self._listens:
            return
        self._ended.set()
        with self._speaking:
            try:
                self._socket.sendall(word, _QUIETLY)
                while waits and self._socket.recv(_PID_SIZE):
                    pass
            except OSError as error:
                self._lose(error)
            _close(self._socket)
        if waits:
            _reap(self._process, self._pid)
        else:
            _left.append(self._process)

    def _lose(self, error: OSError) -> None:
        """Do without the keeper, which must not cancel what it has not heard to be released."""
        if isinstance(error, TimeoutError):  # it is there, or its end of the line would be closed
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        _close(self._socket)
        _logger.warning(
            "guard: keeper %d is gone before its block (%s): what is killed now is not cancelled",
            self._pid,
            error.strerror or error,
        )

    def _renew(self) -> None:
        """Hand over credentials before those that it has expire, until the block ends."""
        while not self._ended.wait(_seconds_until_renewal(self._handed.expires)):
            try:
                self._say(_line("credentials", self._handed.document()))
            except BotocancelError as error:
                _logger.warning("guard: keeper %d gets no new credentials: %s", self._pid, error)


def _line(word: str, document: object) -> bytes:
    return f"{word} {json.dumps(document, separators=(',', ':'))}\n".encode()


def _document(ref: AnyRef, aws: Aws) -> dict[str, object]:
    """Return what a keeper is told of a task: who it is, and where the program calls for it."""
    region, endpoint = ref.region, None
    with suppress(BotocancelError):  # then the keeper looks where it is, and says what is missing
        region, endpoint = aws.endpoint(ref)
    task = {"id": ref.id, "region": region, "account": ref.account, "partition": ref.partition}
    return {"service": ref.key, "task": task, "endpoint": endpoint}


def _seconds_until_renewal(expires: datetime | None) -> float:
    """Return when to renew credentials: as soon as botocore does so, which is early."""
    left = math.inf if expires is None else (expires - datetime.now(UTC)).total_seconds()
    return max(_SOONEST, left - _EARLY, left / 2) if left > 0 else _LATE


# --- the ends of lines, of which no forked child has one --------------------------------------

_ends: Final[set[socket.socket]] = set()
"""Those that this process has."""
_forking: Final = threading.RLock()
"""Held while an end is made or closed, and by whoever forks."""


def _pair() -> tuple[socket.socket, socket.socket]:
    with _forking:
        ours, theirs = socket.socketpair()
        _ends.update((ours, theirs))
    ours.settimeout(_PATIENCE)
    theirs.setblocking(True)  # noqa: FBT003  (whatever the program has as its default)
    return ours, theirs


def _close(end: socket.socket) -> None:
    with _forking:
        end.close()
        _ends.discard(end)


def _after_fork_in_child() -> None:
    for end in _ends:
        end.close()
    _ends.clear()
    _forking.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_forking.acquire,
        after_in_parent=_forking.release,
        after_in_child=_after_fork_in_child,
    )


# --- processes ----------------------------------------------------------------------------------

_left: Final[list[subprocess.Popen[bytes]]] = []
"""Those that have been handed their tasks, lest Python misses that nobody waits for them."""

_gone: Final[deque[tuple[int, float]]] = deque()
"""The keepers that have gone, and when, unless somebody is known to have waited for them."""


def _orphans_are_waited_for() -> bool:
    """Say whether what adopts orphans here waits for them, as far as is known.

    A program that is PID 1 of a container may not; then each would stay as a zombie.
    """
    with suppress(IndexError):  # another thread looks, too
        while not _is_zombie(_gone[0][0]):
            _gone.popleft()
        return monotonic() - _gone[0][1] < _ADOPTION
    return True


def _is_zombie(pid: int) -> bool:
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return False
    return fields[0] == b"Z"


def _started(
    ours: socket.socket, theirs: socket.socket, first: bytes
) -> tuple[subprocess.Popen[bytes], int]:
    """Start a keeper that listens at its end and has heard this; return when it answers.

    It leaves the tree of processes below this one, for there are supervisors that kill all of that;
    unless it would not be waited for outside of it.

    Returns:
        The process that started it, and the id of its own.
    """
    mode = ["detached"] if _orphans_are_waited_for() else []
    with _deafened():
        process = subprocess.Popen(  # noqa: S603  (this interpreter, and a file of ours)
            [sys.executable, *_FLAGS, str(_PROGRAM), *mode],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
    _close(theirs)  # or its death would not be heard
    try:
        ours.sendall(first, _QUIETLY)
        pid = int(ours.recv(_PID_SIZE))
    except (OSError, ValueError):
        process.kill()
        process.wait(_PATIENCE)
        raise
    if mode:
        process.wait(_PATIENCE)
    return process, pid


@contextmanager
def _deafened() -> Generator[None]:
    """Hold signals for the block; a process that is started meanwhile never hears them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _DEAFENED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _reap(process: subprocess.Popen[bytes], pid: int) -> None:
    """Wait for a keeper that has gone, if it is this process that has to."""
    process.wait()
    if process.pid != pid:
        _gone.append((pid, monotonic()))
        with suppress(ChildProcessError):  # where this process adopts orphans, as PID 1 does
            os.waitpid(pid, 0)
