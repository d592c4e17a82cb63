"""The door of the WeChat conversation."""
