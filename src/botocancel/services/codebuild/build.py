"""AWS CodeBuild builds; one that waits, works or is being stopped is IN_PROGRESS."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.services import codebuild as m  # its models are loaded on first use
from botocancel.services import declare as d
from botocancel.services._kind import Kind
from botocancel.services.codebuild import errors

__all__ = ["BuildRef"]

MODELS: Final[d.Models] = {
    "title": "AWS CodeBuild",
    "prefix": "CodeBuild",
    "reference": "https://docs.aws.amazon.com/codebuild/latest/APIReference",
    "needed": ["StopBuildResponse.build", "StartBuildResponse.build", "RetryBuildResponse.build"],
}

_PROJECT: Final = "[A-Za-z0-9][A-Za-z0-9_-]{1,254}"
_HERE: Final = "arn:{partition}:codebuild:{region}:{account}"
_OF_PROJECT: Final = f"{_HERE}:project/{{project}}"
_WAITS: Final = {f"IN_PROGRESS {name}": d.Phase.PENDING for name in ("SUBMITTED", "QUEUED")}
_ENDED: Final = {  # what the answer to a stop has of a build that had ended by itself
    status: d.Refused("BuildEnded", f"the build is {status}")
    for status in ("SUCCEEDED", "FAILED", "FAULT", "TIMED_OUT")
}


class BuildRef(d.DeclaredRef["m.Build", "m.StopBuildResponse"]):
    """Identity of a CodeBuild build: its id, ``PROJECT:UUID``, or its ARN."""

    __slots__ = ()

    key: ClassVar[str] = "codebuild"
    form: ClassVar[d.Id] = d.Id(
        kind="CodeBuild build",
        pattern=f"(?P<project>{_PROJECT}):[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}",
        arn=f"{_HERE}:build/{{id}}",
        alone=False,
        expected="the id of a CodeBuild build, project and UUID with ':' between them, or its ARN",
        example="shop:01234567-89ab-4def-8123-456789abcdef",
        near={
            f"{_HERE}:build-batch/.*": "of a batch, builds are stopped one by one",
            f"{_HERE}:project/.*": "of a project, only a build can be stopped",
        },
    )


def _listing(page: d.Page) -> m.ListBuildsRequest | m.ListBuildsForProjectRequest:
    """Return the request for a page of all builds, or of those of one project."""
    if project := page.wanted.value_of("project"):
        return m.ListBuildsForProjectRequest(project_name=project, next_token=page.token)
    return m.ListBuildsRequest(next_token=page.token)


KIND: Final = Kind(
    BuildRef,
    errors=errors.CodeBuildError,
    states={
        "IN_PROGRESS": d.State(d.Phase.RUNNING, then="SUCCEEDED", after=300),
        "SUCCEEDED": d.State(d.Phase.SUCCEEDED),
        "FAILED": d.State(d.Phase.FAILED),
        "FAULT": d.State(d.Phase.FAILED),
        "TIMED_OUT": d.State(d.Phase.FAILED),
        "STOPPED": d.State(d.Phase.CANCELED),
    },
    cancel=d.Cancel(
        request=lambda ask: m.StopBuildRequest(id=ask.id),
        shows=lambda answer: answer.build,
        task=lambda answer: answer.build.id,
        status=lambda answer: answer.build.build_status,
        refused=lambda answer: _ENDED.get(answer.build.build_status or ""),
    ),
    describe=d.DescribeMany(
        request=lambda refs, _: m.BatchGetBuildsRequest(ids=tuple(ref.id for ref in refs)),
        details=lambda answer: answer.builds,
        id=lambda build: build.id,
        most=100,
    ),
    list=d.List(
        request=_listing, items=lambda page: page.ids, id=lambda name, _: name, by_status=False
    ),
    forms={"project": d.Form(_PROJECT, 255, "the name of a CodeBuild project", "shop")},
    look=d.Look(
        status=lambda build: build.build_status,
        phase=lambda build: _WAITS.get(f"{build.build_status} {build.current_phase}"),
        times=lambda build: (build.start_time, build.start_time, build.end_time),
        arn=lambda build: build.arn,
        parent=lambda build: build.project_name,
    ),
    start=d.Start(request=lambda: m.StartBuildRequest, id=lambda answer: answer.build.id),
    repair=d.Repair(
        request=lambda ref: m.RetryBuildRequest(id=ref.id, idempotency_token=d.token()),
        id=lambda answer: answer.build.id,
        anew=True,
    ),
    aftermath=d.Aftermath(
        summary="AWS does not document what a build that is stopped leaves behind.",
        repair="Retry the build, which starts another one.",
        source="AWS CodeBuild API Reference, StopBuild and RetryBuild",
    ),
    permissions=(
        d.Permission("codebuild:StopBuild", "cancel", _OF_PROJECT),
        d.Permission("codebuild:BatchGetBuilds", "wait list", _OF_PROJECT),
        d.Permission("codebuild:RetryBuild", "restart", _OF_PROJECT),
        d.Permission("codebuild:ListBuildsForProject", "list", _OF_PROJECT),
        d.Permission("codebuild:ListBuilds", "list"),
    ),
    simulated=d.Simulated(
        ended=("BuildEnded", "{status}"),
        refusal=lambda asked, code, status: (
            {"build": {"id": asked["id"], "buildStatus": status}} if code == "BuildEnded" else None
        ),
        filters={"project": "projectName"},
    ),
)
