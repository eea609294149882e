"""What a source graph must be before it is lowered: one module for each thing that is checked."""
