"""How good a network is: figures with intervals, by kind, by garment worn, beside another network.

`report` ties the measurements together, `finder_report` those of the garment finder, and `closeness` those of what
distances say: `calibration` fits them, `copies` and `distractors` make pictures for it, and `expansion` the queries of
found garments.
Nothing here changes a network or a catalogue.
"""
