"""Printing: a plan becomes a C project. Templates hold no arithmetic and no allocation."""
