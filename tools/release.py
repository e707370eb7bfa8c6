"""Say whether a release can be made from this tree, and how; build it. Nothing is published.

    .venv/bin/python tools/release.py                what is missing, and what comes next
    .venv/bin/python tools/release.py --tag v0.1.0   the same, for the workflow: the tag is there

The files land in ``dist``, with an SBOM and the list of licences of all that the
package stands on. docs/releasing.md says what each step is for.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, cast

from check_wheel import Empty, metadata_of
from distributions import ROOT, Built, build_twice

DIST = ROOT / "dist"


def output_of(*command: str) -> str:
    """Run a command at the root of the repository and return what it prints."""
    run = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True)
    return run.stdout.strip()


def version() -> str:
    """Return the version of the package, from the one place where it is written."""
    return output_of(sys.executable, "-m", "hatchling", "version")


def release_of(number: str) -> tuple[int, ...]:
    """Return the numbers of a version.

    >>> release_of("0.12.0")
    (0, 12, 0)
    """
    return tuple(int(part) for part in number.split(".")[:3])


def section_of(changelog: str, title: str) -> str | None:
    """Return the text of a section of the changelog, None if it is not there."""
    found = re.search(
        rf"^## \[{re.escape(title)}\](?P<date>[^\n]*)\n(?P<text>.*?)(?=^## |\Z)",
        changelog,
        re.DOTALL | re.MULTILINE,
    )
    return None if found is None else found["text"].strip()


def faults_of(
    number: str, changelog: str, fragments: list[str], tags: list[str], changed: str, *, tag: str
) -> list[str]:
    """Return what stands in the way of a release.

    Args:
        number: The version of the package.
        changelog: The text of CHANGELOG.md.
        fragments: The files whose text is to go into it.
        tags: The tags that there are, that of this release left out.
        changed: What ``git status --porcelain`` says.
        tag: The tag that the release has or will have.
    """
    faults: list[str] = []
    if tag != f"v{number}":
        faults.append(f"the tag is {tag}, and the version {number}")
    if not re.fullmatch(r"\d+\.\d+\.\d+", number):
        faults.append(f"{number} is not a version such as 1.2.3")
    else:
        released = [old[1:] for old in tags if re.fullmatch(r"v\d+\.\d+\.\d+", old)]
        newest = max(released, key=release_of, default="0.0.0")
        if release_of(number) <= release_of(newest):
            faults.append(f"{number} does not come after {newest}, which is released")
    if not re.search(rf"^## \[{re.escape(number)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE):
        faults.append(f"CHANGELOG.md has no line '## [{number}] - YYYY-MM-DD'")
    elif not section_of(changelog, number):
        faults.append(f"CHANGELOG.md says nothing of {number}")
    if fragments:
        faults.append(f"CHANGELOG.md is still without {', '.join(fragments)}: scriv collect")
    if changed:
        faults.append(f"there are changes that are not committed:\n{changed}")
    return faults


def licences_of(component: dict[str, Any]) -> str:
    """Return the licences that a component of an SBOM declares."""
    entries = component.get("licenses", [])
    return ", ".join(
        entry.get("expression") or entry["license"].get("id") or entry["license"]["name"]
        for entry in entries
    )


def write_sbom(built: Built, folder: Path, number: str) -> None:
    """Install the wheel with every extra into an empty environment and say what is there."""
    extras, _ = metadata_of(built.wheel)
    empty = Empty.made(folder / "sbom", sys.executable)
    empty.install(f"{built.wheel}[{','.join(extras)}]")
    sbom = DIST / f"botocancel-{number}.cdx.json"
    command = ["cyclonedx_py", "environment", str(empty.python), "--output-reproducible"]
    command += ["--pyproject", "pyproject.toml", "--output-file", str(sbom)]
    output_of(sys.executable, "-m", *command)
    parts = cast("list[dict[str, Any]]", json.loads(sbom.read_text(encoding="utf-8"))["components"])
    lines = [f"{part['name']} {part['version']}: {licences_of(part)}" for part in parts]
    licences = DIST / f"botocancel-{number}.licences.txt"
    licences.write_text("".join(f"{line}\n" for line in sorted(lines)), encoding="utf-8")
    print(licences.read_text(encoding="utf-8"))


def main(argv: list[str]) -> int:
    """Build, say what is missing and what comes next, and return the exit status."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tag", help="the tag that this release has already")
    given = parser.parse_args(argv).tag
    number = version()
    tag = given or f"v{number}"
    faults = faults_of(
        number,
        (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"),
        sorted(file.name for file in (ROOT / "changelog.d").glob("*.md")),
        [old for old in output_of("git", "tag").split() if old != given],
        output_of("git", "status", "--porcelain"),
        tag=tag,
    )
    shutil.rmtree(DIST, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="botocancel-release-") as name:
        built = build_twice(Path(name))
        DIST.mkdir()
        for file in (built.sdist, built.wheel):
            shutil.copy2(file, DIST)
        for built_name, digest in built.digests().items():
            print(f"built twice, equal: sha256 {digest}  dist/{built_name}")
        write_sbom(built, Path(name), number)
    for fault in faults:
        print(f"MISSING: {fault}")
    if not faults:
        print(f"{number} can be released. What comes next, in docs/releasing.md:")
        print(f"  git tag --sign {tag} --message 'botocancel {number}'")
        print(f"  git push origin {tag}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
