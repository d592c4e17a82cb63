"""Scene and meaning, drawing, boards."""
