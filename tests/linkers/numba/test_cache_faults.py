"""Whatever happens to the cache, functions are compiled and right; nothing of a damaged file is used."""

import errno
import os
import pathlib
import subprocess
import sys
import threading
import time

import llvmlite
import numpy as np
import pytest
from aesaralite_numba import build as build_module
from aesaralite_numba import cache, loading, machine
from support.file_rights import rights_count
from support.numba_programs import link

import aesaralite.tensor as at
from aesaralite.compile import cache as cache_module
from aesaralite.compile import cache_files
from aesaralite.configdefaults import config

ROOT = pathlib.Path(__file__).parents[3]
_serial = iter(range(1, 10**6))


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "base"
    with config.change_flags(base_compiledir=str(folder)):
        yield folder


@pytest.fixture
def builds(monkeypatch):
    """Names of the programs that were compiled, not loaded."""
    found = []
    build = build_module.build

    def counted(graph, plan, variant, name):
        found.append(name)
        return build(graph, plan, variant, name)

    monkeypatch.setattr(build_module, "build", counted)
    return found


@pytest.fixture
def reasons(caplog, monkeypatch):
    """What the cache says."""
    monkeypatch.setattr(cache_module, "_complaints", set())
    caplog.set_level("INFO", "aesaralite.compile.cache")
    return lambda: [record.getMessage() for record in caplog.records]


def files(folder):
    return sorted(path for path in folder.rglob("*") if path.is_file())


class Case:
    """A function that no other test has compiled; calling it links it as a new process would."""

    def __init__(self):
        self.factor = np.pi + next(_serial)
        x = at.dvector("x")
        self.inputs, self.outputs = [x], [x * self.factor, (x + self.factor).sum()]

    def __call__(self):
        loading._loaded.clear()
        product, total = link(self.inputs, self.outputs).bind([])(np.arange(3.0))
        np.testing.assert_array_equal(product, np.arange(3.0) * self.factor)
        np.testing.assert_allclose(total, 3 + 3 * self.factor)


# -------------------------------------------------------------- damaged and foreign
def test_nothing_of_a_damaged_file_is_loaded(folder, monkeypatch):
    """A bit of each byte flipped: of header, checksum, machine code and the rest; cut off at each length."""
    Case()()
    (path,) = files(folder)
    good = path.read_bytes()
    header, _ = cache_files.read_file(str(path))
    key = header.decode().split("\n")[0]
    monkeypatch.setattr(cache_module, "_digest", lambda text: key if text == "key" else pytest.fail(text))
    monkeypatch.setattr(cache.programs, "_name", lambda key: path.name)
    monkeypatch.setattr(cache.programs, "_header", lambda key: header)
    assert cache.programs.load("key", object) is not None
    monkeypatch.setattr(cache_module, "_unpickled", lambda payload: pytest.fail("it has been used"))
    damaged = bytearray(good)
    with open(path, "r+b", buffering=0) as file:
        for k in range(len(good)):
            damaged[k] ^= 1 << k % 8
            os.pwrite(file.fileno(), damaged[k : k + 1], k)
            assert cache.programs.load("key", object) is None
            damaged[k] = good[k]
            os.pwrite(file.fileno(), good[k : k + 1], k)
        for length in reversed(range(0, len(good), 7)):
            file.truncate(length)
            assert cache.programs.load("key", object) is None


@pytest.mark.parametrize(
    "where", ["magic", "checksum", "lengths", "environment", "machine code", "end", "cut", "empty"]
)
def test_a_damaged_file_is_replaced(folder, builds, reasons, where):
    case = Case()
    case()
    (path,) = files(folder)
    good = path.read_bytes()
    place = {
        "magic": 3,
        "checksum": 30,
        "lengths": 55,
        "environment": good.index(b"llvmlite"),
        "machine code": good.index(b"\x7fELF") + 100 if b"\x7fELF" in good else len(good) // 2,
        "end": len(good) - 1,
    }.get(where)
    if place is None:
        path.write_bytes(good[: len(good) // 2] if where == "cut" else b"")
    else:
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
    case()
    assert len(builds) == 2
    assert "compiled, because: the file" in reasons()[-1]
    case()
    assert len(builds) == 2
    assert files(folder) == [path]


def test_files_are_exchanged(folder, builds, reasons):
    cases = Case(), Case()
    for case in cases:
        case()
    one, other = files(folder)
    content = one.read_bytes(), other.read_bytes()
    one.write_bytes(content[1])
    other.write_bytes(content[0])
    for case in cases:
        case()
    assert len(builds) == 4
    assert reasons()[-1].endswith("the file is of another program")


def test_an_object_of_another_class(folder, builds):
    case = Case()
    case()
    (path,) = files(folder)
    header, _ = cache_files.read_file(str(path))
    cache_files.write_file(str(path.parent), path.name, header, b"\x80\x04}.")  # a pickle of {}
    case()
    assert len(builds) == 2
    cache_files.write_file(str(path.parent), path.name, header, b"no pickle")
    case()
    assert len(builds) == 3


@pytest.fixture
def elsewhere(monkeypatch):
    """Makes the environment another one: another machine or installation."""

    def change(name):
        if name == "llvmlite":  # numba's code generator, which its versions go with
            monkeypatch.setattr(llvmlite, "__version__", "0.1")
        elif name == "NumPy":
            monkeypatch.setattr(np, "__version__", "2.0.99")
        elif name == "Python":
            monkeypatch.setattr(cache.platform, "python_version", lambda: "3.99.0")
        elif name == "C library":
            monkeypatch.setattr(os, "confstr", lambda name: "glibc 9.9")
        else:
            found = dict(zip(("platform", "processor", "processor features"), machine.processor(), strict=True))
            found[name] = "+x" * 100 if name == "processor features" else "other"
            monkeypatch.setattr(machine, "processor", lambda: tuple(found.values()))
        cache.environment.cache_clear()

    yield change
    monkeypatch.undo()
    cache.environment.cache_clear()


@pytest.mark.parametrize("name", ["llvmlite", "NumPy", "Python", "C library", "processor", "processor features"])
def test_another_machine_or_version(folder, builds, reasons, elsewhere, name):
    if name == "C library" and not hasattr(os, "confstr"):
        pytest.skip("the C library's version isn't known")
    case = Case()
    case()
    (good,) = files(folder)
    elsewhere(name)
    case()
    assert len(builds) == 2
    assert "compiled for another environment" in reasons()[-1]
    assert name in reasons()[-1]
    # the file of there, copied to the place of the one from here
    (bad,) = set(files(folder)) - {good}
    good.replace(bad)
    case()
    assert len(builds) == 3
    assert "compiled for another environment" in reasons()[-1]
    case()
    assert len(builds) == 3


# ------------------------------------------------------------------- interrupted
def run(program, folder, **options):
    """Run `program`, which has a function `work` that compiles and calls, in a process of its own."""
    preamble = (
        "import os, sys\n"
        "import numpy as np\n"
        "import aesaralite.tensor as at\n"
        "from aesaralite import config\n"
        "from support.numba_programs import link\n"
        f"config.base_compiledir = {str(folder)!r}\n"
        "def work(factor=1.5):\n"
        "    x = at.dvector('x')\n"
        "    assert link([x], [x * factor]).bind([])(np.ones(2)).tolist() == [factor] * 2\n"
    )
    paths = [str(ROOT / "tests"), *filter(None, sys.path)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.run(
        [sys.executable, "-c", preamble + program], env=environment, capture_output=True, text=True, **options
    )


posix = pytest.mark.skipif(os.name != "posix", reason="processes are killed and limited in another way")


@posix
def test_processes_are_killed_while_they_write(folder):
    """After no, some and all bytes."""
    program = (
        "import signal\n"
        "from aesaralite.compile import cache_files\n"
        "work(0.5)\n"  # everything is imported
        "class Raw:\n"
        "    def __init__(self, handle): self.handle = handle\n"
        "    def __enter__(self): return self\n"
        "    def __exit__(self, *error): os.close(self.handle)\n"
        "    def write(self, data):\n"
        "        os.write(self.handle, bytes(data[: int(len(data) * part)]))\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "cache_files.open = lambda handle, mode, **options: Raw(handle) if mode == 'wb' else open(handle, mode)\n"
        "for part in (0, 0.5, 1):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        work()\n"
        "        os._exit(0)\n"
        "    assert os.waitpid(child, 0)[1] == signal.SIGKILL\n"
        "del cache_files.open\n"
        "import logging\n"
        "logging.basicConfig(level='INFO', stream=sys.stdout)\n"
        "work()\n"
    )
    done = run(program, folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("the cache doesn't have it") == 1
    found = files(folder)
    assert sorted(path.suffix for path in found) == [".compiled"] * 2 + [".unfinished"] * 3
    for path in found:
        if path.suffix == ".unfinished":
            os.utime(path, (time.time() - 4000,) * 2)
    with config.change_flags(compile_cache_limit=1):
        cache_files._sizes.clear()
        Case()()
    assert [path.suffix for path in files(folder)] == [".compiled"] * 3


@pytest.mark.parametrize("step", ["makedirs", "open", "write", "close", "replace"])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EIO, errno.ESTALE])
def test_errors_while_writing(folder, builds, reasons, monkeypatch, step, error):
    """Disk full, over quota, read-only, no permission, broken, gone; at each step."""
    case = Case()

    def fail(*args, **kwargs):
        raise OSError(error, os.strerror(error))

    class File:
        def __init__(self, handle):
            self.handle = handle

        def __enter__(self):
            return self

        def __exit__(self, *raised):
            os.close(self.handle)
            if step == "close":
                fail()

        def write(self, data):
            if step == "write":
                os.write(self.handle, data[:10])
                fail()
            return os.write(self.handle, data)

    with monkeypatch.context() as patch:
        if step in ("write", "close"):
            patch.setattr(cache_files, "open", lambda handle, mode, **options: File(handle), raising=False)
        elif step == "open":
            open_ = os.open
            patch.setattr(os, "open", lambda path, flags, *mode: (fail if mode else open_)(path, flags, *mode))
        else:
            patch.setattr(os, step, fail)
        case()
        case()
    assert len(builds) == 2
    assert files(folder) == []
    assert sum("can't be kept" in text and os.strerror(error) in text for text in reasons()) == 1
    case()
    case()
    assert len(builds) == 3


@posix
def test_files_that_may_not_grow(folder):
    """The system refuses to write more than some bytes: what a full disk does, with nothing simulated."""
    program = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "work(0.5)\n"
        "for size in (0, 100, 2000):\n"
        "    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))\n"
        "    work(size + 0.25)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)\n"
        "work(0.75)\n"
    )
    done = run(program, folder)
    assert done.returncode == 0, done.stderr
    assert "can't be kept" in done.stderr
    assert [path.suffix for path in files(folder)] == [".compiled"] * 2


@pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError])
def test_interrupted_while_writing(folder, monkeypatch, error):
    case = Case()

    def fail(*args):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", fail)
        with pytest.raises(error):
            case()
    assert files(folder) == []
    case()


# ------------------------------------------------------------- rights and places
def test_a_folder_that_can_only_be_read(folder, builds, reasons):
    kept, new = Case(), Case()
    kept()
    (path,) = files(folder)
    path.parent.chmod(0o555)
    path.chmod(0o444)
    try:
        with rights_count():
            kept()
            new()
            new()
    finally:
        path.parent.chmod(0o755)
    assert len(builds) == 3
    assert files(folder) == [path]
    assert sum("can't be kept" in text for text in reasons()) == 1


@pytest.mark.parametrize("part", ["file", "folder", "base"])
def test_what_may_not_be_read(folder, builds, reasons, part):
    case = Case()
    case()
    (path,) = files(folder)
    place = {"file": path, "folder": path.parent, "base": folder}[part]
    place.chmod(0)
    try:
        with rights_count():
            case()
    finally:
        place.chmod(0o700)
    assert len(builds) == 2
    assert any("Permission denied" in text for text in reasons())


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owners")
def test_a_file_that_somebody_else_may_have_written(folder, builds, reasons):
    """It could run any code."""
    case = Case()
    case()
    files(folder)[0].chmod(0o666)
    case()
    assert "other users may write to the file" in reasons()[-1]
    case()
    assert len(builds) == 2


def test_a_folder_that_is_a_file(tmp_path, builds):
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    with config.change_flags(base_compiledir=str(blocked)):
        Case()()
    assert blocked.read_text() == "no folder"
    assert len(builds) == 1


def test_no_home(builds, reasons, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with config.change_flags(base_compiledir="~nobody of that name/cache"):
        Case()()
    assert len(builds) == 1
    assert files(tmp_path) == []
    assert sum("there is no home folder" in text for text in reasons()) == 2


def test_the_folder_goes_while_functions_live(folder, builds):
    case = Case()
    x = at.dvector("x")
    program = link([x], [x * (case.factor + 0.5)])
    call = program.bind([])
    case()
    cache_files.clear_cache()
    assert not (folder / "compiled").exists()
    np.testing.assert_array_equal(call(np.ones(1)), case.factor + 0.5)
    case()
    case()
    assert len(builds) == 3


# ----------------------------------------------------------------- all at once
def test_sixteen_processes_on_an_empty_cache(folder):
    """They have everything imported and wait for each other, so that all of them compile at the same time."""
    if not hasattr(os, "fork"):
        pytest.skip("it forks")
    program = (
        "import shutil\n"
        "work(0.5)\n"
        "shutil.rmtree(config.base_compiledir)\n"
        "gate, opener = os.pipe()\n"
        "children = []\n"
        "for _ in range(16):\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        os.close(opener)\n"
        "        os.read(gate, 1)\n"
        "        try:\n"
        "            work()\n"
        "        except BaseException as error:\n"
        "            os.write(2, repr(error).encode())\n"
        "            os._exit(1)\n"
        "        os._exit(0)\n"
        "    children.append(child)\n"
        "os.close(opener)\n"
        "assert [os.waitpid(child, 0)[1] for child in children] == [0] * 16\n"
    )
    done = run(program, folder)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert [path.suffix for path in files(folder)] == [".compiled"]
    again = "import aesaralite_numba.build as module; module.build = None\nwork()\n"
    assert run(again, folder).returncode == 0


@pytest.mark.slow
def test_sixteen_interpreters_on_an_empty_cache(folder):
    threads = []
    results = []
    for _ in range(16):
        threads.append(threading.Thread(target=lambda: results.append(run("work()", folder))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert [(done.returncode, done.stderr) for done in results] == [(0, "")] * 16
    assert [path.suffix for path in files(folder)] == [".compiled"]
