"""Photos and pictures: the one decoder, thumbnails, and pictures of answers.

Everything here takes or gives PIL images. Nothing here knows of networks, vectors or catalogues.
"""
