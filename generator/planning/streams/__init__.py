"""Streams: groups of nodes executed part by part, so that what lies between them stays small."""
