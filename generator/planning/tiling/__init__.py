"""Tiling: layers that fast memory cannot hold run in parts, while the DMA copies the next ones."""
