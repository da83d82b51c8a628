"""What every room needs of the machine: files that are whole or not there, locks, threads, memory, progress bars.

Nothing here knows of photos, networks or catalogues.
"""
