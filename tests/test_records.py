"""wg.records.NamedTuple behaves as typing.NamedTuple does, in all that this program uses of it."""

from __future__ import annotations

import copy
import pickle
import typing
from typing import Any

import pytest

from wg import records


class Ours(records.NamedTuple):
    """With a default, a property and a method."""

    name: str
    number: int = 3
    names: tuple[str, ...] = ()

    @property
    def doubled(self) -> int:
        return self.number * 2


class Theirs(typing.NamedTuple):
    """The same."""

    name: str
    number: int = 3
    names: tuple[str, ...] = ()

    @property
    def doubled(self) -> int:
        return self.number * 2


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_what_the_program_uses(kind: Any) -> None:
    one = kind("a", names=("b",))
    assert (one.name, one.number, one.names, one.doubled) == ("a", 3, ("b",), 6)
    assert one == ("a", 3, ("b",)) and hash(one) == hash(("a", 3, ("b",)))
    assert one._fields == ("name", "number", "names")
    assert one._asdict() == {"name": "a", "number": 3, "names": ("b",)}
    assert one._replace(number=4) == kind("a", 4, ("b",)) and type(one._replace(number=4)) is kind
    assert repr(one) == f"{kind.__name__}(name='a', number=3, names=('b',))"
    assert copy.deepcopy(one) == one and pickle.loads(pickle.dumps(one)) == one
    assert not hasattr(one, "__dict__")
    name, *_ = one
    assert name == "a"


@pytest.mark.parametrize("kind", [Ours, Theirs])
def test_wrong_arguments_are_refused(kind: Any) -> None:
    wrong: list[tuple[tuple[Any, ...], dict[str, Any]]]
    wrong = [((), {}), (("a", 1, (), 2), {}), (("a",), {"nmae": 1}), (("a",), {"name": "b"})]
    for values, named in wrong:
        with pytest.raises(TypeError):
            kind(*values, **named)
    with pytest.raises((TypeError, ValueError)):
        kind("a")._replace(nmae=1)
    with pytest.raises(AttributeError):
        kind("a").name = "b"


def test_an_unknown_field_is_not_replaced() -> None:
    with pytest.raises(TypeError, match="Ours has no nmae"):
        Ours("a")._replace(number=1, nmae="b")  # type: ignore[call-arg]
