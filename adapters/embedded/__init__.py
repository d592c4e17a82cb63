"""A real PostgreSQL and a real Valkey out of two wheels, for who has none of their own.

``await start(data_dir)`` gives :class:`Engines` with ``database_url`` and ``redis_url``; ``await engines.release()``
lets go. Several processes of one checkout share the engines: the first starts them, the last stops them. They run
detached, so a Ctrl-C or a kill of the service leaves them whole, and the next start adopts or recovers them. A
supervisor runs ``engines.watch()`` as a task, which brings back an engine that has died.

Under systemd set ``KillMode=mixed``: the default also sends SIGTERM to the engines, which then refuse new connections
while the service is still draining.

Linux and macOS; elsewhere set the URLs of servers of your own.
"""

from adapters.embedded.engines import FALLBACK, Engines, start
from adapters.embedded.errors import EngineError

__all__ = ["FALLBACK", "EngineError", "Engines", "start"]
