"""How good a network is: figures with intervals, by kind, by garment worn, beside another network.

`report` ties the measurements together. Nothing here changes a network or a catalogue.
"""
