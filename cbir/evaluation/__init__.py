"""How good a network is: figures with intervals, by kind, by garment worn, beside another network.

`report` ties the measurements together, and `finder_report` those of the garment finder.
Nothing here changes a network or a catalogue.
"""
