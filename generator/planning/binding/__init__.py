"""Binding: the fields of a kernel's parameter struct from a node and the views it works on."""
