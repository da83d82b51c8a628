"""The cuts of the garments.

Each cut is a function that gives the pieces of a garment, lowest first. It draws the measures from the random generator
`shape`, which a family shares, and the way the garment lies from `lay`, which is the garment's own.
A cut names the cloth of each piece ("main", "trim", ...), but knows neither fabrics nor colours nor pixels. Of the
other rooms only geometry is imported.
"""
