#!/usr/bin/env bash
# The second of two equal calls that are submitted to Dask's executor does not run
#
# One would guess: that submit() of an executor runs the function each time, as that of
# concurrent.futures does.
#
# Really: get_executor() takes functions for pure unless it is told otherwise: as long as the
# first future is held, an equal call is answered with its result. With pure=False both run.
#
# Versions: distributed 2026.8.0.
#
# Why it matters: a task that is cancelled again, after the first cancel did not take, is not
# asked again; what comes back is the first answer.
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

import distributed


def cancel(task):
    with pathlib.Path("calls").open("a") as calls:
        calls.write(f"{task}\n")


def main():
    logging.disable()
    options = {"n_workers": 1, "processes": False, "dashboard_address": "127.0.0.1:0"}
    with (
        distributed.LocalCluster(host="tcp://127.0.0.1", **options) as cluster,
        distributed.Client(cluster) as client,
    ):
        seen = {}
        for pure in (None, False):
            pathlib.Path("calls").write_text("")
            keywords = {} if pure is None else {"pure": pure}
            executor = client.get_executor(**keywords)
            futures = [executor.submit(cancel, "task-0") for _ in range(2)]
            for future in futures:
                future.result()
            seen[pure] = len(pathlib.Path("calls").read_text().split())
    print(f"distributed {distributed.__version__}: runs: {seen}")
    if seen != {None: 1, False: 2}:
        sys.exit("no longer so: one run by default and two with pure=False were expected")


if __name__ == "__main__":
    main()
PYTHON
env -i PATH="$PATH" HOME="$folder" venv/bin/python seen.py
