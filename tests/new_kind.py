"""A kind that botocancel does not bring, as its one file: AWS FIS experiments."""

from __future__ import annotations

from typing import Final

EXPERIMENT: Final = '''
"""AWS Fault Injection Service experiments."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

import stopping_experiments as m
from botocancel.services import Kind
from botocancel.services.declare import (
    Actions,
    Aftermath,
    Cancel,
    DeclaredRef,
    Describe,
    Id,
    List,
    Look,
    Phase,
    Simulated,
    State,
)
from stopping_experiments import errors

if TYPE_CHECKING:
    _Ref = DeclaredRef[m.Experiment, m.StopExperimentResponse]
else:
    _Ref = DeclaredRef

__all__ = ["KIND", "ExperimentRef"]

MODELS = {
    "client": "fis",
    "title": "AWS FIS",
    "prefix": "FIS",
    "reference": "https://docs.aws.amazon.com/fis/latest/APIReference",
    "typed": ["ExperimentState"],
}

_ARN: Final = "arn:{partition}:fis:{region}:{account}:experiment/{id}"


class ExperimentRef(_Ref):
    """Identity of an FIS experiment: its id, or its ARN."""

    __slots__ = ()
    key: ClassVar[str] = "fis"
    form: ClassVar[Id] = Id(
        kind="FIS experiment",
        pattern="EXP[A-Za-z0-9]{10,61}",
        arn=_ARN,
        expected="the id of an experiment",
        alone=False,
        example="EXP0123456789abcdefg",
    )


KIND: Final = Kind(
    ExperimentRef,
    errors=errors.FISError,
    states={
        "pending": State(Phase.PENDING, then="initiating", after=5),
        "initiating": State(Phase.PENDING, then="running", after=5),
        "running": State(Phase.RUNNING, then="completed", after=300),
        "stopping": State(Phase.CANCELING, then="stopped", after=30),
        "stopped": State(Phase.CANCELED),
        "completed": State(Phase.SUCCEEDED),
        "failed": State(Phase.FAILED),
        "cancelled": State(Phase.FAILED),
    },
    cancel=Cancel(
        request=lambda ask: m.StopExperimentRequest(id=ask.id),
        shows=lambda answer: answer.experiment,
        task=lambda answer: answer.experiment.id if answer.experiment else None,
    ),
    describe=Describe(
        request=lambda ref: m.GetExperimentRequest(id=ref.id),
        detail=lambda answer: answer.experiment,
        id=lambda experiment: experiment.id,
    ),
    list=List(
        request=lambda page: m.ListExperimentsRequest(next_token=page.token, max_results=100),
        items=lambda page: page.experiments,
        id=lambda experiment, _: experiment.id,
        status=lambda experiment: experiment.state.status if experiment.state else None,
        by_status=False,
    ),
    look=Look(
        status=lambda experiment: experiment.state.status if experiment.state else None,
        times=lambda experiment: (
            experiment.creation_time, experiment.start_time, experiment.end_time
        ),
        arn=lambda experiment: experiment.arn,
        parent=lambda experiment: experiment.experiment_template_id,
    ),
    aftermath=Aftermath(
        summary="Post actions that have not been completed are completed before it has stopped.",
        source="AWS FIS User Guide, Stopping an experiment",
    ),
    permissions=Actions(prefix="fis", task=_ARN),
    simulated=Simulated(
        unknown=("ResourceNotFoundException", "Experiment {id} does not exist"),
    ),
)
'''
