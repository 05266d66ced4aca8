"""`NamedTuple` as in `typing`, without what it costs: importing `typing` is 0.3 of a bare Python start, and each
class that `collections.namedtuple` makes compiles code. Every command pays for its records (DESIGN.md, decision 11).

Type checkers see the real one. Supported is what this program uses: fields with or without defaults, methods and
properties, `_fields`, `_asdict`, `_replace`, equality and order as of tuples.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from _collections import _tuplegetter

    class _RecordType(type):
        def __new__(meta, name, bases, namespace):
            own = namespace.get("__annotations__")
            if own is None and "__annotate_func__" in namespace:  # Python 3.14 keeps annotations lazily
                own = namespace["__annotate_func__"](1)
            fields = tuple(own or ())
            namespace["_defaults"] = {field: namespace.pop(field) for field in fields if field in namespace}
            for index, field in enumerate(fields):
                namespace[field] = _tuplegetter(index, "")
            namespace["_fields"] = namespace["__match_args__"] = fields
            namespace["__slots__"] = ()
            return super().__new__(meta, name, bases, namespace)

    class NamedTuple(tuple, metaclass=_RecordType):
        """A tuple whose parts have names."""

        def __new__(cls, *values, **named):
            fields = cls._fields
            if named or len(values) != len(fields):
                rest = fields[len(values) :]
                given = {**cls._defaults, **named}
                missing = [field for field in rest if field not in given]
                unknown = [field for field in named if field not in rest]
                if missing or unknown or len(values) > len(fields):
                    raise TypeError(f"{cls.__name__}: missing {missing}, not expected {unknown}, {len(values)} given")
                values += tuple(given[field] for field in rest)
            return tuple.__new__(cls, values)

        def __repr__(self):
            parts = ", ".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({parts})"

        def __getnewargs__(self):
            return tuple(self)

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def _replace(self, **changed):
            made = tuple.__new__(type(self), map(changed.pop, self._fields, self))
            if changed:
                raise TypeError(f"{type(self).__name__} has no {', '.join(changed)}")
            return made
