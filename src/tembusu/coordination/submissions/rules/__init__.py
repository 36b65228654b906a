"""What submissions decides, on plain values."""
