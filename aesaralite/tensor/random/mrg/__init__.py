"""MRG31k3p, a generator of many streams whose state is an ordinary array."""
