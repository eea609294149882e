"""Kernels tested one call at a time, on the core they are compiled for."""
