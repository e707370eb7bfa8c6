"""What a kind of task is declared with: a file of these, and a `Kind` knows all there is to do.

Functions read members of the generated models, so a type checker finds every misspelt one.
`botocancel.services.stepfunctions.execution` shows the common case.
"""

from __future__ import annotations

# ruff: noqa: TC001  (whoever writes a kind looks the types up here)
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from botocancel._declared import Declared
from botocancel.identity import DeclaredRef, Id, Told
from botocancel.model import Request, Response, Shape
from botocancel.phases import Phase
from botocancel.refs import TaskRef
from botocancel.results import Aftermath, Cause, Fate, Progress
from botocancel.services._forms import Form
from botocancel.services._permissions import Actions, Permission

if TYPE_CHECKING:
    from botocancel.services._wanted import Wanted  # a cancel filters nothing

if TYPE_CHECKING:
    from botocancel.services._simulator.declared import DeclaredTask, SimulatedParent
    from botocancel.services._simulator.tasks import View

__all__ = [
    "Actions",
    "Aftermath",
    "AnyParents",
    "AnyRef",
    "Ask",
    "Cancel",
    "Cause",
    "DeclaredRef",
    "Describe",
    "DescribeMany",
    "Fate",
    "Form",
    "Id",
    "List",
    "Look",
    "Models",
    "Name",
    "Named",
    "Page",
    "Parent",
    "Parents",
    "Permission",
    "Phase",
    "Progress",
    "Refusal",
    "Refused",
    "Refusing",
    "Repair",
    "Seen",
    "Simulated",
    "Start",
    "State",
    "Times",
    "moment",
    "name",
    "token",
]

ShapeT = TypeVar("ShapeT", bound=Shape)
ItemT = TypeVar("ItemT")
DetailT = TypeVar("DetailT", bound=Shape)
AnswerT = TypeVar("AnswerT", bound=Response)

AnyRef: TypeAlias = "DeclaredRef[Shape, Response]"
"""A ref of whatever declared kind."""

Models: TypeAlias = Mapping[str, object]
"""What models and errors are generated from: a dictionary written out, for it is not run."""

Times: TypeAlias = "tuple[datetime | None, datetime | None, datetime | None]"
"""When a task was created, when it began its work, and when it ended; of one that has not, the last
is not read."""


_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def moment(milliseconds: int | None) -> datetime | None:
    """Return the time that is so many milliseconds after the beginning of 1970, if it is one."""
    try:
        return None if milliseconds is None else _EPOCH + milliseconds * _MILLISECOND
    except OverflowError:
        return None


def token() -> str:
    """Return 32 hexadecimal digits for a request that has to have a token of its own.

    botocore keeps the token when it sends a request again. A later request has another one: it
    is to take effect even where an earlier one about the same task did.
    """
    return f"{random.getrandbits(128):032x}"


class State(NamedTuple):
    """A status: what it means, and how the simulated AWS moves on from it."""

    phase: Phase
    then: str | None = None
    """The status that follows by time."""
    after: float = 0.0
    """Seconds until then."""
    is_listed: bool = True
    """Whether a listing can be asked for this status."""
    recurs: bool = False
    """Whether a task may come back to it, as where work is tried again. It is then listed once
    more after all others, so that such a task is not missed."""


class Ask(NamedTuple):
    """One cancel that is asked for."""

    ref: TaskRef
    reason: str | None = None
    """Why, in the caller's words."""

    @property
    def id(self) -> str:
        """The id of the task."""
        return self.ref.id


class Refused(NamedTuple):
    """A refusal that stands inside an answer with HTTP 200."""

    code: str | None
    message: str | None = None


def _nothing(_: object) -> None:
    return None


def _next_token(page: Any) -> str | None:  # noqa: ANN401  (whatever the page is)
    return getattr(page, "next_token", None)


def _itself(answer: Any) -> Any:  # noqa: ANN401  (whatever the answer is)
    return answer


class Cancel(Declared, Generic[AnswerT]):
    """How a task is cancelled."""

    request: Callable[[Ask], Request[AnswerT]]
    status: Callable[[AnswerT], str | None] = _nothing
    """The status that the answer names, if it names one."""
    shows: Callable[[AnswerT], object] | None = None
    """A member that every answer has, or several of which it has one; None where answers have no
    members."""
    may_be_empty: bool = False
    """Whether an empty body is an answer: of an operation without an output, or where AWS may leave
    out the empty object of one without members."""
    task: Callable[[AnswerT], Told] | None = None
    """The id of the task that the answer names; None where it names none."""
    refused: Callable[[AnswerT], Refused | None] = _nothing
    """The refusal inside an answer."""
    too_soon: tuple[str, ...] = ()
    """Statuses in which a cancel may be refused that is accepted later."""


class Describe(Declared, Generic[DetailT, AnswerT]):
    """How one task is described."""

    request: Callable[[TaskRef], Request[AnswerT]]
    id: Callable[[DetailT], Told]
    detail: Callable[[AnswerT], DetailT | None] = _itself
    """The description in an answer, if that is not all of it; None where there is none: then the
    task is not found."""


class DescribeMany(Declared, Generic[DetailT, AnswerT]):
    """How many tasks of one place are described at once."""

    request: Callable[[Sequence[TaskRef], str | None], Request[AnswerT]]
    """Returns the request for the page that a token leads to; None: the first."""
    details: Callable[[AnswerT], Sequence[DetailT] | None]
    id: Callable[[DetailT], Told]
    most: int
    """So many ids one request takes."""
    of: str | None = None
    """The part of the ids that all tasks of one request have in common, by its name."""
    token: Callable[[AnswerT], str | None] = _next_token
    by_id: bool = True
    """Whether a request names the tasks; else its pages have all tasks that there are."""
    left_out: Callable[[AnswerT], Iterable[tuple[str | None, Refused]]] = lambda _: ()
    """The ids of which the answer says why it has no description."""


class Page(NamedTuple):
    """What one request of a listing asks for."""

    wanted: Wanted
    statuses: tuple[str, ...]
    """The statuses to list, one where `List.one_status` says so; empty for all."""
    token: str | None = None
    """What the page before said asks for this one."""
    parent: str = ""
    """Under which of `List.under`'s parents."""

    @property
    def status(self) -> str | None:
        """The one status to list; None for all."""
        return self.statuses[0] if self.statuses else None


class Parents(Declared, Generic[ItemT, AnswerT]):
    """What has to be listed first, for tasks are only listed under it."""

    filter: str
    """The name of the filter that names one, such as ``state_machine``."""
    form: Form
    """What the values of that filter look like."""
    of: str | None = None
    """The name of a task's parent, where the id tells: the parts of the id stand in it as they
    do in `Actions`."""
    request: Callable[[str | None], Request[AnswerT]]
    """Returns the request for the page that a token leads to; None: the first."""
    items: Callable[[AnswerT], Sequence[ItemT] | None]
    name: Callable[[ItemT], str | None]
    token: Callable[[AnswerT], str | None] = _next_token


AnyParents: TypeAlias = "Parents[Any, Any]"
"""What has to be listed first, of whatever kind."""


class List(Declared, Generic[ItemT, AnswerT]):
    """How tasks are listed."""

    request: Callable[[Page], Request[AnswerT]]
    items: Callable[[AnswerT], Sequence[ItemT] | None]
    id: Callable[[ItemT, str], Told]
    """The id of a task, by its entry and the parent under which it was listed."""
    token: Callable[[AnswerT], str | None] = _next_token
    status: Callable[[ItemT], str | None] = _nothing
    """The status that an entry tells; what has ended is then not described, unless wanted."""
    one_status: bool = False
    """Whether one request lists one status only."""
    by_status: bool = True
    """Whether a request can be limited to statuses."""
    whole: bool = False
    """Whether the entries are whole descriptions."""
    stranger: Callable[[ItemT, Page], str | None] = lambda _, __: None
    """What an entry names that was not asked about, so that the answer is to another request."""
    fits: Callable[[Any, Wanted], bool] = lambda _, __: True
    """Whether a task is wanted, by its description, where the request asks for more."""
    under: AnyParents | None = None
    tells: Callable[[Sequence[Any]], Mapping[str, str]] | None = None
    """The filters by which the statuses of some tasks are listed; None: they are described.
    It takes fewer requests than to describe many, of services that describe one at a time."""


class Look(Declared, Generic[DetailT]):
    """What is read of a description."""

    status: Callable[[DetailT], str | None]
    times: Callable[[DetailT], Times] = lambda _: (None, None, None)
    arn: Callable[[DetailT], str | None] = _nothing
    type: Callable[[DetailT], str | None] = _nothing
    parent: Callable[[DetailT], str | None] = _nothing
    tags: Callable[[DetailT], Sequence[tuple[str, str]]] | None = None
    """Keys and values; None where a description has none."""
    failure: Callable[[DetailT], str | None] = _nothing
    """What went wrong, in words."""
    failure_code: Callable[[DetailT], str | None] = _nothing
    """The code of what went wrong, where words come beside it."""
    progress: Callable[[DetailT], Progress] = lambda _: Progress()
    phase: Callable[[DetailT], Phase | None] = _nothing
    """The phase, where more than the status tells; None where only the status does."""
    cause: Callable[[DetailT], Cause | None] = _nothing
    """Of a task that was cancelled: whether a request or a limit ended it, if either is told."""
    reason: Callable[[DetailT], str | None] = _nothing
    """Of a task that was cancelled: why, in the words that were sent with the cancel."""


class Name(NamedTuple):
    """A model that names a task of the kind; made by `name`."""

    model: type[Shape]
    id: Callable[[Any], Told]


def name(model: type[ShapeT], id: Callable[[ShapeT], Told]) -> Name:  # noqa: A002  (what it returns)
    """Say that a model names a task of the kind, and how its id is read.

    Those that the other declarations read need not be said.
    """
    return Name(model, id)


class Start(Declared, Generic[AnswerT]):
    """How a task is started, for programs that start and guard it, and for the simulated AWS."""

    request: Callable[[], type[Request[AnswerT]]]
    id: Callable[[AnswerT], Told]
    """Of a member that every answer has."""


class Repair(Declared, Generic[AnswerT]):
    """How a task that has ended is taken up again, or another one is started like it."""

    request: Callable[[TaskRef], Request[AnswerT]]
    shows: Callable[[AnswerT], object] | None = None
    """A member that every answer has; None: the id."""
    id: Callable[[AnswerT], Told] | None = None
    """The id of the task that is at work then; None where answers have none."""
    anew: bool = False
    """Whether that is another task."""


Seen: TypeAlias = "View[DeclaredTask]"
"""A task of the simulated AWS, as a request sees it."""


class Refusal(NamedTuple):
    """How a service refuses a request; a pair of code and text does too."""

    code: str
    text: str
    """``{id}`` in it stands for the id that the request names, ``{status}`` for its status."""
    members: Mapping[str, object] = MappingProxyType({})
    """Further members of the error's shape, by their AWS names."""


Refusing: TypeAlias = Refusal | tuple[str, str]
"""A refusal, or its code and its text."""


class Parent(Declared):
    """What tasks are of in the simulated AWS: a file system, a state machine, a job queue."""

    named: tuple[str, ...]
    """The members of a request that name it; a task that names none is of one by the first."""
    example: str
    """Its id; those of others are like it."""
    shared: bool = True
    """Whether tasks that tests start without naming one are of one and the same."""
    unknown: Refusing | None = None
    """The refusal of a request that names one that there is not; None: it is believed to exist."""
    facts: Callable[[str], Mapping[str, object]] = lambda _: {}
    """What is told of a new one and of its tasks, by AWS's names, unless a test says otherwise."""
    members: Callable[[SimulatedParent, Sequence[Seen]], Mapping[str, object]] = lambda _, __: {}
    """Further members of its own description, by what is seen of its tasks."""
    describe: Callable[[], type[Request[Any]]] | None = None
    """The request that describes one."""
    listed: AnyParents | None = None
    """How they are listed; None where they are not."""
    rules: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """The members that each of the ``Filters`` of that listing looks at."""


class Simulated(Declared):
    """How the simulated AWS plays the kind, where that is not told by the other declarations.

    Members and facts are by AWS's names. What a task is started with is told in its description
    where the names agree; so are times, the status, and what else the kind reads there.
    """

    ended: Refusing | None = None
    """The refusal of a cancel of what has ended; None: by the code that the model has for that,
    or else it is accepted."""
    again: Refusing | None = None
    """The same for what is being cancelled already; None: it is accepted."""
    unknown: Refusing | None = None
    """The same for what does not exist; None: by the code that the model has for that."""
    malformed: Refusal | None = None
    """The refusal of a value that the model does not allow, of which ``{text}`` says more; None:
    by the code that the model has for that."""
    foreign: str | None = None
    """What is said then of an ARN of another account; None: nothing is made of it."""
    refusal: Callable[[Mapping[str, Any], str, str], Mapping[str, object] | None] = (
        lambda _, __, ___: None
    )
    """The answer that holds a refusal of a cancel, by the request, the code and the text; None
    where it is an error."""
    refuses_unknown_ids: bool = False
    """Whether one unknown id fails the description of many."""
    answer: Callable[[AnyRef], Mapping[str, object]] = lambda _: {}
    """Further members of the answer to a cancel that is accepted."""
    members: Callable[[Seen], Mapping[str, object]] = lambda _: {}
    """Further members of a description."""
    canceled: Callable[[str], Mapping[str, object]] = lambda _: {}
    """Further members once a cancel was accepted in a status."""
    failure: str | None = None
    """What a task that has failed says of it, unless a test says otherwise."""
    stops_after: float = 0.0
    """Seconds until work ends that is cancelled, where no status stands for that."""
    omits: tuple[str, ...] = ()
    """Members that its model requires and AWS leaves out all the same."""
    filters: Mapping[str, str] = MappingProxyType({})
    """The members of descriptions, and of requests that start tasks, that have the values of the
    filters of listings, by the names of the filters; parts of ids have such names too."""
    lists_unasked: tuple[str, ...] | None = None
    """The statuses that a listing shows which asks for none; None: all."""
    page: int = 1000
    """The most entries on a page."""
    rules: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    """The facts that each of the ``Filters`` of a listing looks at, or the member of the status."""
    filters_pages: bool = False
    """Whether a listing is cut into pages first, and what is not asked for is left out then."""
    parent: Parent | None = None
    """What tasks are of; None: what they are listed under, if they are."""
    facts: Mapping[str, object] = MappingProxyType({})
    """What a task is started with, unless a test says otherwise."""
    begun: Callable[[Mapping[str, Any], str], str] | None = None
    """The id of the task that a request starts, by the request and by an id that is made up; None:
    that id, with the parts that the request tells."""
    refused: Callable[[Mapping[str, Any]], Refusing | None] = lambda _: None
    """The refusal of a request to start a task."""
    busy: Callable[[Mapping[str, Any]], Refusing | str] | None = None
    """What becomes of a request to start a task while another is at work for the same parent: a
    refusal, or the status in which the task waits until its turn has come. It takes what the
    request and the parent say. None: both are at work."""
    token_reused: Callable[[str], Refusing] | None = None
    """The refusal of a request whose client token was used before, by the member that differs."""


Named: TypeAlias = "Callable[[], Iterable[Name]]"
"""A function, so that the models are loaded when they are needed."""
