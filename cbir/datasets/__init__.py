"""Sets of photos: readers of folders, tables and ACS, splits, and photos of people in the street.

`reader.read_photos` reads any of them, folders and tables at addresses as well. `clothing/` is the one public set that
the project downloads. Nothing here knows of networks, and no photo is part of the project.
"""
