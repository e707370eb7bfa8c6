#!/usr/bin/env bash
# Dask says of a call that is running that it was cancelled, and the call runs on
#
# One would guess: that cancel() of a running future returns False, as concurrent.futures
# documents; or that it stops the call.
#
# Really: cancel() and cancelled() of a future of get_executor() are True at once. The function is
# not interrupted and runs to its end on the worker.
#
# Versions: distributed 2026.8.0.
#
# Why it matters: what the function started on AWS goes on, and its clean-up sees nothing of the
# cancel; a program that believes the answer leaves the work behind.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet distributed==2026.8.0
cat >seen.py <<'PYTHON'
import logging
import pathlib
import sys
import time

import distributed


def is_there(name):
    """Wait until a file is there, for half a minute at most."""
    for _ in range(300):
        if pathlib.Path(name).exists():
            return True
        time.sleep(0.1)
    return False


def work():
    pathlib.Path("begun").touch()
    is_there("go-on")
    pathlib.Path("ended").touch()


def main():
    logging.disable()
    options = {"n_workers": 1, "processes": False, "dashboard_address": "127.0.0.1:0"}
    with (
        distributed.LocalCluster(host="tcp://127.0.0.1", **options) as cluster,
        distributed.Client(cluster) as client,
    ):
        future = client.get_executor(pure=False).submit(work)
        is_there("begun")
        seen = [future.cancel(), future.cancelled()]
        pathlib.Path("go-on").touch()
        seen.append(is_there("ended"))
    print(f"distributed {distributed.__version__}: cancel, cancelled, ran to its end: {seen}")
    if seen != [True, True, True]:
        sys.exit("no longer so: three times True was expected")


if __name__ == "__main__":
    main()
PYTHON
env -i PATH="$PATH" HOME="$folder" venv/bin/python seen.py
