"""Exact nearest neighbours: vectors in, the k nearest out, with the proof that no other is closer.

`exact` ties it together: `hnsw` proposes candidates, `quantise` makes small codes of vectors, `bounds` turns these into
lower bounds of distances, `int8` multiplies them, and `measure` gives the distances of what is left. `joined` searches
two indexes as one. `copies` folds and groups vectors that are near each other. `tsne` lays vectors out in a plane, and
`grid` gives each a cell of its own. Any vectors will do: nothing here knows of photos or catalogues.
"""
