"""Scene and meaning, drawing."""
