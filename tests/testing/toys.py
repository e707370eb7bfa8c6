"""Small simulators of services in every protocol, for tests of what lies before them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self, cast

import attrs

from botocancel.model import Request, Response
from botocancel.services._simulator import DEFAULT_START
from botocancel.testing import SimulatedAWS, _world
from botocancel.testing.simulators import (
    Lifecycle,
    ServiceSimulator,
    SimulatedError,
    SimulatedTask,
    SimulatorSettings,
    Step,
    operation,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    import pytest

    from botocancel.model import Wire
    from botocancel.services._simulator import Purpose
    from botocancel.testing.simulators import AnySimulator, Operation, View


@attrs.frozen(kw_only=True)
class Said(Response):
    """An answer of whatever members."""

    members: Wire = attrs.field(factory=dict[str, object])

    @classmethod
    def from_wire(cls, wire: Wire) -> Self:
        return cls(members=wire)

    def to_wire(self) -> dict[str, object]:
        return dict(self.members)


@attrs.frozen(kw_only=True)
class Asked(Request[Said]):
    """A request of whatever parameters."""

    response_type: ClassVar[type[Response]] = Said
    parameters: Wire

    @classmethod
    def from_wire(cls, wire: Wire) -> Self:
        return cls(parameters=wire)

    def to_wire(self) -> dict[str, object]:
        return dict(self.parameters)


@attrs.define(kw_only=True, eq=False)
class Job(SimulatedTask):
    """A job that has an ARN."""

    arn: str

    @property
    def names(self) -> tuple[str | None, ...]:
        return (self.id, self.arn)


class Toy(ServiceSimulator[Job, SimulatorSettings]):
    """Jobs that are stopped at once."""

    settings_type: ClassVar[type[SimulatorSettings]] = SimulatorSettings
    lifecycle: ClassVar[Lifecycle] = Lifecycle(
        steps={"RUNNING": Step("SUCCEEDED", after=100.0)},
        cancelable=frozenset({"RUNNING"}),
        canceling=None,
        canceled="FAILED",
        succeeded="SUCCEEDED",
        failed="FAILED",
    )
    refusal: ClassVar = "ValidationException"
    failure: ClassVar = "InternalServerException"
    first: ClassVar = "RUNNING"

    def start(self, status: str | None = None) -> str:
        task_id = self.new_id("job")
        arn = self.place.arn(self.client, task_id)
        task = Job(id=task_id, arn=arn, seconds=self.durations(None))
        self._add(task, self.first)
        self._lead(task, status)
        return task.id

    def operations(self) -> tuple[Operation, ...]:
        return ()

    def malformed(self, text: str) -> SimulatedError:
        return SimulatedError(self.refusal, text)

    def internal_error(self, text: str) -> SimulatedError:
        return SimulatedError(self.failure, text, 500)

    def row(
        self,
        name: str,
        purpose: Purpose,
        answer: Callable[[Wire], dict[str, object]],
        task: str = "",
    ) -> Operation:
        """Return a row of the table of operations; `task` is the parameter that names one."""
        kind = type(name, (Asked,), {"service": self.client, "operation": name})
        return operation(
            cast("type[Asked]", kind),
            lambda request: Said(members=answer(request.parameters)),
            purpose,
            lambda request: cast("str | None", request.parameters.get(task)),
        )

    def stopped(self, task_id: object) -> Job:
        """Stop a task; refuse where there is none."""
        task = self._visible(str(task_id))
        if task is None:
            msg = f"There is no {task_id}."
            raise self.malformed(msg)
        if not self._ended(task):
            self._stop(task)
        return task

    def seen(self, ids: object) -> list[View[Job]]:
        return self._views(
            self.tasks[name] for name in cast("list[str]", ids) if name in self.tasks
        )

    def page(self, asked: Wire, token: str) -> tuple[list[View[Job]], dict[str, object]]:
        """Cut a page of all; return the token beside it, under its name."""
        page, following = self._page(
            self._views(self.tasks.values()),
            lambda view: view.task.number,
            cast("int", asked.get("maxResults", 100)),
            cast("str | None", asked.get(token)),
            "jobs",
        )
        return page, {} if following is None else {token: following}


class Batch(Toy):
    """AWS Batch: rest-json, with everything in the body."""

    service = "batch"
    refusal = "ClientException"
    failure = "ServerException"

    def operations(self) -> tuple[Operation, ...]:
        return (
            self.row("SubmitJob", "other", self._submit),
            self.row("DescribeJobs", "read", self._describe),
            self.row("ListJobs", "read", self._list),
            self.row("CancelJob", "cancel", self._end, "jobId"),
            self.row("TerminateJob", "cancel", self._end, "jobId"),
        )

    def _submit(self, asked: Wire) -> dict[str, object]:
        return {"jobId": self.start(), "jobName": asked["jobName"]}

    def _end(self, asked: Wire) -> dict[str, object]:
        self.stopped(asked["jobId"])
        return {}

    def _describe(self, asked: Wire) -> dict[str, object]:
        views = self.seen(asked["jobs"])
        more = {"jobQueue": "queue", "jobDefinition": "definition", "startedAt": 0}
        return {"jobs": [{**_job(view), **more, "tags": {"a b": "ü"}} for view in views]}

    def _list(self, asked: Wire) -> dict[str, object]:
        views, token = self.page(asked, "nextToken")
        return {"jobSummaryList": [_job(view) for view in views], **token}


def _job(view: View[Job]) -> dict[str, object]:
    return {"jobId": view.task.id, "jobName": "name", "status": view.shown}


class EMRServerless(Toy):
    """EMR Serverless: rest-json, with ids in the path and filters in the query string."""

    service = "emr-serverless"
    lifecycle = attrs.evolve(
        Toy.lifecycle,
        steps={"RUNNING": Step("SUCCESS", after=100.0)},
        canceled="CANCELLED",
        succeeded="SUCCESS",
    )

    def operations(self) -> tuple[Operation, ...]:
        return (
            self.row("GetJobRun", "read", self._get, "jobRunId"),
            self.row("ListJobRuns", "read", self._list),
            self.row("CancelJobRun", "cancel", self._cancel, "jobRunId"),
        )

    def _cancel(self, asked: Wire) -> dict[str, object]:
        run = self.stopped(asked["jobRunId"])
        return {"applicationId": asked["applicationId"], "jobRunId": run.id}

    def _get(self, asked: Wire) -> dict[str, object]:
        found = self.seen([asked["jobRunId"]])
        if not found:
            code, text = "ResourceNotFoundException", "There is no such job run."
            raise SimulatedError(code, text, 404)
        driver = {"sparkSubmit": {"entryPoint": "s3://here"}}
        run = {**self._run(found[0], asked), "jobRunId": found[0].task.id, "jobDriver": driver}
        return {"jobRun": run}

    def _list(self, asked: Wire) -> dict[str, object]:
        views, token = self.page(asked, "nextToken")
        states = cast("list[str]", asked.get("states", sorted(self.lifecycle.statuses)))
        since = cast("datetime", asked.get("createdAtAfter", DEFAULT_START))
        runs = [
            {**self._run(view, asked), "id": view.task.id}
            for view in views
            if view.status in states and view.task.changes[0].time >= since
        ]
        return {"jobRuns": runs, **token}

    def _run(self, view: View[Job], asked: Wire) -> dict[str, object]:
        made = view.task.changes[0].time + timedelta(milliseconds=250)
        return {
            "applicationId": asked["applicationId"],
            "arn": self.place.arn(self.service, "/applications/a/jobruns/b"),
            "createdBy": f"arn:aws:iam::{self.place.account}:user/u",
            "createdAt": made,
            "updatedAt": made,
            "executionRole": "arn:aws:iam::123456789012:role/r",
            "state": view.shown,
            "stateDetails": "as told",
            "releaseLabel": "emr-7.0.0",
        }


class Omics(Toy):
    """AWS HealthOmics: rest-json, with a word before the host, and nothing in the answer."""

    service = "omics"

    def operations(self) -> tuple[Operation, ...]:
        return (self.row("CancelRun", "cancel", self._cancel, "id"),)

    def _cancel(self, asked: Wire) -> dict[str, object]:
        self.stopped(asked["id"])
        return {}


class StepFunctions(Toy):
    """AWS Step Functions: JSON 1.0."""

    service = "stepfunctions"
    failure = "InternalServerError"
    refusal = "ExecutionDoesNotExist"

    def operations(self) -> tuple[Operation, ...]:
        return (self.row("StopExecution", "cancel", self._stop_execution, "executionArn"),)

    def _stop_execution(self, asked: Wire) -> dict[str, object]:
        return {"stopDate": self.stopped(asked["executionArn"]).changes[-1].time}


class CodeBuild(Toy):
    """AWS CodeBuild: CBOR, and JSON."""

    service = "codebuild"
    refusal = "InvalidInputException"
    lifecycle = attrs.evolve(
        Toy.lifecycle,
        steps={"IN_PROGRESS": Step("SUCCEEDED", after=100.0)},
        cancelable=frozenset({"IN_PROGRESS"}),
        canceled="STOPPED",
    )
    first = "IN_PROGRESS"

    def operations(self) -> tuple[Operation, ...]:
        return (
            self.row("StopBuild", "cancel", self._stop_build, "id"),
            self.row("BatchGetBuilds", "read", self._get),
        )

    def _stop_build(self, asked: Wire) -> dict[str, object]:
        return {"build": {"id": self.stopped(asked["id"]).id}}

    def _get(self, asked: Wire) -> dict[str, object]:
        return {
            "builds": [
                {
                    "id": view.task.id,
                    "buildStatus": view.shown,
                    "startTime": view.task.changes[0].time,
                }
                for view in self.seen(asked["ids"])
            ]
        }


class SageMakerJobs(Toy):
    """One kind of SageMaker's jobs: what is stopped is its own, tags are all kinds'."""

    client = "sagemaker"
    what: ClassVar[str]

    def operations(self) -> tuple[Operation, ...]:
        return (
            self.row(f"Stop{self.what}Job", "cancel", self._stop_job, f"{self.what}JobName"),
            self.row("ListTags", "read", self._tags, "ResourceArn"),
        )

    def _stop_job(self, asked: Wire) -> dict[str, object]:
        self.stopped(asked[f"{self.what}JobName"])
        return {}

    def _tags(self, asked: Wire) -> dict[str, object]:
        return {"Tags": [{"Key": "of", "Value": self.service}] if asked["ResourceArn"] else []}


class Training(SageMakerJobs):
    service = "sagemaker-training"
    what = "Training"


class Processing(SageMakerJobs):
    service = "sagemaker-processing"
    what = "Processing"


class CloudFormation(Toy):
    """AWS CloudFormation: ``query``, which is not spoken."""

    service = "cloudformation"


TOYS: tuple[type[Toy], ...] = (
    Batch,
    CloudFormation,
    CodeBuild,
    EMRServerless,
    Omics,
    Processing,
    StepFunctions,
    Training,
)


def simulating(monkeypatch: pytest.MonkeyPatch) -> SimulatedAWS:
    """Return a simulated AWS that has the services of this module too, for one test."""
    own = _world.simulator_types()
    toys = cast("dict[str, type[AnySimulator]]", {toy.service: toy for toy in TOYS})
    monkeypatch.setattr(_world, "simulator_types", lambda: {**own, **toys})
    return SimulatedAWS()
