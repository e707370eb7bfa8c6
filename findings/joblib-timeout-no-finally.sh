#!/usr/bin/env bash
# joblib's timeout kills the workers, and nothing they would clean up is cleaned up
#
# One would guess: that the workers are told to end by SIGTERM, or by an exception, so that
# `finally` or a handler of SIGTERM can stop what the call started.
#
# Really: Parallel(timeout=...) raises multiprocessing.TimeoutError, which is no TimeoutError, and
# ends its processes by SIGKILL; neither `finally` nor a handler of SIGTERM runs.
#
# Versions: joblib 1.6.0.
#
# Why it matters: work on AWS that the call started goes on, and no code of the call can prevent
# it; it has to be ended from outside the worker.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet joblib==1.6.0
cat >work.py <<'PYTHON'
import pathlib
import signal
import sys
import time


def work():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    pathlib.Path("begun").touch()
    try:
        time.sleep(8)
    finally:
        pathlib.Path("cleaned").touch()
PYTHON
cat >seen.py <<'PYTHON'
import multiprocessing
import pathlib
import sys
import time

import joblib
from work import work

if __name__ == "__main__":
    try:
        joblib.Parallel(n_jobs=2, timeout=4)(joblib.delayed(work)() for _ in range(2))
    except multiprocessing.TimeoutError:
        time.sleep(6)
        seen = [pathlib.Path(name).exists() for name in ("begun", "cleaned")]
    print(f"joblib {joblib.__version__}: begun, cleaned up: {seen}")
    if seen != [True, False]:
        sys.exit("no longer so: True and False were expected")
PYTHON
env -i PATH="$PATH" HOME="$folder" venv/bin/python seen.py
