"""AWS Step Functions executions, of state machines of the type STANDARD."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from botocancel.services import declare as d
from botocancel.services import stepfunctions as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.stepfunctions import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["ExecutionRef"]

MODELS: Final[d.Models] = {
    "client": "stepfunctions",
    "title": "AWS Step Functions",
    "prefix": "StepFunctions",
    "reference": "https://docs.aws.amazon.com/step-functions/latest/apireference",
    "operations": [
        "StopExecution",
        "DescribeExecution",
        "ListExecutions",
        "ListStateMachines",
        "RedriveExecution",
    ],
    "start": ["StartExecution"],
    "errors": {
        "ExecutionDoesNotExist": "NotFound",
        "ExecutionAlreadyExists": "Conflict",
        "ExecutionLimitExceeded": "LimitExceeded",
        "ExecutionNotRedrivable": "Unsupported",
        "InvalidArn": "InvalidRequest",
        "InvalidExecutionInput": "InvalidRequest",
        "InvalidName": "InvalidRequest",
        "InvalidToken": "InvalidRequest",
        "KmsAccessDeniedException": "AccessDenied",
        "KmsInvalidStateException": "Conflict",
        "KmsThrottlingException": "Throttled",
        "ResourceNotFound": "NotFound",
        "StateMachineDeleting": "Conflict",
        "StateMachineDoesNotExist": "NotFound",
        "StateMachineTypeNotSupported": "Unsupported",
        "ValidationException": "InvalidRequest",
    },
}
"""What ``python -m botocancel.generate`` writes ``models.py`` and ``errors.py`` from."""

_NAME: Final = r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}"""
_HERE: Final = "arn:{partition}:states:{region}:{account}"
_MACHINE: Final = f"{_HERE}:stateMachine:{_NAME}"
_OF_MACHINE: Final = f"{_HERE}:stateMachine:{{machine}}"
_EXAMPLE: Final = "arn:aws:states:us-east-1:123456789012:execution:orders:0123abcd-4567-89ef"
_EXECUTION: Final = f"{_HERE}:execution:{{machine}}:{{name}}"


def _machine_of(arn: str) -> str:
    """Return the ARN of the state machine that an execution is of."""
    return arn.rpartition(":")[0].replace(":execution:", ":stateMachine:")


def _begun(asked: Mapping[str, str], made: str) -> str:
    """Return the ARN of an execution that a request starts."""
    machine = asked["stateMachineArn"].replace(":stateMachine:", ":execution:")
    return f"{machine}:{asked.get('name', made.rpartition(':')[2])}"


class ExecutionRef(d.DeclaredRef["m.DescribeExecutionResponse", "m.StopExecutionResponse"]):
    """Identity of a Step Functions execution: its ARN.

    Raises:
        InvalidInput: `id` is not the ARN of an execution; nothing was sent.
    """

    __slots__ = ()

    key: ClassVar[str] = "stepfunctions"
    service: ClassVar[str] = "stepfunctions"
    form: ClassVar[d.Id] = d.Id(
        kind="Step Functions execution",
        pattern=f"{_HERE}:execution:(?P<machine>{_NAME}(?:/{_NAME})?):(?P<name>{_NAME})",
        longest=256,
        expected="the ARN of a Step Functions execution",
        example=_EXAMPLE,
        near={
            "arn:[^:]*:states:.*:express:.*": (
                "it is an execution of an EXPRESS state machine, which Step Functions does not stop"
            ),
            "arn:[^:]*:states:.*:stateMachine:.*": (
                "it is the ARN of a state machine, of which only an execution can be stopped; "
                "ListExecutions gives them"
            ),
        },
    )


KIND: Final = Kind(
    ExecutionRef,
    title="AWS Step Functions",
    states={
        "RUNNING": d.State(d.Phase.RUNNING, then="SUCCEEDED", after=300),
        "PENDING_REDRIVE": d.State(d.Phase.PENDING, is_listed=False),
        "SUCCEEDED": d.State(d.Phase.SUCCEEDED),
        "FAILED": d.State(d.Phase.FAILED),
        "TIMED_OUT": d.State(d.Phase.FAILED),
        "ABORTED": d.State(d.Phase.CANCELED),
    },
    cancel=d.Cancel(
        request=lambda ask: m.StopExecutionRequest(execution_arn=ask.id, cause=ask.reason),
        shows=lambda answer: answer.stop_date,
    ),
    describe=d.Describe(
        request=lambda ref: m.DescribeExecutionRequest(execution_arn=ref.id),
        id=lambda answer: answer.execution_arn,
    ),
    list=d.List(
        under=d.Parents(
            filter="state_machine",
            form=d.Form(_MACHINE, 256, "the ARN of a state machine", _machine_of(_EXAMPLE)),
            request=lambda token: m.ListStateMachinesRequest(max_results=1000, next_token=token),
            items=lambda page: page.state_machines,
            name=lambda machine: machine.state_machine_arn if machine.type == "STANDARD" else None,
            token=lambda page: page.next_token,
        ),
        request=lambda page: m.ListExecutionsRequest(
            state_machine_arn=page.parent,
            status_filter=page.status,
            max_results=1000,
            next_token=page.token,
        ),
        items=lambda page: page.executions,
        id=lambda execution, _: execution.execution_arn,
        status=lambda execution: execution.status,
        token=lambda page: page.next_token,
        one_status=True,
    ),
    look=d.Look(
        status=lambda execution: execution.status,
        times=lambda execution: (execution.start_date, execution.start_date, execution.stop_date),
        parent=lambda execution: execution.state_machine_arn,
        failure=lambda execution: execution.cause or execution.error,
        reason=lambda execution: execution.cause,
    ),
    start=d.Start(request=lambda: m.StartExecutionRequest, id=lambda answer: answer.execution_arn),
    repair=d.Repair(
        request=lambda ref: m.RedriveExecutionRequest(execution_arn=ref.id),
        shows=lambda answer: answer.redrive_date,
    ),
    aftermath=d.Aftermath(
        completed_files=d.Fate.KEPT,
        files_in_flight=d.Fate.CUT_OFF,
        remaining_files=d.Fate.NOT_DONE,
        summary=(
            "States that have run stay in the history, and what they did is not undone. Work that "
            "a state waits for (.sync) is stopped too if that succeeds; else it runs on. Of other "
            "work that a state has started, AWS documents nothing."
        ),
        repair="Redrive the execution within 14 days.",
        source="AWS Step Functions API Reference, RedriveExecution; Developer Guide, .sync",
    ),
    errors_by_code=errors.BY_CODE,
    error_base=errors.StepFunctionsError,
    permissions=(
        d.Permission("states:StopExecution", "cancel", _EXECUTION),
        d.Permission("states:DescribeExecution", "wait list", _EXECUTION),
        d.Permission("states:RedriveExecution", "restart", _EXECUTION),
        d.Permission("states:ListExecutions", "list", _OF_MACHINE),
        d.Permission("states:ListStateMachines", "list"),
    ),
    simulated=d.Simulated(
        ended=("ValidationException", "Execution {id} is {status}"),
        unknown=("ExecutionDoesNotExist", "Execution Does Not Exist: '{id}'"),
        answer=lambda _, now: {"stopDate": now},
        members=lambda ref, _: {"stateMachineArn": _machine_of(ref.id), "name": ref.id[-18:]},
        parent=lambda ref: _machine_of(ref.id),
        parent_entry=lambda arn: {"name": arn.rpartition(":")[2], "type": "STANDARD"},
        begun=_begun,
        started=lambda _, now: {"startDate": now},
        repaired=lambda now: {"redriveDate": now},
        beyond_repair=("ExecutionNotRedrivable", "Execution {id} is {status}"),
    ),
)
