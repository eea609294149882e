"""What boards wait for their flash: cycles with their memory over those at zero wait states."""
