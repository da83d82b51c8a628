"""The network: photos in, features and garments out.

`googlenet` is the network to train, `fast_googlenet` the same rewritten for answers, `weights` its files, `preprocess`
what it sees of a photo, `extractor` all of this together. `segmenter` labels the places of a photo, `garments` finds
the garments with it, and `expansion` moves the queries of these towards their kind. `closeness` tells what a distance
of two features says. MODEL_CARD.md tells how the networks were trained and how good they are. Nothing here knows of
catalogues or indexes.
"""
