"""Flags: how one is declared, where its value comes from, and how it's changed for a while.

The flags themselves are in `aesaralite.configdefaults`.

A flag's value is looked for in three places; the first that names the flag wins:

1. the environment variable ``AESARALITE_FLAGS``: ``"floatX=float32,numba__strict=True"``;
2. the file that the environment variable ``AESARALITERC`` names, otherwise ``~/.aesaraliterc``: an INI file in which
   ``[global]`` holds the plain flags, and ``[numba]`` those whose names begin with ``numba__``;
3. the default.

A name is spelled with dots or with double underscores: ``config.numba.cache`` and ``config.numba__cache`` are one flag.

Values belong to the process, not to a thread: a flag that one thread changes, `Config.change_flags` or not, is changed
for every thread. The several flags of one `Config.change_flags` are set together, and put back together, under a lock.
"""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, TypeVar

from aesaralite.errors import ConfigAccessViolation
from aesaralite.forking import hold_over_fork

__all__ = ["Config", "Flag", "choice", "flag", "ignored", "parse_flags", "path", "toggle"]

_F = TypeVar("_F", bound=Callable[..., Any])

_TRUE = frozenset({"true", "1", "yes", "on"})
_FALSE = frozenset({"false", "0", "no", "off"})


class Flag:
    """The declaration of one flag.

    Parameters
    ----------
    default
        The value when nobody sets another.
    doc
        One sentence for a reader of ``print(config)``.
    convert
        Turns what was given (text, from the environment or a file) into the flag's value. Raises ``ValueError`` with a
        phrase that says which values are allowed: ``"True or False"``.
    is_ignored
        The flag exists only so that old programs run: setting it has no effect but one warning in a process.
    """

    __slots__ = ("convert", "default", "doc", "is_ignored", "name")

    def __init__(self, default: Any, doc: str, convert: Callable[[Any], Any], is_ignored: bool = False) -> None:
        self.name = ""
        self.default = default
        self.doc = doc
        self.convert = convert
        self.is_ignored = is_ignored

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def parse(self, value: Any) -> Any:
        """Return `value` as the flag holds it, or raise a ``ValueError`` that names the flag and what it takes."""
        try:
            return self.convert(value)
        except (ValueError, TypeError) as error:
            raise ValueError(f"The flag {self.name!r} can't be {value!r}: it takes {error}.") from None


def flag(default: Any, doc: str, kind: type = str, optional: bool = False, minimum: float | None = None) -> Any:
    """Declare a flag that holds a number or a text.

    Parameters
    ----------
    default, doc
        See `Flag`.
    kind
        ``int``, ``float`` or ``str``.
    optional
        Whether ``None`` is a value too.
    minimum
        The least number that is allowed, if there is one.
    """
    wordings = {int: "an integer", float: "a number", str: "a text"}
    if kind not in wordings:
        raise TypeError(f"kind must be int, float or str, got {kind!r}")
    wording = wordings[kind]
    if minimum is not None:
        wording += f" of at least {minimum}"
    if optional:
        wording += " or None"

    def convert(value: Any) -> Any:
        if optional and (value is None or value == "None"):
            return None
        if isinstance(value, bool) or (kind is str and not isinstance(value, str)):
            raise ValueError(wording)
        try:
            number = kind(value)
        except (ValueError, TypeError):
            raise ValueError(wording) from None
        if kind is int and isinstance(value, float) and number != value:
            raise ValueError(wording)
        if minimum is not None and not number >= minimum:
            raise ValueError(wording)
        return number

    return Flag(default, doc, convert)


def named(default: str, doc: str) -> Any:
    """Declare a flag that holds a name, or, set by a program, the object that the name would stand for."""

    def convert(value: Any) -> Any:
        if value is None or isinstance(value, (bool, int, float)):
            raise ValueError("a name, or what a name stands for")
        return value

    return Flag(default, doc, convert)


def toggle(default: bool, doc: str) -> Any:
    """Declare a flag that is on or off. Text may say it as ``True``, ``1``, ``yes``, ``on`` and their opposites."""

    def convert(value: Any) -> bool:
        text = str(value).lower()
        if text in _TRUE:
            return True
        if text in _FALSE:
            return False
        raise ValueError("True or False")

    return Flag(default, doc, convert)


def choice(default: Any, *others: Any, doc: str) -> Any:
    """Declare a flag that holds one of a few values; the first is the default."""
    allowed = (default, *others)
    by_text = {str(value): value for value in allowed}

    def convert(value: Any) -> Any:
        try:
            return by_text[str(value)]
        except KeyError:
            raise ValueError("one of " + ", ".join(map(repr, allowed))) from None

    return Flag(default, doc, convert)


def path(default: str, doc: str) -> Any:
    """Declare a flag that holds the path of a folder; ``~`` stands for the user's home."""

    def convert(value: Any) -> str:
        try:
            return os.path.expanduser(os.fspath(value))
        except TypeError:
            raise ValueError("a path") from None

    return Flag(default, doc, convert)


def ignored(default: Any = "") -> Any:
    """Declare a flag that old programs set and that has no meaning here."""
    return Flag(default, "Accepted and ignored.", lambda value: value, is_ignored=True)


class _Group:
    """The flags whose names begin with one prefix: what ``config.numba`` is in ``config.numba.cache``."""

    __slots__ = ("_config", "_prefix")

    def __init__(self, config: Config, prefix: str) -> None:
        object.__setattr__(self, "_config", config)
        object.__setattr__(self, "_prefix", prefix)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._config, self._prefix + name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._config, self._prefix + name, value)

    def __dir__(self) -> list[str]:
        return [name.removeprefix(self._prefix) for name in self._config.flags() if name.startswith(self._prefix)]


class Config:
    """A set of flags. A subclass declares them as class attributes with `flag`, `toggle`, `choice` ...

    Values are ordinary instance attributes, so that reading one costs no more than reading any attribute.
    Setting one converts and checks the value.

    Parameters
    ----------
    environment
        The text of ``AESARALITE_FLAGS``.
    rc_file
        The path of the rc file; ``None`` or a file that doesn't exist counts as empty.
    """

    aliases: Mapping[str, str] = {}
    """Other names of flags."""

    def __init__(self, environment: str = "", rc_file: str | None = None) -> None:
        attributes = self.__dict__
        attributes["_flags"] = {}
        attributes["_sources"] = {}
        attributes["_pending"] = {}
        attributes["_lock"] = threading.RLock()
        hold_over_fork(attributes["_lock"])
        attributes["_warned_of_ignored"] = False
        for cls in reversed(type(self).__mro__):
            for declared in vars(cls).values():
                if isinstance(declared, Flag):
                    self._declare(declared)
        self.read_flags(parse_flags(environment, "AESARALITE_FLAGS"), source="AESARALITE_FLAGS")
        if rc_file is not None and os.path.isfile(rc_file):
            self.read_flags(_parse_rc(rc_file), source=rc_file)

    def add(self, name: str, declared: Flag) -> None:
        """Add a flag, as a plug-in does for its own settings.

        Parameters
        ----------
        name
            Its name, with a prefix of the plug-in's: ``"toy__verbose"``. A value that the environment or the rc file
            gave for it before it existed is taken.
        declared
            What `flag`, `toggle`, `choice` or `path` returned.

        Raises
        ------
        ValueError
            When there is a flag of that name.
        """
        if name in self._flags:
            raise ValueError(f"There is already a flag {name!r}.")
        declared.name = name
        self._declare(declared)
        if name in self._pending:
            value, source = self._pending.pop(name)
            self._set(name, value, source)

    def flags(self) -> Mapping[str, Flag]:
        """Every flag's declaration, by name."""
        return dict(self._flags)

    def source(self, name: str) -> str:
        """Who gave the flag `name` its value: ``"default"``, ``"code"``, an environment variable or a file."""
        return self._sources[self._resolve(name)]

    def read_flags(self, values: Mapping[str, Any], source: str) -> None:
        """Take values from a text source; flags that were set by an earlier source, or in code, keep theirs.

        Parameters
        ----------
        values
            By name. A name with the prefix of a plug-in that hasn't been loaded yet is kept for it; any other unknown
            name gives a warning.
        source
            What to call the source in ``print(config)`` and in errors.
        """
        for written, value in values.items():
            name = self._canonical(written)
            if name in self._flags:
                if self._sources[name] == "default":
                    self._set(name, value, source)
            elif "__" in name and not self._has_group(name.partition("__")[0]):
                self._pending.setdefault(name, (value, source))
            else:
                warnings.warn(f"{source}: {self._unknown(written)}", stacklevel=2)

    def change_flags(self, flags: Mapping[str, Any] | None = None, **others: Any) -> _ChangedFlags:
        """Change flags for a ``with`` block or, as a decorator, for the calls of a function.

        Parameters
        ----------
        flags
            Values by name, for names spelled with dots.
        **others
            Values by name.

        Notes
        -----
        The change holds for all threads until the block ends.

        Examples
        --------
        >>> from aesaralite import config
        >>> with config.change_flags(floatX="float32"):
        ...     config.floatX
        'float32'
        """
        return _ChangedFlags(self, {**(flags or {}), **others})

    def __getattr__(self, name: str) -> Any:
        # Reached only for what isn't an attribute: another spelling, a group, or a mistake.
        if not name.startswith("_"):
            resolved = self._canonical(name)
            if resolved in self._flags:
                return self.__dict__[resolved]
            if self._has_group(name):
                return _Group(self, f"{name}__")
        raise ConfigAccessViolation(self._unknown(name))

    def __setattr__(self, name: str, value: Any) -> None:
        self._set(self._resolve(name), value, "code")

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._flags]

    def __str__(self) -> str:
        return "\n".join(
            f"{name} = {self.__dict__[name]!r}  ({self._sources[name]})\n    {declared.doc}"
            for name, declared in sorted(self._flags.items())
            if not declared.is_ignored or self._sources[name] != "default"
        )

    def __repr__(self) -> str:
        changed = (f"{name}={self.__dict__[name]!r}" for name, source in self._sources.items() if source != "default")
        return f"<{type(self).__name__}: {len(self._flags)} flags; {', '.join(changed) or 'all defaults'}>"

    def _declare(self, declared: Flag) -> None:
        self._flags[declared.name] = declared
        self._sources[declared.name] = "default"
        self.__dict__[declared.name] = declared.default

    def _set(self, name: str, value: Any, source: str) -> None:
        declared = self._flags[name]
        value = declared.parse(value)
        if declared.is_ignored and not self._warned_of_ignored:
            self.__dict__["_warned_of_ignored"] = True
            warnings.warn(
                f"The flag {name!r} has no effect in aesaralite: it exists so that old programs run. "
                "Other flags of this kind are ignored without another warning.",
                stacklevel=3,
            )
        self.__dict__[name] = value
        self._sources[name] = source

    def _canonical(self, name: str) -> str:
        name = name.replace(".", "__")
        return self.aliases.get(name, name)

    def _resolve(self, name: str) -> str:
        resolved = self._canonical(name)
        if resolved not in self._flags:
            raise ConfigAccessViolation(self._unknown(name))
        return resolved

    def _has_group(self, prefix: str) -> bool:
        return any(name.startswith(f"{prefix}__") for name in self._flags)

    def _unknown(self, name: str) -> str:
        from difflib import get_close_matches

        close = get_close_matches(self._canonical(name), self._flags, n=3)
        hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else " print(config) lists the flags."
        return f"There is no flag {name!r}.{hint}"


class _ChangedFlags:
    """What `Config.change_flags` returns."""

    def __init__(self, config: Config, values: Mapping[str, Any]) -> None:
        self._config = config
        self._values = {config._resolve(name): value for name, value in values.items()}
        self._saved: list[dict[str, tuple[Any, str]]] = []  # a stack: one object may be entered again inside itself

    def __enter__(self) -> Config:
        config = self._config
        with config._lock:
            saved = {name: (config.__dict__[name], config._sources[name]) for name in self._values}
            try:
                for name, value in self._values.items():
                    config._set(name, value, "code")
            except BaseException:
                self._restore(saved)
                raise
            self._saved.append(saved)
        return config

    def __exit__(self, *_: object) -> None:
        with self._config._lock:
            self._restore(self._saved.pop())

    def __call__(self, function: _F) -> _F:
        @wraps(function)
        def changed(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return changed  # type: ignore[return-value]

    def _restore(self, saved: dict[str, tuple[Any, str]]) -> None:
        for name, (value, source) in saved.items():
            self._config.__dict__[name] = value
            self._config._sources[name] = source


def parse_flags(text: str, source: str) -> dict[str, str]:
    """Split ``"a=1,b.c='x,y'"`` into names and values."""
    if not isinstance(text, str):
        raise TypeError(f"Flags are given as a text such as 'floatX=float32', got {text!r}")
    if not text.strip():
        return {}
    import shlex  # only where flags are given: it isn't free to import

    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace = ","
    lexer.whitespace_split = True
    lexer.commenters = ""
    values: dict[str, str] = {}
    for item in lexer:
        if not item.strip():
            continue
        name, equals, value = item.partition("=")
        if not equals:
            raise ValueError(f"{source}: {item.strip()!r} isn't of the form flag=value.")
        values[name.strip()] = value.strip()
    return values


def _parse_rc(file: str) -> dict[str, str]:
    """Read an rc file; the section ``[global]`` adds no prefix to the names in it."""
    from configparser import ConfigParser, Error

    parser = ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # flags are case-sensitive
    try:
        parser.read(file, encoding="utf-8")
    except (Error, OSError, UnicodeDecodeError) as error:
        raise ValueError(f"The rc file {file} can't be read: {error}") from None
    return {
        name if section == "global" else f"{section}__{name}": value
        for section in parser.sections()
        for name, value in parser.items(section)
    }
