"""DOOR: the web pages that everybody may open."""
