"""Compiled code on disk, whatever the linker: what is found again, what isn't, how much is kept."""

import logging
import os
import stat
import subprocess
import sys
import threading
import time
import types

import pytest

from aesaralite import config, configdefaults
from aesaralite.__main__ import main
from aesaralite.compile import cache as cache_module
from aesaralite.compile import cache_files
from aesaralite.compile.cache import DiskCache

HERE = {"Python": "3.11", "processor": "fast"}
LOGGER = "aesaralite.compile.cache"


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "base"
    with config.change_flags(base_compiledir=str(folder)):
        yield folder


@pytest.fixture
def cache():
    return DiskCache("toy", lambda: HERE)


@pytest.fixture
def log(caplog, monkeypatch):
    """What the cache says: pairs of level and text."""
    monkeypatch.setattr(cache_module, "_complaints", set())
    caplog.set_level(logging.INFO, LOGGER)
    return lambda: [(record.levelname, record.getMessage()) for record in caplog.records if record.name == LOGGER]


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


# ------------------------------------------------------------------ what is found
def test_what_is_saved_is_found(folder, cache, log):
    value = {"code": bytes(range(256)), "names": ("a", "b")}
    assert cache.load("key", dict) is None
    cache.save("key", value)
    assert cache.load("key", dict) == value
    assert DiskCache("toy", lambda: dict(HERE)).load("key", dict) == value
    assert cache.load("another key", dict) is None
    assert DiskCache("another", lambda: HERE).load("key", dict) is None
    (path,) = files(folder)
    assert path.relative_to(folder).parts[:2] == ("compiled", "toy")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_saving_again_replaces(folder, cache):
    for value in (1, 2):
        cache.save("key", value)
        assert cache.load("key", int) == value
    assert len(files(folder)) == 1


def test_each_miss_has_a_reason(folder, cache, log):
    cache.load("key", int)
    cache.save("key", 7)
    cache.load("key", str)
    DiskCache("toy", lambda: {**HERE, "processor": "slow", "features": "+x" * 50}).load("key", int)
    cache.report_miss("key", "it rains")
    assert cache.load("key", int) == 7
    assert [level for level, _ in log()] == ["INFO"] * 4
    texts = [text.partition(" compiled, because: ")[2] for _, text in log()]
    assert texts == [
        "the cache doesn't have it",
        "the file holds a int",
        "compiled for another environment: processor was fast, is slow; another features",
        "it rains",
    ]
    assert len({text.partition(":")[0] for _, text in log()}) == 1


def test_a_file_under_another_name_is_not_taken(folder, cache, log):
    """A file that was copied from a machine with another processor, or from another program."""
    other = DiskCache("toy", lambda: {**HERE, "processor": "slow"})
    cache.save("key", 1)
    (good,) = files(folder)
    for source, key in ((other, "key"), (cache, "another key")):
        source.save(key, 2)
        (path,) = set(files(folder)) - {good}
        path.rename(good)
        assert cache.load("key", int) is None
    assert [text.partition("because: ")[2] for _, text in log()] == [
        "compiled for another environment: processor was slow, is fast",
        "the file is of another program",
    ]


def test_values_that_cannot_be_pickled(folder, cache, log):
    cache.save("key", lambda: 1)
    assert files(folder) == []
    (told,) = log()
    assert "isn't kept" in told[1]


def test_values_that_cannot_be_restored(folder, cache, log, monkeypatch):
    with monkeypatch.context() as patch:
        module = types.ModuleType("module_that_goes")
        patch.setitem(sys.modules, module.__name__, module)
        exec("class Gone: pass", vars(module))
        cache.save("key", module.Gone())
    assert cache.load("key", object) is None
    assert "can't be restored" in log()[-1][1]


# ---------------------------------------------------------------------- damage
def test_no_damaged_file_is_used(folder, cache, log, monkeypatch):
    """One bit of each byte, each length."""
    cache.save("key", bytes(300))
    (path,) = files(folder)
    good = path.read_bytes()
    assert cache.load("key", bytes) == bytes(300)
    monkeypatch.setattr(cache_module, "_unpickled", lambda payload: pytest.fail("it has been unpickled"))
    for k in range(len(good)):
        path.write_bytes(good[:k] + bytes([good[k] ^ (1 << k % 8)]) + good[k + 1 :])
        assert cache.load("key", bytes) is None
        path.write_bytes(good[:k])
        assert cache.load("key", bytes) is None
    path.write_bytes(good + b"\0")
    assert cache.load("key", bytes) is None
    assert {level for level, _ in log()} == {"WARNING"}


def test_a_file_that_shrinks_while_it_is_read(folder, cache, monkeypatch):
    cache.save("key", bytes(300))
    fstat = os.fstat

    def shrink_after(handle):
        found = fstat(handle)
        files(folder)[0].write_bytes(files(folder)[0].read_bytes()[:-50])
        return found

    monkeypatch.setattr(os, "fstat", shrink_after)
    assert cache.load("key", bytes) is None


# ----------------------------------------------------------------------- trust
@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owners")
@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write(folder, cache, log, mode):
    cache.save("key", 1)
    files(folder)[0].chmod(mode)
    assert cache.load("key", int) is None
    assert "other users may write" in log()[-1][1]
    cache.save("key", 2)
    assert cache.load("key", int) == 2


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owners")
def test_a_file_of_another_user(folder, cache, log, monkeypatch):
    cache.save("key", 1)
    if os.geteuid() == 0:
        os.chown(files(folder)[0], 54321, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 54321)
    assert cache.load("key", int) is None
    assert "belongs to another user" in log()[-1][1]


# -------------------------------------------------------------------- the limit
def sizes(folder):
    return sum(path.stat().st_size for path in files(folder))


def test_what_was_used_longest_ago_goes_first(folder, cache):
    with config.change_flags(compile_cache_limit=1):
        for k in range(9):
            cache.save(f"{k}", bytes(100_000))
            os.utime(max(files(folder), key=lambda path: path.stat().st_mtime_ns), (k, k))
        assert cache.load("0", bytes) is not None  # it's used now
        cache.save("9", bytes(100_000))
        cache.save("10", bytes(100_000))
        assert sizes(folder) <= 2**20
        left = [k for k in range(11) if cache.load(f"{k}", bytes) is not None]
    assert left[0] == 0
    assert left[1:] == list(range(12 - len(left), 11))
    assert len(left) > 7


def test_all_linkers_have_one_limit(folder, cache):
    with config.change_flags(compile_cache_limit=1):
        for k in range(20):
            DiskCache(f"linker{k % 3}", lambda: HERE).save(f"{k}", bytes(100_000))
    assert 600_000 < sizes(folder) <= 2**20


def test_a_limit_that_is_lowered(folder, cache):
    for k in range(30):
        cache.save(f"{k}", bytes(100_000))
    assert sizes(folder) > 3_000_000
    with config.change_flags(compile_cache_limit=1):
        cache.save("last", 1)
        assert sizes(folder) <= 2**20
        assert cache.load("last", int) == 1


def test_without_a_limit(folder, cache):
    with config.change_flags(compile_cache_limit=None):
        for k in range(3):
            cache.save(f"{k}", bytes(100_000))
    assert len(files(folder)) == 3


def test_a_value_above_the_limit(folder, cache, log):
    with config.change_flags(compile_cache_limit=1):
        cache.save("small", 1)
        cache.save("large", bytes(2**20 + 1))
        assert cache.load("small", int) == 1
    with config.change_flags(compile_cache_limit=0):
        cache.save("another", 1)
    assert len(files(folder)) == 1
    assert all("compile_cache_limit" in text for _, text in log())


def test_what_others_have_written_counts(folder, cache):
    """Another process fills the folder after this one has measured it."""
    with config.change_flags(compile_cache_limit=1):
        cache.save("first", bytes(1000))
        source = files(folder)[0]
        for k in range(30):
            (source.parent / f"{k:032x}-{k:016x}.compiled").write_bytes(bytes(100_000))
            os.utime(source.parent / f"{k:032x}-{k:016x}.compiled", (k, k))
        for k in range(3):
            cache.save(f"{k}", bytes(10_000))
    assert sizes(folder) <= 2**20
    assert cache.load("first", bytes) is not None


def test_other_files_stay(folder, cache):
    """Of a folder of the user's, only what looks like the cache's own is touched."""
    cache.save("key", bytes(1000))
    own = files(folder)[0]
    strangers = [folder / "precious", folder / "compiled/precious", own.parent / "precious", own.parent / "x.compiled"]
    for path in strangers:
        path.write_bytes(bytes(3 * 2**20))
    (own.parent / ("0" * 32 + "-" + "0" * 16 + ".compiled")).mkdir()
    with config.change_flags(compile_cache_limit=1):
        cache.save("another", 1)
        assert cache.load("key", bytes) is not None
    assert main(["cache", "clear"]) == 0
    assert files(folder) == sorted(strangers)


def test_what_killed_processes_leave(folder, cache):
    cache.save("key", 1)
    parent = files(folder)[0].parent
    old, new = (parent / (letter * 32 + ".unfinished") for letter in "ab")
    for path in (old, new):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 4000,) * 2)
    cache_files._sizes.clear()  # as in a process that starts
    cache.save("key", 1)
    assert not old.exists()
    assert new.exists()


# ------------------------------------------------------------- bad circumstances
@pytest.mark.parametrize("part", ["base", "compiled", "linker", "file"])
@pytest.mark.parametrize("what", ["file", "folder", "pipe", "dangling", "loop"])
def test_something_else_stands_there(folder, cache, log, part, what):
    cache.save("key", 1)
    own = files(folder)[0]
    place = {"base": folder, "compiled": folder / "compiled", "linker": own.parent, "file": own}[part]
    place.rename(folder.parent / "away")
    if what == "file":
        place.write_bytes(b"it isn't ours")
    elif what == "folder":
        place.mkdir()
        (place / "of somebody").mkdir()
    elif what == "pipe":
        if not hasattr(os, "mkfifo"):
            pytest.skip("there are no pipes in folders")
        os.mkfifo(place)
    else:
        place.symlink_to(place if what == "loop" else folder.parent / "nowhere")
    assert cache.load("key", int) is None
    assert log()
    cache.save("key", 2)
    assert cache.load("key", int) in (2, None)
    if part == "file" and what != "folder":
        assert cache.load("key", int) == 2
    if what == "file" and part != "file":
        assert place.read_bytes() == b"it isn't ours"


def test_links_are_followed_but_not_written_through(folder, cache):
    cache.save("key", 1)
    own = files(folder)[0]
    kept = own.rename(folder / "kept")
    own.symlink_to(kept)
    good = kept.read_bytes()
    assert cache.load("key", int) == 1
    cache.save("key", 2)
    assert kept.read_bytes() == good
    assert not own.is_symlink()
    assert cache.load("key", int) == 2
    (folder / "compiled").rename(folder / "elsewhere")
    (folder / "compiled").symlink_to(folder / "elsewhere")
    assert cache.load("key", int) == 2


@pytest.mark.parametrize(
    "base",
    ["~nobody of that name/cache", "nul\0byte", "\ud800", "x" * 5000, "/dev/null/cache"],
    ids=["unknown user", "nul", "surrogate", "long", "no folder"],
)
def test_no_such_folder(cache, log, base):
    with config.change_flags(base_compiledir=base):
        assert cache.load("key", int) is None
        cache.save("key", 1)
        cache.save("key", 1)
    levels = [level for level, _ in log()]
    assert levels == ["INFO", "WARNING"]


def test_without_a_home(monkeypatch):
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)  # what it does for a user who isn't known
    with (
        config.change_flags(base_compiledir=configdefaults._cache_folder()),
        pytest.raises(cache_files.UnusableFile, match="no home"),
    ):
        cache_files.cache_folder()


def test_the_folder_of_the_cache(monkeypatch):
    if not sys.platform.startswith("linux"):
        pytest.skip("Linux has it where XDG says")
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert configdefaults._cache_folder() == "/somewhere/aesaralite"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    monkeypatch.setenv("HOME", "/home/me")
    assert configdefaults._cache_folder() == "/home/me/.cache/aesaralite"


def test_the_folder_is_removed_all_the_time(folder, cache, monkeypatch):
    """Between any two steps of writing."""
    steps = []

    def removing(function, name):
        def call(*args, **kwargs):
            if name not in steps:
                steps.append(name)
                main(["cache", "clear"])
            return function(*args, **kwargs)

        return call

    for function in (os.open, os.replace):
        monkeypatch.setattr(os, function.__name__, removing(function, function.__name__))
    for count in (1, 2):
        steps[:] = ["replace"] if count == 1 else ["open"]
        cache.save(f"{count}", count)
        assert cache.load(f"{count}", int) == count
        assert len(steps) == 2


# ------------------------------------------------------------- many at the same time
def test_threads(folder, cache):
    errors = []

    def work(number):
        try:
            for k in range(60):
                if number == 0 and k % 10 == 0:
                    main(["cache", "clear"])
                cache.save(f"{k % 7}", bytes([k % 7]) * 20_000)
                assert cache.load(f"{k % 7}", bytes) in (None, bytes([k % 7]) * 20_000)
        except BaseException as error:
            errors.append(error)

    with config.change_flags(compile_cache_limit=1):
        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not errors
    assert all(path.suffix == ".compiled" for path in files(folder))


CROWD = """
import os, sys
from aesaralite import config
from aesaralite.compile.cache import DiskCache
config.base_compiledir, config.compile_cache_limit = sys.argv[1], 1
cache = DiskCache("toy", lambda: {"here": "there"})
gate_out, gate_in = os.pipe()
children = []
for number in range(16):
    child = os.fork()
    if child == 0:
        try:
            os.close(gate_in)
            os.read(gate_out, 1)
            for k in range(40):
                key = k if k % 2 else number * 100 + k
                found = cache.load(f"{key}", bytes)
                assert found in (None, bytes([key % 256]) * 20_000)
                cache.save(f"{key}", bytes([key % 256]) * 20_000)
            os._exit(0)
        except BaseException as error:
            os.write(2, repr(error).encode())
            os._exit(1)
    children.append(child)
os.close(gate_in)
assert [os.waitpid(child, 0)[1] for child in children] == [0] * 16
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="it forks")
def test_processes_that_fill_the_cache_together(folder):
    subprocess.run([sys.executable, "-c", CROWD, str(folder)], check=True)
    # each process may write a part of the limit between two looks at the folder
    assert 600_000 < sizes(folder) < 1.25 * 2**20 + 16 * 25_000
    assert all(path.suffix == ".compiled" for path in files(folder))


# -------------------------------------------------------------------- the command
def test_info_and_clear(folder, cache, capsys):
    for k in range(3):
        cache.save(f"{k}", bytes(2000))
    DiskCache("another", lambda: HERE).save("key", 1)
    (files(folder)[-1].parent / ("a" * 32 + ".unfinished")).write_bytes(b"half")
    assert main(["cache", "info"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"folder: {folder / 'compiled'}"
    assert lines[1].startswith("another: 1 program, 1")
    assert lines[2].startswith("toy: 3 programs, 6.")
    assert lines[3].startswith("in all: 4 programs, 6.")
    assert lines[3].endswith("KiB, at most 256 MiB")
    assert lines[4].endswith("1 file, 4 bytes")
    assert main(["cache", "clear", "--linker", "another"]) == 0
    assert capsys.readouterr().out.startswith("removed 1 file, ")
    assert cache.load("0", bytes) == bytes(2000)
    assert main(["cache", "clear"]) == 0
    assert capsys.readouterr().out.startswith("removed 4 files, ")
    assert files(folder) == []
    assert main(["cache", "info"]) == 0
    assert "in all: 0 programs, 0 bytes" in capsys.readouterr().out


def test_the_command_where_there_is_no_folder(tmp_path, capsys):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with config.change_flags(base_compiledir=str(blocked)), pytest.raises(SystemExit) as left:
        main(["cache", "info"])
    assert left.value.code == 2
    assert "file" in capsys.readouterr().err


def test_the_command_from_outside(folder):
    program = [sys.executable, "-m", "aesaralite", "cache", "info"]
    environment = {**os.environ, "AESARALITE_FLAGS": f"base_compiledir={folder}"}
    found = subprocess.run(program, check=True, capture_output=True, text=True, env=environment).stdout
    assert found.startswith(f"folder: {folder}")


@pytest.mark.parametrize("arguments", [[], ["cache"], ["cache", "burn"], ["nothing"]])
def test_wrong_commands(arguments, capsys):
    with pytest.raises(SystemExit) as left:
        main(arguments)
    assert left.value.code == 2
    assert "usage: aesaralite" in capsys.readouterr().err
