"""Flags: their sources, their checks, their spellings, changing them for a while."""

import subprocess
import sys
import threading
import warnings

import pytest

from aesaralite.configdefaults import AesaraliteConfig, config
from aesaralite.configuration import Config, choice, flag, path, toggle
from aesaralite.errors import ConfigAccessViolation


class Flags(Config):
    """A small set of flags."""

    aliases = {"old_colour": "colour"}
    colour: str = choice("red", "green", doc="A colour.")
    count: int = flag(3, "A count.", int)
    size: int | None = flag(3, "A size.", int, optional=True, minimum=0)
    limit: float | None = flag(None, "A limit.", float, optional=True)
    folder: str = path("/tmp", "A folder.")
    loop__debug: bool = toggle(False, "Debug loops.")


def test_defaults():
    flags = Flags()
    assert (flags.colour, flags.count, flags.limit, flags.loop__debug) == ("red", 3, None, False)
    assert flags.source("colour") == "default"


def test_environment_wins_over_the_file(tmp_path):
    rc = tmp_path / "rc"
    rc.write_text("[global]\ncolour = green\ncount = 5\n[loop]\ndebug = yes\n", encoding="utf-8")
    flags = Flags("count=7", str(rc))
    assert (flags.count, flags.source("count")) == (7, "AESARALITE_FLAGS")
    assert (flags.colour, flags.source("colour")) == ("green", str(rc))
    assert flags.loop__debug is True


def test_environment_spellings():
    flags = Flags(" colour = green , loop.debug=True,limit='2.5',")
    assert (flags.colour, flags.loop__debug, flags.limit) == ("green", True, 2.5)


def test_a_value_may_hold_commas_in_quotes():
    assert Flags("folder='/a,b'").folder == "/a,b"


def test_malformed_environment():
    with pytest.raises(ValueError, match=r"'colour' isn't of the form flag=value"):
        Flags("colour")


def test_bad_rc_file(tmp_path):
    rc = tmp_path / "rc"
    rc.write_text("colour = green\n", encoding="utf-8")
    with pytest.raises(ValueError, match="can't be read"):
        Flags(rc_file=str(rc))


def test_missing_rc_file_counts_as_empty(tmp_path):
    assert Flags(rc_file=str(tmp_path / "none")).colour == "red"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("colour", "blue", "one of 'red', 'green'"),
        ("count", "many", "an integer"),
        ("count", 2.5, "an integer"),
        ("count", True, "an integer"),
        ("limit", "low", "a number or None"),
        ("size", -1, "an integer of at least 0 or None"),
        ("loop__debug", "perhaps", "True or False"),
        ("folder", 3, "a path"),
    ],
)
def test_a_bad_value_names_the_flag_and_what_it_takes(name, value, allowed):
    flags = Flags()
    before = getattr(flags, name)
    with pytest.raises(ValueError, match=f"'{name}'.*{allowed}"):
        setattr(flags, name, value)
    assert getattr(flags, name) == before


def test_unknown_flags():
    flags = Flags()
    with pytest.raises(ConfigAccessViolation, match="Did you mean 'colour'"):
        _ = flags.color
    with pytest.raises(AttributeError, match="There is no flag 'colours'"):
        flags.colours = "red"
    with pytest.raises(AttributeError):
        flags.change_flags(nothing=1)
    assert not hasattr(flags, "__wrapped__")


def test_unknown_flag_in_the_environment_warns():
    with pytest.warns(UserWarning, match="AESARALITE_FLAGS: There is no flag 'color'. Did you mean 'colour'"):
        Flags("color=red")


def test_a_plug_in_finds_the_value_that_was_given_before_it_came():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        flags = Flags("toy__level=4")
    flags.add("toy__level", flag(1, "A level.", int))
    assert (flags.toy__level, flags.toy.level, flags.source("toy.level")) == (4, 4, "AESARALITE_FLAGS")
    with pytest.raises(ValueError, match="already a flag"):
        flags.add("toy__level", flag(1, "A level.", int))


def test_dotted_names_and_aliases():
    flags = Flags()
    flags.loop.debug = "on"
    assert flags.loop.debug is flags.loop__debug is True
    assert dir(flags.loop) == ["debug"]
    flags.old_colour = "green"
    assert flags.old_colour == flags.colour == "green"
    with flags.change_flags({"loop.debug": False}):
        assert flags.loop__debug is False


def test_change_flags_as_a_block():
    flags = Flags()
    with flags.change_flags(colour="green", count=4) as inside:
        assert inside is flags
        assert (flags.colour, flags.count, flags.source("count")) == ("green", 4, "code")
    assert (flags.colour, flags.count, flags.source("count")) == ("red", 3, "default")


def test_change_flags_restores_after_an_exception():
    flags = Flags()
    with pytest.raises(KeyError), flags.change_flags(colour="green"):
        raise KeyError
    assert flags.colour == "red"


def test_a_bad_value_among_several_changes_nothing():
    flags = Flags()
    with pytest.raises(ValueError, match="count"), flags.change_flags(colour="green", count="x"):
        pass
    assert flags.colour == "red"


def test_change_flags_as_a_decorator():
    flags = Flags()

    @flags.change_flags(count=9)
    def count(depth):
        """Count."""
        return flags.count if depth == 0 else count(depth - 1)

    assert count(3) == 9
    assert count.__doc__ == "Count."
    assert flags.count == 3


def test_changes_hold_for_other_threads():
    flags = Flags()
    seen = []
    with flags.change_flags(count=8):
        thread = threading.Thread(target=lambda: seen.append(flags.count))
        thread.start()
        thread.join()
    assert seen == [8]


def test_ignored_flags_warn_once():
    flags = AesaraliteConfig()
    with pytest.warns(UserWarning, match="'cxx' has no effect"):
        flags.cxx = "g++"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        flags.device = "cuda"
        flags.gcc.cxxflags = "-O3"
        flags.blas__ldflags = ""
    assert flags.cxx == "g++"


def test_printing():
    flags = Flags("count=4")
    assert "count = 4  (AESARALITE_FLAGS)\n    A count." in str(flags)
    assert repr(flags) == "<Flags: 6 flags; count=4>"
    assert "cxx" not in str(AesaraliteConfig())


def test_flags_of_the_environment_reach_a_new_process():
    program = "from aesaralite import config; print(config.floatX, config.numba.strict)"
    process = subprocess.run(
        [sys.executable, "-c", program],
        env={"AESARALITE_FLAGS": "floatX=float32,numba.strict=1", "PATH": ""},
        check=True,
        capture_output=True,
        text=True,
    )
    assert process.stdout == "float32 True\n"


def test_the_config_of_the_package():
    assert config.floatX == "float64"
    assert config.compiledir == config.base_compiledir
    assert config.traceback.limit == config.traceback__limit
