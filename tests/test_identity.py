"""Which texts name a task, of which kind: of all kinds that botocancel brings at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botocancel import InvalidInput, TaskClient
from botocancel.services import all_kinds, task_ref

if TYPE_CHECKING:
    from botocancel import Response, Shape
    from botocancel.services import Kind

_CHARACTERS = "abcf019-_/:. "
KINDS = all_kinds()
BARE = [kind for kind in KINDS if not kind.ref_type.form.alone]


@st.composite
def texts(draw: st.DrawFn, kind: Kind[Shape, Response]) -> str:
    """Return a text that names a task of a kind by itself: ids that differ here and there."""
    form = kind.ref_type.form
    name = form.example
    for _ in range(draw(st.integers(0, 12))):
        at = draw(st.integers(0, len(name) - 1))
        other = f"{name[:at]}{draw(st.sampled_from(_CHARACTERS))}{name[at + 1 :]}"
        name = other if form.fits(other) else name
    place = {"region": "eu-west-1", "account": "123456789012", "partition": "aws-cn"}
    ref = kind.ref_type(name, **({} if form.is_arn else place))
    return draw(st.sampled_from([ref.qualified, f"{kind.key}:{name}", *([name] * form.alone)]))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
@given(data=st.data())
def test_no_text_names_tasks_of_two_kinds(kind: Kind[Shape, Response], data: st.DataObject) -> None:
    text = data.draw(texts(kind))
    assert [each.key for each in KINDS if each.ref_type.match(text)] == [kind.key]
    assert task_ref(text).key == kind.key


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
def test_what_a_ref_says_of_itself_names_it_again(kind: Kind[Shape, Response]) -> None:
    bare = kind.ref_type(kind.ref_type.form.example)
    placed = kind.ref_type(
        bare.id, region=bare.region or "eu-west-1", account=bare.account, partition=bare.partition
    )
    for ref in (bare, placed):
        again = task_ref(ref.qualified)
        assert (type(again), again.id, again.region) == (type(ref), ref.id, ref.region)


@pytest.mark.parametrize("kind", BARE, ids=lambda kind: kind.key)
def test_a_name_or_a_bare_uuid_names_no_task(kind: Kind[Shape, Response]) -> None:
    """It may be anything's; what is said of it says how to name the task."""
    example = kind.ref_type.form.example
    with pytest.raises(InvalidInput) as caught:
        task_ref(example)
    assert f"'{kind.key}:{example}'" in str(caught.value)
    with pytest.raises(InvalidInput):
        TaskClient(region="us-east-1").cancel(example)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.key)
@pytest.mark.parametrize("odd", ["", " ", "{}\n", "{} ", "{}/..", "{}?x=1"])
def test_a_whole_id_is_matched_before_anything_is_sent(
    kind: Kind[Shape, Response], odd: str
) -> None:
    """Ids go into paths of some services, and botocore checks none."""
    with pytest.raises(InvalidInput):
        kind.ref_type(odd.format(kind.ref_type.form.example))
