"""Rewrites of a float model before it is quantized; each has its own integer reference."""
