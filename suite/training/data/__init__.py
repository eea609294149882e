"""Labelled images: where they are found, read as anybody may have written them."""
