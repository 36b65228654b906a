"""What desk decides, on plain values."""
