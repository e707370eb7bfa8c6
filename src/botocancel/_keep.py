"""The process that a keeper is: it holds the end of a line, and cancels when the line breaks.

It is run by its path in a bare interpreter. Until the line breaks it imports nothing but these:
what it is told is kept as it came, and read when it is needed.
"""

import os
import sys


def held() -> tuple[dict[bytes, bytes], list[bytes]]:
    """Listen until the line breaks.

    Returns:
        What was told last, by its name; and the tasks, of which there is none if they were
        released.
    """
    told: dict[bytes, bytes] = {}
    tasks: dict[bytes, bytes] = {}
    rest = b""
    while data := _read():
        *lines, rest = (rest + data).split(b"\n")
        for line in lines:
            word, _, text = line.partition(b" ")
            if word == b"release":
                return told, []
            if word == b"cancel":
                return told, [*tasks]
            if word == b"add":
                tasks[text] = text
            elif word == b"drop":
                tasks.pop(text, None)
            else:
                told[word] = text
    return told, [*tasks]


def _read() -> bytes:
    try:
        return os.read(0, 65536)
    except OSError:  # the other end was closed with something unread
        return b""


def main() -> None:
    """Hold the line, which is standard input; cancel what is held when it breaks."""
    if sys.argv[1:] == ["detached"] and os.fork():
        os._exit(0)
    try:
        os.fstat(2)
    except OSError:  # or a socket might be opened there
        os.open(os.devnull, os.O_WRONLY)
    os.write(0, b"%d\n" % os.getpid())
    told, tasks = held()
    if not tasks:
        os._exit(0)

    import json  # noqa: PLC0415  (nothing is imported before)
    import site  # noqa: PLC0415

    site.main()  # for what installed packages hook into imports
    sys.path[:] = json.loads(told[b"path"])
    from botocancel._kept import cancel  # noqa: PLC0415

    cancel(json.loads(told[b"settings"]), json.loads(told[b"credentials"]), map(json.loads, tasks))


if __name__ == "__main__":
    main()
