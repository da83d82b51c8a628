"""What every room needs of the machine: files that are whole or not there, locks, threads, memory, progress bars,
and text made fit to be shown.

Nothing here knows of photos, networks or catalogues.
"""
