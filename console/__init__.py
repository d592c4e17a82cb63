"""The door of the staff's web pages: one file a noun, templates/ and static/."""
