"""Faults in calls: arguments, state, locks, the Python linker, the cache."""

from functools import partial

from tests.mutation.fault import Fault

__all__ = ["FAULTS"]

_call = partial(
    Fault, "calls", tests=("tests/compile/test_call.py", "tests/compile/test_build.py", "tests/compile", "tests/docs")
)
_python = partial(
    Fault,
    "python",
    tests=("tests/linkers/python", "tests/compile/test_state.py", "tests/compile/test_call.py", "tests/properties"),
)
_cache = partial(
    Fault,
    "cache",
    tests=(
        "tests/linkers/numba/test_cache.py",
        "tests/linkers/numba/test_cache_faults.py",
        "tests/compile/test_cache.py",
        "tests/graph/test_frozen.py",
    ),
)
_state = partial(
    Fault,
    "state",
    tests=(
        "tests/compile/test_shared.py",
        "tests/compile/test_state.py",
        "tests/compile/test_random_state.py",
        "tests/graph/test_state_lock.py",
        "tests/compile/test_copy_and_pickle.py",
        "tests/tensor/random/test_op.py",
        "tests/tensor/random/test_utils.py",
        "tests/properties",
    ),
)

FAULTS = (
    _call(
        "an input may be given by position and by name",
        "aesaralite/compile/function/arguments.py",
        "            if values[i] is not MISSING:\n                raise TypeError",
        "            if values[i] is value:\n                raise TypeError",
    ),
    _call(
        "allow_downcast of an input is ignored on the slow path",
        "aesaralite/compile/function/arguments.py",
        "return spec.variable.type.filter(value, allow_downcast=spec.allow_downcast)",
        "return spec.variable.type.filter(value)",
    ),
    _call(
        "shared variables inside a replacement are looked for as if they were replaced",
        "aesaralite/compile/function/collect.py",
        "stack.extend((v, replaced) for v in reversed(variable.owner.inputs))",
        "stack.extend((v, False) for v in reversed(variable.owner.inputs))",
    ),
    _call(
        "an output asked for by its key is looked up by its position",
        "aesaralite/compile/function/callable.py",
        "wanted = {i if isinstance(i, int) else keys.index(i) for i in subset}",
        "wanted = {i if isinstance(i, int) else sorted(keys).index(i) for i in subset}",
    ),
    _python(
        "sizes that an input's type knows aren't checked on the fast path",
        "linkers/aesaralite_python/program.py",
        "return all(value.shape[axis] == size for axis, size in known)",
        "return all(value.shape[axis] == size for axis, size in known[1:])",
    ),
    _python(
        "two states share one array",
        "linkers/aesaralite_python/aliasing.py",
        "            not_for_state.add(owner_of(value))\n",
        "",
    ),
    _cache(
        "programs that update other variables share code",
        "linkers/aesaralite_numba/cache.py",
        "        plan.updates,\n",
        "        len(plan.updates),\n",
    ),
    _cache(
        "the flag for fast mathematics is no part of the key",
        "linkers/aesaralite_numba/cache.py",
        "variant, config.numba__fastmath, others",
        "variant, others",
    ),
    _cache(
        "a damaged file is loaded",
        "aesaralite/compile/cache_files.py",
        "if hasher.digest() != start[len(_MAGIC) : -_LENGTHS.size] or len(rest) != header + payload:",
        "if len(rest) != header + payload:",
    ),
    _cache(
        "graphs with other outputs have one digest",
        "aesaralite/graph/frozen.py",
        '        update(struct.pack(f"<{len(graph.outputs)}q", *graph.outputs))\n',
        "",
    ),
    _state(
        "new state may be an argument",
        "linkers/aesaralite_python/aliasing.py",
        "            if owner_of(value) in not_for_state:\n",
        "            if False:\n",
    ),
    _state(
        "outputs may be state",
        "linkers/aesaralite_python/aliasing.py",
        "            if owner in taken or (owner in lent",
        "            if (owner in lent",
    ),
    _state(
        "outputs may share memory",
        "linkers/aesaralite_python/aliasing.py",
        "            lent[owner] = borrow and lent.get(owner, True)\n            outputs",
        "            outputs",
    ),
    _state(
        "get_value copies nothing",
        "aesaralite/graph/container.py",
        "lambda: duplicate(self.storage[0])",
        "lambda: self.storage[0]",
    ),
    _state(
        "set_value copies nothing",
        "aesaralite/graph/shared.py",
        "new_value if borrow else duplicate(new_value)",
        "new_value",
    ),
    _state(
        "copies share the state of inputs",
        "aesaralite/compile/function/callable.py",
        "                container = copy.deepcopy(container)\n            if delete",
        "                pass\n            if delete",
    ),
    _state(
        "an argument in place of state is written to",
        "aesaralite/compile/function/callable.py",
        "shadows[i] = [duplicate(storage[i][0])]",
        "shadows[i] = [storage[i][0]]",
    ),
    _state(
        "seeding spawns one seed for all",
        "aesaralite/tensor/random/stream.py",
        "self.gen_seedgen.spawn(len(self.state_updates)))",
        "self.gen_seedgen.spawn(1) * len(self.state_updates))",
    ),
    _state(
        "a draw changes the generator that it's given",
        "aesaralite/tensor/random/op.py",
        "        rng = copy_generator(rng)\n",
        "",
    ),
    _state(
        "writers don't exclude one another",
        "aesaralite/graph/state_lock.py",
        'f"len(writers{k}) == 1 and not readers{k}" if written[k]',
        'f"not readers{k}" if written[k]',
    ),
    _state(
        "who waits to write lets readers pass for ever",
        "aesaralite/graph/state_lock.py",
        "if not lock.writers and (not lock.waiting or pause == _LONGEST_PAUSE):",
        "if not lock.writers:",
    ),
)
