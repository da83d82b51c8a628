"""What cloth looks like.

Here live colours, fabrics with their weave, patterns, prints and folds, and the record that says which cloths a garment
is cut from.
Functions here work on grids of points in centimetres. Nothing here knows a cut, a table or a light, and of the other
rooms only geometry is imported.
"""
