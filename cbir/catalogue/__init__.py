"""Catalogues on disk: a folder of photos turned into vectors, an index, records and thumbnails, with a manifest.

`build` makes or updates one, by way of `embed`, `journal` and `changes`; `catalogue` opens one; `manifest`, `records`,
`columns`, `map` and `vectors` are its parts; `verify` checks every promise of it. `joined` makes one of two, and
`api` says what a search needs of it. Nothing here answers a query.
"""
