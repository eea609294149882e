"""What people read: tables printed from records."""
