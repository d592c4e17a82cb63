"""The use cases: one file a noun; they own every transaction and every query."""
