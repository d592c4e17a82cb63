"""One file for each topic of the conversation."""
