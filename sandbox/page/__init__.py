"""The phone in a web page, at ``/sandbox/``."""

from sandbox.page.view import add_routes

__all__ = ["add_routes"]
