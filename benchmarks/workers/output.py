"""Passes log lines on: by a pipe of `cat`, or through `botocancel run`."""

import json
import resource
import subprocess
import sys
import tempfile
import time

WAYS = {
    "pipe": "cat '{file}' | cat >/dev/null",
    "run": "'{python}' -m botocancel run -- cat '{file}' >/dev/null",
    "start": "'{python}' -m botocancel run -- true >/dev/null",
}

way, number, ids = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
with tempfile.NamedTemporaryFile("w") as file:
    for line in range(number):
        name = f"task-{line % ids:017x}" if ids else "s3://bucket/2024/01/01"
        file.write(f"2024-01-01T00:00:00.{line % 1000:03}Z INFO worker-7 copied part {line:07} of ")
        file.write(f"{name} at 12.3 MB/s\n")
    file.flush()
    command = WAYS[way].format(file=file.name, python=sys.executable)
    started = time.perf_counter()
    subprocess.run(command, shell=True, check=True)  # noqa: S602  (it is written above)
    wall, used = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    print(json.dumps({"cpu": used.ru_utime + used.ru_stime, "wall": wall}))
