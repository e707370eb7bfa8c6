#!/usr/bin/env bash
# func_timeout raises while the function is still running
#
# One would guess: that FunctionTimedOut is raised once the function has ended, its `finally`
# included.
#
# Really: it is raised at the timeout. The function sits in its sleep, or in whatever blocking call
# it is in, and runs its `finally` when that returns, after the caller went on.
#
# Versions: func-timeout 4.3.5.
#
# Why it matters: a clean-up that stops remote work comes late, or never, if the program ends
# first; and the caller who tries again has two of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet func-timeout==4.3.5
env -i PATH="$PATH" HOME="$folder" venv/bin/python - <<'PYTHON'
import importlib.metadata
import sys
import threading

from func_timeout import FunctionTimedOut, func_timeout

go_on, cleaned = threading.Event(), threading.Event()


def work():
    try:
        go_on.wait(30)
    finally:
        cleaned.set()


try:
    func_timeout(0.2, work)
except FunctionTimedOut:
    seen = [cleaned.is_set()]
go_on.set()
seen.append(cleaned.wait(30))
version = importlib.metadata.version("func-timeout")
print(f"func-timeout {version}: cleaned up when it was raised, and later: {seen}")
if seen != [False, True]:
    sys.exit("no longer so: False and True were expected")
PYTHON
