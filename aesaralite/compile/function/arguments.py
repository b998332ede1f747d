"""The slow, explained path of a call: which argument is for which input, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from aesaralite.compile.io import In
from aesaralite.graph.container import Container
from aesaralite.graph.variable import Variable

__all__ = ["MISSING", "Signature"]


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING = _Missing()
_AMBIGUOUS = -1


class Signature:
    """The parameters of a function.

    Parameters
    ----------
    inputs
        All inputs of the function.
    name
        The name of the function, for errors.
    """

    def __init__(self, inputs: Sequence[In], name: str | None) -> None:
        self.inputs = inputs
        self.name = name
        self.passable = [i for i, spec in enumerate(inputs) if not spec.implicit]
        self._by_key: dict[Any, int] = {}
        for i, spec in enumerate(inputs):
            for key in {spec.variable, spec.name} - {None}:
                self._by_key[key] = _AMBIGUOUS if key in self._by_key else i

    def position(self, key: str | int | Variable) -> int:
        """Return the position of an input, given its name, its variable or its position.

        Raises
        ------
        TypeError
            If there is no such input, or more than one of the name.
        """
        if isinstance(key, int):
            if not -len(self.inputs) <= key < len(self.inputs):
                raise IndexError(f"The function has {len(self.inputs)} inputs; there is none at index {key}.")
            return key % len(self.inputs)
        if isinstance(key, In):
            key = key.variable
        found = self._by_key.get(key) if isinstance(key, Hashable) else None
        if found is None:
            raise TypeError(f"Unknown input or state: {key}. {self._names()}")
        if found == _AMBIGUOUS:
            raise TypeError(
                f"Ambiguous name: {key} - please check the names of the inputs of your function for duplicates."
            )
        return found

    def match(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
        """Return the argument of each input, `MISSING` where none is given.

        Raises
        ------
        TypeError
            If there are too many arguments, two for one input, or one for an input that doesn't exist.
        """
        values: list[Any] = [MISSING] * len(self.inputs)
        if len(args) > len(self.passable):
            raise TypeError(
                f"Too many parameter passed to aesaralite function {self._called()}: it takes "
                f"{len(self.passable)}, got {len(args)}."
            )
        for i, value in zip(self.passable, args):
            values[i] = value
        for name, value in kwargs.items():
            i = self.position(name)
            spec = self.inputs[i]
            if spec.implicit:
                raise TypeError(
                    f"{name} is part of the function's state and no parameter: set it with f[{name!r}] = value"
                    + (f", or {name}.set_value(value)." if spec.shared else ".")
                )
            if values[i] is not MISSING:
                raise TypeError(f"Multiple values for input: {name}")
            values[i] = value
        for i in self.passable:
            if values[i] is MISSING and self.inputs[i].value is None:
                raise TypeError(self._missing(i))
        return values

    def filter(self, i: int, value: Any) -> Any:
        """Return an argument brought into the type of input `i`.

        Raises
        ------
        TypeError or ValueError
            Where the type refuses it. The text names the function, the input, and where the user made it.
        """
        spec = self.inputs[i]
        try:
            if spec.strict:
                return spec.variable.type.filter(value, strict=True)
            return spec.variable.type.filter(value, allow_downcast=spec.allow_downcast)
        except (TypeError, ValueError, OverflowError) as error:
            kind = next(cls for cls in (TypeError, OverflowError, ValueError) if isinstance(error, cls))
            raise kind(
                f"Bad input argument to aesaralite function {self._called()} at index {self.passable.index(i)} "
                f"(0-based).{self._made_at(spec)}\n{error}"
            ) from None

    def _called(self) -> str:
        return f'with name "{self.name}"'

    def _missing(self, i: int) -> str:
        spec = self.inputs[i]
        origin = spec.variable.origin
        made = f", made at {origin}" if origin is not None else ""
        what = spec.name if spec.name is not None else str(spec.variable)
        return f"Missing required input: {what} (index {self.passable.index(i)}{made})"

    def _made_at(self, spec: In) -> str:
        origin = spec.variable.origin
        if origin is None:
            return ""
        source = origin.source_line()
        return f"\nThe variable {spec.variable} was made at {origin}" + (f":\n    {source}" if source else "")

    def _names(self) -> str:
        names = (self.inputs[i].name for i in self.passable)
        named = [name for name in names if name is not None]
        unnamed = len(self.passable) - len(named)
        also = f" and {unnamed} unnamed" if unnamed else ""
        plural = "" if len(named) == 1 else "s"
        return f"The function has {len(named)} named input{plural} ({', '.join(named)}){also}."


class _Lookup:
    """Square brackets over the inputs of a function."""

    def __init__(self, signature: Signature, containers: Sequence[Container]) -> None:
        self._signature = signature
        self._containers = containers

    def __contains__(self, key: Any) -> bool:
        try:
            self._signature.position(key)
        except (TypeError, IndexError):
            return False
        return True

    def __len__(self) -> int:
        return len(self._containers)

    def __repr__(self) -> str:
        pairs = zip(self._signature.inputs, self._containers)
        return "{" + ", ".join(f"{spec.name or spec.variable}: {container!r}" for spec, container in pairs) + "}"


class Containers(_Lookup):
    """``f.container``: the container of an input, by its name, variable or position."""

    def __getitem__(self, key: Any) -> Container:
        return self._containers[self._signature.position(key)]


class Values(_Lookup):
    """``f.value``: the value of a default or of a state, by the input's name, variable or position."""

    def __getitem__(self, key: Any) -> Any:
        return self._containers[self._signature.position(key)].value

    def __setitem__(self, key: Any, value: Any) -> None:
        self._containers[self._signature.position(key)].value = value
