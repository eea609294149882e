"""Tinyrig: continuous benchmark and regression rig for transformers on microcontrollers.

`tinyrig.generator`, `tinyrig.suite`, `tinyrig.kernels` and `tinyrig.platforms` are the folders of
these names in a clone, linked here, so that one package is installed and imported.
"""
