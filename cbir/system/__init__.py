"""What every room needs of the machine: whole files, versions of folders, locks, threads, memory, progress bars,
text made fit to be shown, and checks of what is missing.

Nothing here knows of photos, networks or catalogues.
"""
