"""Photos and pictures: the one decoder, parts of photos and outlines in them, thumbnails, and pictures of answers.

Everything here takes or gives PIL images. Nothing here knows of networks, vectors or catalogues.
"""
