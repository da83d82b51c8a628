"""A catalogue in Milvus: vectors and records in a collection there, thumbnails and network at an fsspec address.

Everything of a collection is a `Searchable`, as a folder's catalogue is, so that searches, commands and the page need
not know which of the two they have. Only `engine` calls the Milvus client, and only `files` calls fsspec.

A collection is never changed. A run writes another, and an alias, which is the name that people know, is pointed at it
in one step.
"""
