"""The rig: zoo, references, build, backends, records, report, gate and the `tinyrig` command."""
