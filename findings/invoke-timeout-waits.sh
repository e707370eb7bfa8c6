#!/usr/bin/env bash
# run(timeout=1) of Invoke returns when the command's child has ended, however long that takes
#
# One would guess: that CommandTimedOut is raised after a second, and that what was started has
# been ended.
#
# Really: the shell is killed after a second, its child is not. The child holds the pipe of
# standard output, and run() reads that to its end first: CommandTimedOut comes when the child's
# work is done.
#
# Versions: invoke 3.0.3.
#
# Why it matters: a script that starts work on AWS and watches it is neither ended by its timeout
# nor is the caller told in time.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet invoke==3.0.3
env -i PATH="$PATH" HOME="$folder" SHELL=/bin/bash venv/bin/python - <<'PYTHON'
import importlib.metadata
import pathlib
import sys
import time

import invoke

done = pathlib.Path("done")
began = time.monotonic()
try:
    invoke.Context().run(f"(sleep 4; touch {done}); true", timeout=1, hide=True)
except invoke.CommandTimedOut:
    seen = [time.monotonic() - began > 3, done.exists()]
else:
    sys.exit("no longer so: CommandTimedOut was expected")
version = importlib.metadata.version("invoke")
print(f"invoke {version}: two seconds late, the child's work was done: {seen}")
if seen != [True, True]:
    sys.exit("no longer so: True and True were expected")
PYTHON
