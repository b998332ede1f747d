"""How Ops become kernels.

A lowering is a function registered for an Op class.  It receives the context, the frozen node and one
:class:`~aesaralite_numba.values.Value` for every input, and returns the value of its output (a tuple where the Op has
several outputs)::

    from aesaralite_numba.lower.registry import lower

    @lower(DimShuffle)
    def dimshuffle(ctx, node, x):
        order = node.op.new_order
        dims = [ctx.e.one if o == "x" else x.dims[o] for o in order]
        def element(*indices):
            ...
            return ctx.at(x, own_indices)
        return ctx.map(dims, element)

Nothing is computed here.  A lowering only says what each element is, as an expression (:mod:`..expr`) of elements of
other values; the fusion pass decides what is computed together and what reaches memory.  What a lowering can use:

``ctx.e``
    The expression table: ``ctx.e.index(3)``, ``ctx.e.add/sub/mul`` for indices and sizes, ``ctx.e.eq/lt/le``,
    ``ctx.e.select``, ``ctx.e.const(value, dtype)``.
``x.dims``, ``x.dtype``, ``x.ndim``
    Sizes are expressions; ``x.dims[0].is_const`` tells whether the size is known while compiling.
``ctx.op(name, dtype, *exprs)``
    A scalar operation of :mod:`..emit.scalars` or :mod:`..emit.mathematics` (``"exp"``, ``"add"``, ``"eq"`` ...).
``ctx.cast(expr, dtype)``
    Conversion with NumPy's meaning; free where the dtype is right already.
``ctx.at(x, indices)``
    The element of `x` at index expressions.  Indices are in range: guard them before.
``ctx.scalar(x)``, ``ctx.from_scalar(expr)``
    A 0-d value as an expression, and back.
``ctx.map(dims, fn)``
    A value whose element at ``i, j ...`` is ``fn(i, j, ...)``.
``ctx.reduce(monoid, dims, reduced, fn, dtype)``
    ``fn`` combined over the marked dimensions.
``ctx.build(dtype, dims, base, stores)``, ``ctx.store(dims, fn, mode)``
    Memory written piece by piece: joins, set/inc_subtensor, scatters.
``ctx.broadcast(dims, dims, ...)``, ``ctx.stretch(x, dims, indices)``
    Joint sizes by NumPy's rule (guarded at run time where unknown), and an element of `x` under them.
``ctx.guard(condition, kind, sizes, detail)``
    Demands a condition before anything relies on it or any state changes.  Where it fails, the call is run again by
    `perform`, node by node, and the Op's own error reaches the user; so a guard must hold whenever `perform` succeeds.
    `kind` is a word for the report.
``ctx.require_equal(a, b, kind)``
    The same for two sizes, which are one expression from then on if they are sizes of arguments.
``ctx.assume_equal(a, b)``
    Whether two sizes of arguments may be taken as equal where nearly all calls have them so; a call that hasn't is
    left for a program without the assumption.
``ctx.wrap_index(index, size)``
    A checked, non-negative index from one that may be negative.
``ctx.reshape(x, dims)``
    The same elements in C order under other sizes.
``ctx.contiguous(x)``
    `x`, or a copy if it is an argument that isn't C-contiguous; ``build``, ``reshape`` and calls do it themselves.
``ctx.call(routine, operands, scalars, dtype, dims)``
    A routine over whole arrays that isn't a loop nest: BLAS, sorting ... (registered in :data:`..emit.blas.ROUTINES`).
``ctx.draw(name, rng, parameters, dims, dtype)``, ``ctx.draw_call(routine, rng, operands, scalars, dtype, dims)``
    Random numbers, element by element or by a routine, and the generator's state after them.

A lowering that can't handle what it gets (a complex dtype, say) returns ``NotImplemented``: the node's `perform` is
called back, with one warning that names the Op.  An input that is neither tensor nor number (None, a slice) is None.

Scalar Ops have a table of their own, :mod:`.scalars`; Elemwise, reductions and Composite use it.  So have random
variables, by the function that says what they draw: :mod:`.random`.
"""
