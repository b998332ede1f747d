"""The command ``aesaralite``, which is ``python -m aesaralite``, too."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime

from aesaralite.compile.cache_files import CachedFile, UnusableFile, cache_folder, cached_files, clear_cache
from aesaralite.configdefaults import config


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives its exit status."""
    parser = argparse.ArgumentParser(prog="aesaralite")
    commands = parser.add_subparsers(required=True, metavar="command")
    cache = commands.add_parser("cache", help="the compiled code on disk").add_subparsers(required=True, metavar="what")
    info = cache.add_parser("info", help="where it is, how much there is, and how much there may be")
    info.set_defaults(run=lambda _: _info())
    clear = cache.add_parser("clear", help="remove it; programs that are running don't mind")
    clear.add_argument("--linker", help="only what this linker has compiled")
    clear.set_defaults(run=lambda chosen: _clear(chosen.linker))
    chosen = parser.parse_args(arguments)
    try:
        status: int = chosen.run(chosen)
    except (UnusableFile, OSError, ValueError) as error:
        parser.exit(2, f"{error}\n")
    return status


def _info() -> int:
    folder = cache_folder()
    print(f"folder: {folder}")
    files = list(cached_files(folder))
    finished = [file for file in files if file.is_finished]
    for linker in sorted({file.linker for file in finished}):
        own = [file for file in finished if file.linker == linker]
        last = datetime.fromtimestamp(max(file.used for file in own))
        print(f"{linker}: {_amount(own, 'program')}, last used {last:%Y-%m-%d %H:%M:%S}")
    limit = config.compile_cache_limit
    at_most = "" if limit is None else f", at most {limit} MiB"
    print(f"in all: {_amount(finished, 'program')}{at_most}")
    if len(files) > len(finished):
        unfinished = [file for file in files if not file.is_finished]
        print(f"being written, or left when a process was killed: {_amount(unfinished, 'file')}")
    return 0


def _clear(linker: str | None) -> int:
    removed, kept = clear_cache(linker)
    print(f"removed {_amount(removed, 'file')}")
    for file in kept:
        print(f"can't remove {file.path}", file=sys.stderr)
    return 1 if kept else 0


def _amount(files: Iterable[CachedFile], noun: str) -> str:
    sizes = [file.size for file in files]
    size = float(sum(sizes))
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if size < 1024 or unit == "GiB":
            break
        size /= 1024
    text = f"{size:.0f}" if unit == "bytes" else f"{size:.1f}"
    return f"{len(sizes)} {noun}{'' if len(sizes) == 1 else 's'}, {text} {unit}"


if __name__ == "__main__":
    sys.exit(main())
