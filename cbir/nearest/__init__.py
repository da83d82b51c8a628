"""Exact nearest neighbours: vectors in, the k nearest out, with the proof that no other is closer.

`exact` ties it together: `hnsw` proposes candidates, `quantise` makes small codes of vectors, `bounds` turns these into
lower bounds of distances, `int8` multiplies them. `copies` folds and groups vectors that are near each other. Any
vectors will do: nothing here knows of photos or catalogues.
"""
