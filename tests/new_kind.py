"""A kind that botocancel does not bring, as its one file: AWS CodeBuild builds."""

from __future__ import annotations

from typing import Final

BUILD: Final = '''
"""AWS CodeBuild builds."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import stopping_builds as m
from botocancel.services import Kind
from botocancel.services.declare import (
    Actions,
    Aftermath,
    Cancel,
    DeclaredRef,
    DescribeMany,
    Id,
    List,
    Look,
    Phase,
    Simulated,
    State,
)
from stopping_builds import errors

if TYPE_CHECKING:
    _Ref = DeclaredRef[m.Build, m.StopBuildResponse]
else:
    _Ref = DeclaredRef

__all__ = ["KIND", "BuildRef"]

MODELS = {
    "client": "codebuild",
    "title": "AWS CodeBuild",
    "prefix": "CodeBuild",
    "reference": "https://docs.aws.amazon.com/codebuild/latest/APIReference",
}


_PROJECT: Final = "arn:{partition}:codebuild:{region}:{account}:project/{project}"


class BuildRef(_Ref):
    """Identity of a CodeBuild build: its project and a UUID."""

    __slots__ = ()
    key: ClassVar[str] = "codebuild"
    service: ClassVar[str] = "codebuild"
    form: ClassVar[Id] = Id(
        kind="CodeBuild build",
        pattern="(?P<project>[A-Za-z0-9][A-Za-z0-9_-]{1,254}):[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        arn="arn:{partition}:codebuild:{region}:{account}:build/{id}",
        alone=False,
        expected="the id of a build, project and UUID",
        example="shop:01234567-89ab-cdef-0123-456789abcdef",
    )


KIND: Final = Kind(
    BuildRef,
    errors=errors.CodeBuildError,
    states={
        "IN_PROGRESS": State(Phase.RUNNING, then="SUCCEEDED", after=300),
        "SUCCEEDED": State(Phase.SUCCEEDED),
        "FAILED": State(Phase.FAILED),
        "FAULT": State(Phase.FAILED),
        "TIMED_OUT": State(Phase.FAILED),
        "STOPPED": State(Phase.CANCELED),
    },
    cancel=Cancel(
        request=lambda ask: m.StopBuildRequest(id=ask.id),
        shows=lambda answer: answer.build,
        task=lambda answer: answer.build.id if answer.build else None,
        status=lambda answer: answer.build.build_status if answer.build else None,
    ),
    describe=DescribeMany(
        request=lambda refs, _: m.BatchGetBuildsRequest(ids=tuple(ref.id for ref in refs)),
        details=lambda page: page.builds,
        id=lambda build: build.id,
        most=100,
    ),
    list=List(
        request=lambda page: m.ListBuildsRequest(next_token=page.token),
        items=lambda page: page.ids,
        id=lambda name, _: name,
        by_status=False,
    ),
    look=Look(
        status=lambda build: build.build_status,
        times=lambda build: (build.start_time, build.start_time, build.end_time),
        arn=lambda build: build.arn,
        parent=lambda build: build.project_name,
    ),
    aftermath=Aftermath(
        summary="AWS does not document what stopping a build leaves behind.",
        source="AWS CodeBuild API Reference, StopBuild",
    ),
    permissions=Actions(prefix="codebuild", task=_PROJECT),
    simulated=Simulated(
        unknown=("ResourceNotFoundException", "Build {id} does not exist"),
        answer=lambda ref: {"build": {"id": ref.id, "buildStatus": "STOPPED"}},
    ),
)
'''
