"""What every room needs of the machine: whole files, versions of folders, locks, threads, memory, progress bars, and
text made fit to be shown.

Nothing here knows of photos, networks or catalogues.
"""
