"""What insight decides, on plain values."""
