"""The operators, a declaration each: how one becomes kernel calls, and what these do to memory.

A module here that holds an `Operator` declares it; `table.py` finds them all.
"""
