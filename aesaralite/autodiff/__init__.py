"""Derivatives of graphs: reverse and forward mode, barriers that gradients don't pass, Jacobians."""
