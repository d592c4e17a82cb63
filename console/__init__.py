"""The door of the staff's web pages. Empty until the console is built: one file a noun, templates/ and static/."""
