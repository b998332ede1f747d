"""The graph: types, variables, nodes, and what walks and changes them. It knows no backend and no tensor."""
