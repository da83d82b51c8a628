"""The network: photos in, features out.

`googlenet` is the network to train, `fast_googlenet` the same rewritten for answers, `weights` its files, `preprocess`
what it sees of a photo, `extractor` all of this together. MODEL_CARD.md tells how it was trained and how good it is.
Nothing here knows of catalogues or indexes.
"""
