"""What declarations are made of: classes that are cheap to make, for every program loads them."""

from __future__ import annotations

import inspect
from typing import Final, Self, dataclass_transform

__all__ = ["Declared"]

_NOTHING: Final = object()


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Declared:
    """Takes its annotated members as keyword arguments; a class attribute is a default."""

    def __init__(self, **given: object) -> None:
        cls = type(self)
        for name in cls._members():
            value = given.pop(name, getattr(cls, name, _NOTHING))
            if value is _NOTHING:
                msg = f"{cls.__name__}() lacks the keyword argument {name!r}"
                raise TypeError(msg)
            self.__dict__[name] = value
        if given:
            msg = f"{cls.__name__}() takes no keyword argument {min(given)!r}"
            raise TypeError(msg)

    def replaced(self, **changes: object) -> Self:
        """Return the same with other members."""
        return type(self)(**{**self.__dict__, **changes})

    def __setattr__(self, name: str, _: object) -> None:
        msg = f"{type(self).__name__} is frozen; make another with another {name!r}"
        raise AttributeError(msg)

    @classmethod
    def _members(cls) -> list[str]:
        return [name for base in reversed(cls.__mro__) for name in inspect.get_annotations(base)]
