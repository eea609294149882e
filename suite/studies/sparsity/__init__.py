"""Sparse weights: which blocks to keep, and what they are worth."""
