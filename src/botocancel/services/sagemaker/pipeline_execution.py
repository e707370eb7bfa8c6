"""Amazon SageMaker AI pipeline executions."""

from __future__ import annotations

from typing import ClassVar, Final

from botocancel.errors import Conflict, InvalidRequest, TaskEnded
from botocancel.services import declare as d
from botocancel.services import sagemaker as m  # its models are loaded on first use
from botocancel.services._kind import Kind
from botocancel.services.sagemaker import errors

__all__ = ["PipelineExecutionRef"]

MODELS: Final[d.Models] = {
    "errors": {"Conflict": ["ConflictException"], "LimitExceeded": ["ResourceLimitExceeded"]}
}

_NAME: Final = "[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,255}"
_HERE: Final = "arn:{partition}:sagemaker:{region}:{account}:pipeline"
_PIPELINE: Final = f"{_HERE}/{{pipeline}}"
_EXECUTION: Final = f"{_PIPELINE}/execution/{{execution}}"
_NOT_EXECUTING: Final = "Only pipelines with 'Executing' status can be stopped."


class PipelineExecutionRef(
    d.DeclaredRef["m.DescribePipelineExecutionResponse", "m.StopPipelineExecutionResponse"]
):
    """Identity of a SageMaker pipeline execution: its ARN."""

    __slots__ = ()

    key: ClassVar[str] = "sagemaker-pipeline"
    service: ClassVar[str] = "sagemaker"
    form: ClassVar[d.Id] = d.Id(
        kind="SageMaker pipeline execution",
        pattern=f"{_HERE}/(?P<pipeline>{_NAME})/execution/(?P<execution>[a-zA-Z0-9-]{{1,64}})",
        any_case=True,  # ARNs come in lower case, whatever the name of the pipeline is
        expected="the ARN of a SageMaker pipeline execution",
        example="arn:aws:sagemaker:us-east-1:123456789012:pipeline/nightly/execution/0a1b2c3d4e5f",
        near={
            f"{_HERE}/[^/]*": "of a pipeline, only an execution can be stopped",
        },
    )


KIND: Final = Kind(
    PipelineExecutionRef,
    errors=errors.SageMakerError,
    states={
        "Executing": d.State(d.Phase.RUNNING, then="Succeeded", after=1800),
        "Stopping": d.State(d.Phase.CANCELING, then="Stopped", after=60),
        "Stopped": d.State(d.Phase.CANCELED),
        "Succeeded": d.State(d.Phase.SUCCEEDED),
        "Failed": d.State(d.Phase.FAILED),
        "CompletedWithFailures": d.State(d.Phase.FAILED),
    },
    cancel=d.Cancel(
        request=lambda ask: m.StopPipelineExecutionRequest(
            pipeline_execution_arn=ask.id, client_request_token=d.token()
        ),
        shows=lambda answer: answer.pipeline_execution_arn,
        task=lambda answer: answer.pipeline_execution_arn,
    ),
    doubtful=(TaskEnded, InvalidRequest, Conflict),
    describe=d.Describe(
        request=lambda ref: m.DescribePipelineExecutionRequest(pipeline_execution_arn=ref.id),
        id=lambda execution: execution.pipeline_execution_arn,
    ),
    list=d.List(
        under=d.Parents(
            filter="pipeline",
            form=d.Form(f"(?:{_HERE}/)?{_NAME}", 2048, "the name of a pipeline"),
            of="{pipeline}",
            request=lambda token: m.ListPipelinesRequest(max_results=100, next_token=token),
            items=lambda page: page.pipeline_summaries,
            name=lambda pipeline: pipeline.pipeline_name,
        ),
        request=lambda page: m.ListPipelineExecutionsRequest(
            pipeline_name=page.parent, max_results=100, next_token=page.token
        ),
        items=lambda page: page.pipeline_execution_summaries,
        id=lambda execution, _: execution.pipeline_execution_arn,
        status=lambda execution: execution.pipeline_execution_status,
        by_status=False,
    ),
    look=d.Look(
        status=lambda execution: execution.pipeline_execution_status,
        times=lambda execution: (execution.creation_time, execution.creation_time, None),
        parent=lambda execution: execution.pipeline_arn,
        failure=lambda execution: execution.failure_reason,
    ),
    start=d.Start(
        request=lambda: m.StartPipelineExecutionRequest,
        id=lambda answer: answer.pipeline_execution_arn,
    ),
    repair=d.Repair(
        request=lambda ref: m.RetryPipelineExecutionRequest(
            pipeline_execution_arn=ref.id, client_request_token=d.token()
        ),
        id=lambda answer: answer.pipeline_execution_arn,
    ),
    aftermath=d.Aftermath(
        children=d.Fate.UNDOCUMENTED,
        summary=(
            "A callback step is told to stop by a message in its queue, and a Lambda step is "
            "waited for: the execution stops only after them, and fails if the function is out of "
            "time. Of other steps, and of what steps have done, AWS documents nothing."
        ),
        repair="Retry the execution; that it resumes one that was stopped is not documented.",
        source="Amazon SageMaker API Reference, StopPipelineExecution and RetryPipelineExecution",
    ),
    permissions=d.Actions(prefix="sagemaker", task=_EXECUTION, list=_PIPELINE),
    simulated=d.Simulated(
        ended=("ValidationException", _NOT_EXECUTING),
        again=("ValidationException", _NOT_EXECUTING),
        members=lambda seen: {"PipelineArn": seen.task.id.partition("/execution/")[0]},
    ),
)
