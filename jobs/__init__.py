"""The door of the queue and the clock: each job is one line into a service."""
