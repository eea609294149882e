"""Modelled cycles of an image from the exact counts of its blocks."""
