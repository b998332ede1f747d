"""What the debugging modes and ``f.debug`` are made of."""
