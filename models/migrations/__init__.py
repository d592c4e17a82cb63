"""Numbered, one idea each; applied by `wangge migrate`."""
