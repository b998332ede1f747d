"""Rewriting of graphs: rules, the driver that applies them, merging, databases, and the record of who rewrote what."""
