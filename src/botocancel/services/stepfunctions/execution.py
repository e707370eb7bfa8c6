"""AWS Step Functions executions, of state machines of the type STANDARD."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.services import declare as d
from botocancel.services import stepfunctions as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.stepfunctions import errors

__all__ = ["ExecutionRef"]

MODELS: Final[d.Models] = {
    "title": "AWS Step Functions",
    "prefix": "StepFunctions",
    "reference": "https://docs.aws.amazon.com/step-functions/latest/apireference",
    "errors": {
        "AccessDenied": ["KmsAccessDeniedException"],
        "Conflict": ["ExecutionAlreadyExists", "KmsInvalidStateException", "StateMachineDeleting"],
        "InvalidRequest": ["InvalidArn", "InvalidExecutionInput", "InvalidName", "InvalidToken"],
        "LimitExceeded": ["ExecutionLimitExceeded"],
        "NotFound": ["ExecutionDoesNotExist", "ResourceNotFound", "StateMachineDoesNotExist"],
        "Throttled": ["KmsThrottlingException"],
        "Unsupported": ["ExecutionNotRedrivable", "StateMachineTypeNotSupported"],
    },
}

_NAME: Final = r"""[^\s<>{}\[\]?*"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]{1,80}"""
_HERE: Final = "arn:{partition}:states:{region}:{account}"
_MACHINE: Final = f"{_HERE}:stateMachine:{{machine}}"
_EXECUTION: Final = f"{_HERE}:execution:{{machine}}:{{name}}"


class ExecutionRef(d.DeclaredRef["m.DescribeExecutionResponse", "m.StopExecutionResponse"]):
    """Identity of a Step Functions execution: its ARN."""

    __slots__ = ()

    key: ClassVar[str] = "stepfunctions"
    form: ClassVar[d.Id] = d.Id(
        kind="Step Functions execution",
        pattern=f"{_HERE}:execution:(?P<machine>{_NAME}(?:/{_NAME})?):(?P<name>{_NAME})",
        longest=256,
        expected="the ARN of a Step Functions execution",
        example="arn:aws:states:us-east-1:123456789012:execution:orders:0123abcd-4567-89ef",
        near={
            f"{_HERE}:express:.*": "an execution of an EXPRESS state machine cannot be stopped",
            f"{_HERE}:stateMachine:.*": "of a state machine, only an execution can be stopped",
        },
    )


KIND: Final = Kind(
    ExecutionRef,
    errors=errors.StepFunctionsError,
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
            form=d.Form(f"{_HERE}:stateMachine:{_NAME}", 256, "the ARN of a state machine"),
            of=_MACHINE,
            request=lambda token: m.ListStateMachinesRequest(max_results=1000, next_token=token),
            items=lambda page: page.state_machines,
            name=lambda machine: machine.state_machine_arn if machine.type == "STANDARD" else None,
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
        done=d.Fate.KEPT,
        in_flight=d.Fate.CUT_OFF,
        to_come=d.Fate.NOT_DONE,
        children=d.Fate.ASKED_TO_STOP,
        summary=(
            "States that have run stay in the history, and what they did is not undone. Work that "
            "a state waits for (.sync) is stopped too if that succeeds; else it runs on. Of other "
            "work that a state has started, AWS documents nothing."
        ),
        repair="Redrive the execution within 14 days.",
        source="AWS Step Functions API Reference, RedriveExecution; Developer Guide, .sync",
    ),
    permissions=d.Actions(prefix="states", task=_EXECUTION, list=_MACHINE),
    simulated=d.Simulated(ended=("ValidationException", "Execution {id} is {status}")),
)
