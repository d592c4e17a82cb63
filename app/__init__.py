"""The composition root: settings, start-up, commands."""
