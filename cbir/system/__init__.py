"""What every room needs of the machine: whole files, versions of folders, locks, threads, memory, progress bars,
text made fit to be shown, folders at addresses, checks of what is missing, and what it takes to move to another
machine.

Nothing here knows of photos, networks or catalogues.
"""
