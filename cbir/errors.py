"""The errors a caller may want to catch. Each message names the file and what to do about it."""

REBUILD = "delete the catalogue and build it again"
"""What to do about a damaged catalogue."""


class CbirError(Exception):
    """Base of every error that this package raises on purpose."""


class PhotoError(CbirError):
    """A photo cannot be read: absent, empty, truncated, too large, or no photo at all."""


class RegionError(CbirError):
    """A part of a photo is asked for that is not there, or cannot be one."""


class FilterError(CbirError):
    """A search is to be among photos of a column or value that the catalogue does not have, or of none at all."""


class DatasetError(CbirError):
    """A folder of photos has no layout that can be read, or is too small for its use."""


class DownloadError(CbirError):
    """A download is unavailable, interrupted, or not the expected content."""


class UploadError(CbirError):
    """An upload is refused or interrupted, or nobody is logged in."""


class WeightsError(CbirError):
    """A file of network weights is absent, damaged, or of an unknown kind."""


class WorkersError(CbirError):
    """Ray, whose workers are to embed photos, is not installed, cannot be reached, or failed."""


class CatalogueError(CbirError):
    """A catalogue is absent, damaged, in use, or does not fit its weights."""
