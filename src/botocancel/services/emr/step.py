"""Amazon EMR steps. A cancel that was SUBMITTED guarantees nothing: descriptions tell."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.services import declare as d
from botocancel.services import emr as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.emr import errors

__all__ = ["StepRef"]

MODELS: Final[d.Models] = {
    "title": "Amazon EMR",
    "prefix": "EMR",
    "reference": "https://docs.aws.amazon.com/emr/latest/APIReference",
    "typed": ["StepStatus", "StepTimeline", "FailureDetails"],
}

_CLUSTER: Final = "j-[0-9A-Z]{6,32}"
_STEP: Final = "s-[0-9A-Z]{6,32}"
_OF_CLUSTER: Final = "arn:{partition}:elasticmapreduce:{region}:{account}:cluster/{cluster}"
_ACTIVE: Final = ("STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING", "TERMINATING")


class StepRef(d.DeclaredRef["m.StepSummary", "m.CancelStepsResponse"]):
    """Identity of an EMR step: the id of its cluster, a ``/``, and its own."""

    __slots__ = ()

    key: ClassVar[str] = "emr"
    form: ClassVar[d.Id] = d.Id(
        kind="EMR step",
        pattern=f"(?P<cluster>{_CLUSTER})/(?P<step>{_STEP})",
        alone=False,
        expected="the id of an EMR cluster and the id of its step with '/' between them",
        example="j-0123456789ABC/s-0123456789ABC",
        near={
            _STEP: "it does not say which cluster the step is of",
            _CLUSTER: "of a cluster, only a step can be stopped",
            "arn:[^:]*:elasticmapreduce:.*": "steps have no ARN; write 'emr:j-…/s-…'",
        },
    )


def _refused(answer: m.CancelStepsResponse) -> d.Refused | None:
    """Return the refusal in an answer; an answer that names no step has not accepted it."""
    for step in answer.cancel_steps_info_list or ():
        accepted = step.status == "SUBMITTED"
        return None if accepted else d.Refused(step.status or "NotSubmitted", step.reason)
    return d.Refused("NotSubmitted", "the answer names no step")


def _times(step: m.StepSummary) -> d.Times:
    """Return when a step was added, began and ended."""
    times = (step.status or m.StepStatus()).timeline or m.StepTimeline()
    return times.creation_date_time, times.start_date_time, times.end_date_time


def _failure(step: m.StepSummary) -> str | None:
    """Return why a step failed, as far as EMR has found out."""
    told = (step.status or m.StepStatus()).failure_details or m.FailureDetails()
    return told.message or told.reason


KIND: Final = Kind(
    StepRef,
    errors=errors.EMRError,
    states={
        "PENDING": d.State(d.Phase.PENDING, then="RUNNING", after=30),
        "RUNNING": d.State(d.Phase.RUNNING, then="COMPLETED", after=600),
        "CANCEL_PENDING": d.State(d.Phase.CANCELING, then="CANCELLED", after=30),
        "CANCELLED": d.State(d.Phase.CANCELED),
        "COMPLETED": d.State(d.Phase.SUCCEEDED),
        "FAILED": d.State(d.Phase.FAILED),
        "INTERRUPTED": d.State(d.Phase.FAILED),
    },
    cancel=d.Cancel(
        request=lambda ask: m.CancelStepsRequest(
            cluster_id=ask.ref.part("cluster"), step_ids=(ask.ref.part("step"),)
        ),
        shows=lambda answer: answer.cancel_steps_info_list,
        task=lambda answer: next(
            ((None, step.step_id) for step in answer.cancel_steps_info_list or ()), None
        ),
        refused=_refused,
    ),
    missing=("cluster id '", "step id '"),  # "Step id 's-…' is not valid."
    describe=d.DescribeMany(
        request=lambda refs, _: m.ListStepsRequest(
            cluster_id=refs[0].part("cluster"), step_ids=tuple(ref.part("step") for ref in refs)
        ),
        details=lambda answer: answer.steps,
        id=lambda step: (None, step.id),
        most=10,
        of="cluster",
    ),
    list=d.List(
        under=d.Parents(
            filter="cluster",
            form=d.Form(_CLUSTER, 34, "the id of an EMR cluster"),
            of="{cluster}",
            request=lambda token: m.ListClustersRequest(cluster_states=_ACTIVE, marker=token),
            items=lambda page: page.clusters,
            name=lambda cluster: cluster.id,
            token=lambda page: page.marker,
        ),
        request=lambda page: m.ListStepsRequest(
            cluster_id=page.parent, step_states=page.statuses or None, marker=page.token
        ),
        items=lambda page: page.steps,
        id=lambda step, cluster: (cluster, step.id),
        token=lambda page: page.marker,
        whole=True,
    ),
    look=d.Look(
        status=lambda step: (step.status or m.StepStatus()).state,
        times=_times,
        failure=_failure,
    ),
    aftermath=d.Aftermath(
        in_flight=d.Fate.ASKED_TO_STOP,
        summary=(
            "The process of the step gets SIGTERM. What it started besides runs on, as a YARN "
            "application in cluster mode does. The cluster goes on, with its next step."
        ),
        source="Amazon EMR API Reference, CancelSteps; Management Guide, Canceling steps",
    ),
    permissions=d.Actions(prefix="elasticmapreduce", task=_OF_CLUSTER, list=_OF_CLUSTER),
    simulated=d.Simulated(
        ended=("FAILED", "Step {id} is {status}"),
        unknown=("InvalidRequestException", "Step id '{id}' is not valid."),
        refusal=lambda asked, code, why: (
            {
                "CancelStepsInfoList": [
                    {"StepId": asked["StepIds"][0], "Status": code, "Reason": why}
                ]
            }
            if code == "FAILED"
            else None
        ),
        answer=lambda ref: {
            "CancelStepsInfoList": [{"StepId": ref.part("step"), "Status": "SUBMITTED"}]
        },
    ),
)
