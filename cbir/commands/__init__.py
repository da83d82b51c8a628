"""The command line: one module a command, with its arguments, its help and its output.

Only here is anything printed. Each module has `add_arguments` and `run`; `parser` gathers them.
"""
