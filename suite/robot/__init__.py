"""Robot Framework keywords over the rig."""
