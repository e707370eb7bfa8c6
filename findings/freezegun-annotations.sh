#!/usr/bin/env bash
# A type that is resolved while time is frozen stays freezegun's afterwards
#
# One would guess: that freezegun changes what the time is, and for its block alone.
#
# Really: it puts FakeDatetime in place of `datetime` in every module that is loaded, so
# `datetime` in an annotation that is kept as text is resolved to FakeDatetime;
# attrs.resolve_types stores that in the class for good.
#
# Versions: freezegun 1.5.5, attrs 26.1.0.
#
# Why it matters: waits are tested with frozen time. What finds a converter by `type is datetime`
# works or not by which test ran first.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet freezegun==1.5.5 attrs==26.1.0
env -i PATH="$PATH" HOME="$folder" AWS_EC2_METADATA_DISABLED=true venv/bin/python - <<'PYTHON'
import sys
from datetime import datetime

import attrs
import freezegun


@attrs.define
class Task:
    started: "datetime"


@attrs.define
class Other:
    started: "datetime"


with freezegun.freeze_time("2026-01-01"):
    attrs.resolve_types(Task)
attrs.resolve_types(Other)
seen = [attrs.fields(cls).started.type for cls in (Task, Other)]
print(f"freezegun {freezegun.__version__}: resolved while frozen, and after it: {seen}")
if seen[0] is datetime or seen[1] is not datetime:
    sys.exit("no longer so: another class was expected where time was frozen, and there alone")
PYTHON
