"""Compare the public names with those of the last release: the check ``api``.

What takes something away from users (a name, a parameter, a default) is a break. The
check fails where there is one and the version has not been raised for it: its first
number, or below 1.0 its second.
"""

from __future__ import annotations

import subprocess
import sys

from distributions import ROOT
from release import release_of, version

PACKAGE = "botocancel"


def last_tag() -> str | None:
    """Return the tag of the last release before this commit, None if there is none."""
    command = ["git", "describe", "--tags", "--abbrev=0", "--match=v[0-9]*"]
    try:
        run = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, text=True)
    except OSError:  # no git
        return None
    return run.stdout.strip() or None


def may_break(old: str, new: str) -> bool:
    """Say whether a version may take away what an older one has.

    >>> may_break("0.1.3", "0.2.0"), may_break("1.1.0", "1.2.0"), may_break("1.2.0", "2.0.0")
    (True, False, True)
    """
    length = 1 if release_of(old)[0] else 2
    return release_of(new)[:length] > release_of(old)[:length]


def main() -> int:
    """Compare, and return the exit status."""
    tag = last_tag()
    if tag is None:
        print("SKIPPED: there is no tag of a release to compare with")
        return 0
    griffe = [sys.executable, "-m", "griffe", "check", PACKAGE, "--search=src", f"--against={tag}"]
    broken = subprocess.run(griffe, cwd=ROOT, check=False).returncode
    if not broken:
        print(f"nothing that {tag} has is taken away")
    elif may_break(tag.removeprefix("v"), version()):
        print(f"{version()} may take away what {tag} has; say it in changelog.d")
        broken = 0
    else:
        print(f"{version()} may not take away what {tag} has: see CONTRIBUTING.md, Deprecations")
    return broken


if __name__ == "__main__":
    sys.exit(main())
