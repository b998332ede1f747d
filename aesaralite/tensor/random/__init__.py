"""Random variables: draws of NumPy's random generators, as expressions."""
