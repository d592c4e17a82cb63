"""The door of the mini program: JSON, one file a noun."""
