"""Amazon ECS tasks; those that a service owns, it replaces: they are listed only if asked for."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.services import declare as d
from botocancel.services import ecs as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.ecs import errors

__all__ = ["TaskRef"]

MODELS: Final[d.Models] = {
    "title": "Amazon ECS",
    "prefix": "ECS",
    "reference": "https://docs.aws.amazon.com/AmazonECS/latest/APIReference",
    "typed": ["Container", "Tag"],
    "needed": ["StopTaskResponse.task"],
    "errors": {
        "AccessDenied": ["BlockedException"],
        "Conflict": ["ConflictException"],
        "InternalException": ["ServerException"],
        "InvalidRequest": ["ClientException", "PlatformTaskDefinitionIncompatibilityException"],
        "NotFound": ["MISSING"],
        "Unsupported": ["PlatformUnknownException", "UnsupportedFeatureException"],
    },
}

_NAME: Final = "[A-Za-z0-9_-]{1,255}"
_HERE: Final = "arn:{partition}:ecs:{region}:{account}"
_ID: Final = "[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_TO_STOP: Final = ("DEACTIVATING", "STOPPING", "DEPROVISIONING")
_BROKEN: Final = ("TaskFailedToStart", "SpotInterruption", "TerminationNotice")
_ENDS: Final = {
    **dict.fromkeys(("UserInitiated", "ServiceSchedulerInitiated"), d.Phase.CANCELED),
    "EssentialContainerExited": d.Phase.SUCCEEDED,
    **dict.fromkeys((*_BROKEN, "InfrastructureHealth", "STOPPED"), d.Phase.FAILED),
}


class TaskRef(d.DeclaredRef["m.Task", "m.StopTaskResponse"]):
    """Identity of an ECS task: its ARN, which names its cluster."""

    __slots__ = ()

    key: ClassVar[str] = "ecs"
    form: ClassVar[d.Id] = d.Id(
        kind="ECS task",
        pattern=f"{_HERE}:task/(?P<cluster>{_NAME})/(?P<task>{_ID})",
        expected="the ARN of an ECS task, with the name of its cluster in it",
        example="arn:aws:ecs:us-east-1:123456789012:task/shop/0123456789abcdef0123456789abcdef",
        near={
            f"{_HERE}:task/[^/]*": "it is an ARN of the old form, which lacks the cluster",
            f"{_HERE}:service/.*": "of a service, set the desired count to 0 to stop its tasks",
            f"{_HERE}:(?:cluster|task-definition|container-instance)/.*": (
                "it is the ARN of another resource, of which only a task can be stopped"
            ),
            f"{_NAME}::arn:.*": "the ARN alone names the task, its cluster included",
        },
    )


def _status(task: m.Task) -> str | None:
    """Return the last status, and once that is STOPPED the code, which tells why."""
    is_open = task.last_status != "STOPPED"
    return task.last_status if is_open else task.stop_code or "STOPPED"


def _phase(task: m.Task) -> d.Phase | None:
    """Return the phase where more than the status tells: why a task stops, how containers ended."""
    codes = {container.exit_code for container in task.containers or ()}
    if task.last_status == "STOPPED":
        is_bad = task.stop_code == "EssentialContainerExited" and codes != {0}
        return d.Phase.FAILED if is_bad else None
    if task.desired_status != "STOPPED":
        return None
    by_request = _ENDS.get(task.stop_code or "UserInitiated") is d.Phase.CANCELED
    return d.Phase.CANCELING if by_request else d.Phase.RUNNING


def _only(answer: m.RunTaskResponse) -> str | None:
    """Return the one task that was started; of several, none is meant."""
    tasks = [*(answer.tasks or ())]
    return tasks[0].task_arn if len(tasks) == 1 else None


def _members(seen: d.Seen) -> dict[str, object]:
    """Return what the simulated AWS tells of a task beside its status."""
    if seen.shown in _TO_STOP:
        return {"desiredStatus": "STOPPED", "stopCode": "UserInitiated"}
    if seen.shown not in _ENDS:
        return {"desiredStatus": "RUNNING"}
    told = dict.fromkeys(("lastStatus", "desiredStatus"), "STOPPED")
    code = None if seen.shown == "STOPPED" else seen.shown
    return {**told, "stopCode": code, "containers": [{"name": "main", "exitCode": 0}]}


KIND: Final = Kind(
    TaskRef,
    errors=errors.ECSError,
    states={
        "PROVISIONING": d.State(d.Phase.PENDING, then="PENDING", after=5),
        "PENDING": d.State(d.Phase.PENDING, then="ACTIVATING", after=20),
        "ACTIVATING": d.State(d.Phase.PENDING, then="RUNNING", after=1),
        "RUNNING": d.State(d.Phase.RUNNING, then="EssentialContainerExited", after=600),
        "DEACTIVATING": d.State(d.Phase.CANCELING, then="STOPPING", after=1),
        "STOPPING": d.State(d.Phase.CANCELING, then="DEPROVISIONING", after=30),
        "DEPROVISIONING": d.State(d.Phase.CANCELING, then="UserInitiated", after=5),
        **{code: d.State(phase) for code, phase in _ENDS.items()},
    },
    cancel=d.Cancel(
        request=lambda ask: m.StopTaskRequest(
            cluster=ask.ref.part("cluster"), task=ask.id, reason=ask.reason and ask.reason[:255]
        ),
        shows=lambda answer: answer.task,
        task=lambda answer: answer.task.task_arn,
    ),
    describe=d.DescribeMany(
        request=lambda refs, _: m.DescribeTasksRequest(
            cluster=refs[0].part("cluster"), tasks=tuple(ref.id for ref in refs), include=("TAGS",)
        ),
        details=lambda answer: answer.tasks,
        id=lambda task: task.task_arn,
        most=100,
        of="cluster",
        left_out=lambda answer: (
            (each.arn, d.Refused(each.reason, each.detail)) for each in answer.failures or ()
        ),
    ),
    list=d.List(
        under=d.Parents(
            filter="cluster",
            form=d.Form(_NAME, 255, "the name of an ECS cluster"),
            of="{cluster}",
            request=lambda token: m.ListClustersRequest(next_token=token),
            items=lambda page: page.cluster_arns,
            name=lambda arn: arn.rpartition("/")[2],
        ),
        request=lambda page: m.ListTasksRequest(
            cluster=page.parent,
            service_name=page.wanted.value_of("service"),
            desired_status="STOPPED" if {page.status} & {*_TO_STOP, *_ENDS} else "RUNNING",
            next_token=page.token,
        ),
        items=lambda page: page.task_arns,
        id=lambda arn, _: arn,
        one_status=True,
        fits=lambda task, wanted: (
            bool(wanted.value_of("service")) or not (task.group or "").startswith("service:")
        ),
    ),
    forms={"service": d.Form(_NAME, 255, "the name of an ECS service", "web")},
    look=d.Look(
        status=_status,
        phase=_phase,
        times=lambda task: (task.created_at, task.started_at, task.stopped_at),
        arn=lambda task: task.task_arn,
        type=lambda task: task.launch_type,
        tags=lambda task: tuple((tag.key or "", tag.value or "") for tag in task.tags or ()),
        failure=lambda task: task.stopped_reason if task.stop_code != "UserInitiated" else None,
        cause=lambda task: d.Cause.REQUEST if task.stop_code == "UserInitiated" else None,
        reason=lambda task: task.stopped_reason,
    ),
    start=d.Start(request=lambda: m.RunTaskRequest, id=_only),
    aftermath=d.Aftermath(
        in_flight=d.Fate.CUT_OFF,
        to_come=d.Fate.NOT_DONE,
        summary=(
            "Containers get their stop signal, and SIGKILL after 30 seconds or what they ask for. "
            "The tags of the task are deleted. A service starts another task in its place."
        ),
        source="Amazon ECS API Reference, StopTask; Developer Guide, Services",
    ),
    permissions=d.Actions(prefix="ecs", task=f"{_HERE}:task/{{cluster}}/{{task}}"),
    simulated=d.Simulated(
        unknown=("InvalidParameterException", "The referenced task was not found."),
        members=_members,
        filters={"service": "serviceName"},
        facts={"launchType": "FARGATE"},
    ),
)
