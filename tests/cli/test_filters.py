"""``--filter``: what a kind's listing can be limited to, by its own name for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from botocancel.services.codebuild import StartBuildRequest

if TYPE_CHECKING:
    from botocancel.testing import SimulatedAWS
    from tests.cli.conftest import Operator

SHOP = ("--filter", "project=shop")


def two_builds(aws: SimulatedAWS) -> tuple[str, str]:
    """Start a build of each of two projects."""
    builds = aws.simulator("codebuild")
    other = builds.handle(StartBuildRequest(project_name="nightly")).to_wire()["build"]
    assert isinstance(other, dict)
    return builds.start(), str(other["id"])


def test_ls_shows_what_fits_and_asks_only_the_kinds_that_know_the_filter(
    aws: SimulatedAWS, operator: Operator
) -> None:
    build, _ = two_builds(aws)
    aws.fsx().start(status="EXECUTING")
    ran = operator.run("ls", *SHOP, "--output", "ids")
    assert ran.status == 0
    assert [line.rpartition("/")[2] for line in ran.lines] == [build]
    assert {record.operation for record in aws.requests} == {
        "ListBuildsForProject",
        "BatchGetBuilds",
    }


def test_cancel_stops_what_fits(aws: SimulatedAWS, operator: Operator) -> None:
    build, other = two_builds(aws)
    ran = operator.run("cancel", "--kind", "codebuild", *SHOP, "--yes", "--wait")
    assert ran.status == 0
    builds = aws.simulator("codebuild")
    assert [builds.status(name) for name in (build, other)] == ["STOPPED", "IN_PROGRESS"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--filter", "project"), "'project' is no filter; write NAME=VALUE"),
        (("--filter", "projekt=shop"), "none of the kinds has all of the filters projekt"),
        (("--kind", "logs", *SHOP), "none of logs has all of the filters project"),
        (("--filter", "project=a b"), "project must be the name of a CodeBuild project"),
    ],
)
def test_a_filter_that_cannot_be_right_is_refused_before_any_request(
    aws: SimulatedAWS, operator: Operator, words: tuple[str, ...], said: str
) -> None:
    ran = operator.run("ls", *words)
    assert ran.status != 0
    assert said in ran.stderr
    assert not aws.requests
