"""What contributors are told of the checks is so, and a release that is not ready is not made."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from check_api import may_break
from kind_lines import lines_of_kinds
from newest import raised
from release import faults_of, section_of, version
from run import CHECKS, EVERY, NIGHTLY

ROOT: Final = Path(__file__).parent.parent
WORKFLOWS: Final = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
CHANGELOG: Final = """\
# Changelog

## [0.2.0] - 2030-01-31

### Added

- Something.

## [0.1.0] - 2029-01-31

- More.
"""


def test_contributors_are_told_of_every_check_in_its_order() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE) == list(EVERY)


def test_nox_has_a_session_for_every_check() -> None:
    pytest.importorskip("nox", reason="nox is of the group 'package'")
    command = [sys.executable, "-m", "nox", "--list"]
    run = subprocess.run(command, capture_output=True, check=True, cwd=ROOT, text=True)
    assert re.findall(r"^\* ([\w-]+)", run.stdout, re.MULTILINE) == list(CHECKS)
    assert re.findall(r"^- ([\w-]+)", run.stdout, re.MULTILINE) == list(NIGHTLY)


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_runs_the_checks_that_there_are(workflow: Path) -> None:
    text = workflow.read_text(encoding="utf-8")
    listed = re.search(r"^ +check: \[([\w, -]+)\]$", text, re.MULTILINE)
    if listed is not None:
        text = text.replace("${{ matrix.check }}", listed[1].replace(",", ""))
    called = re.findall(r"tools/run\.py test([\w -]*)$", text, re.MULTILINE)
    assert called
    assert {name for names in called for name in names.split()} <= EVERY.keys()
    for script in re.findall(r"python (tools/\S+)", text):
        assert (ROOT / script).is_file()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda file: file.name)
def test_a_workflow_takes_actions_by_their_commit(workflow: Path) -> None:
    used = re.findall(r"uses: (.*)", workflow.read_text(encoding="utf-8"))
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v[0-9.]+", action) for action in used)


def test_what_is_no_part_of_the_gate_is_run_every_night() -> None:
    text = (ROOT / ".github" / "workflows" / "nightly.yml").read_text(encoding="utf-8")
    assert f"check: [{', '.join(NIGHTLY)}]" in text


def test_the_tests_come_last() -> None:
    assert list(CHECKS)[-1] == "tests"


@pytest.mark.parametrize(
    ("old", "new", "may"),
    [
        ("0.1.3", "0.1.4", False),
        ("0.1.3", "0.2.0", True),
        ("0.9.0", "1.0.0", True),
        ("1.1.0", "1.2.0", False),
        ("1.9.0", "2.0.0", True),
    ],
)
def test_only_some_releases_may_take_things_away(old: str, new: str, *, may: bool) -> None:
    assert may_break(old, new) is may


def test_a_release_that_is_ready_has_no_faults() -> None:
    assert faults_of("0.2.0", CHANGELOG, [], ["v0.1.0"], "", tag="v0.2.0") == []


@pytest.mark.parametrize(
    ("number", "changelog", "fragments", "tags", "changed", "fault"),
    [
        ("0.2.0", CHANGELOG, [], ["v0.2.0"], "", "does not come after 0.2.0"),
        ("0.2.0", CHANGELOG, [], ["v0.10.0"], "", "does not come after 0.10.0"),
        ("0.2.0", CHANGELOG, [], ["v0.1.0"], " M README.md", "not committed:\n M README.md"),
        ("0.3.0", CHANGELOG, [], ["v0.1.0"], "", "has no line '## [0.3.0] - YYYY-MM-DD'"),
        ("0.2.0", CHANGELOG, ["new.md"], [], "", "still without new.md: scriv collect"),
        ("0.2.0", "## [0.2.0] - 2030-01-31\n", [], [], "", "says nothing of 0.2.0"),
        ("0.2.0.dev1", CHANGELOG, [], [], "", "is not a version such as 1.2.3"),
    ],
)
def test_a_release_that_is_not_ready_says_why(
    number: str, changelog: str, fragments: list[str], tags: list[str], changed: str, fault: str
) -> None:
    faults = faults_of(number, changelog, fragments, tags, changed, tag=f"v{number}")
    assert any(fault in found for found in faults), faults


def test_a_tag_of_another_version_is_a_fault() -> None:
    assert faults_of("0.2.0", CHANGELOG, [], [], "", tag="v0.3.0") == [
        "the tag is v0.3.0, and the version 0.2.0"
    ]


def test_a_release_collects_what_is_new_into_the_changelog(tmp_path: Path) -> None:
    pytest.importorskip("scriv", reason="scriv is of the group 'package'")
    for name in ("CHANGELOG.md", "pyproject.toml", "src/botocancel/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    (tmp_path / "changelog.d").mkdir()
    (tmp_path / "changelog.d" / "new.md").write_text("### Fixed\n\n- What was wrong.\n")
    command = [sys.executable, "-m", "scriv", "collect"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    changelog = (tmp_path / "CHANGELOG.md").read_text(encoding="utf-8")
    assert section_of(changelog, version()) == "### Fixed\n\n- What was wrong."
    assert not list((tmp_path / "changelog.d").iterdir())
    fragments: list[str] = []
    assert faults_of(version(), changelog, fragments, [], "", tag=f"v{version()}") == []


def test_only_the_newest_versions_are_raised() -> None:
    text = 'a = 1\nnewest = [\n  "boto3==1.0",\n]\noldest = [\n  "boto3==0.9",\n]\n'
    assert raised(text, {"boto3": "2.0"}) == text.replace("==1.0", "==2.0")


MOST_LINES: Final = {"batch": 200, "datasync": 313, "ecs": 200, "emr": 150, "fsx": 267, "glue": 200}
"""Of kinds that are not regular; others have 120."""


def test_a_kind_is_a_short_file() -> None:
    lines = {key: by_hand for key, (by_hand, _) in lines_of_kinds().items()}
    long = {key: count for key, count in lines.items() if count > MOST_LINES.get(key, 120)}
    assert not long
