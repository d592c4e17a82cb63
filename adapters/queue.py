"""The job queue: procrastinate, deferred on the transaction that tortoise has open."""

import json
from collections.abc import Mapping

from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection

_DEFER = """
SELECT procrastinate_defer_jobs_v1(array_agg(
    ROW('default', $1::varchar, $3::integer, NULL, NULL, job.args, NULL)::procrastinate_job_to_defer_v1))
FROM unnest($2::jsonb[]) AS job(args)
"""


class ProcrastinateQueue:
    """Fulfils :class:`services.ports.Queue`: the job exists if and only if the transaction commits."""

    async def defer(self, task: str, *jobs: Mapping[str, object], priority: int = 0) -> None:
        if not jobs:
            return
        connection = get_connection("default")
        if not isinstance(connection, TransactionalDBClient):
            raise RuntimeError(f"{task} must be deferred inside a transaction")  # noqa: TRY004 - not a matter of type
        arguments = [json.dumps(dict(job), ensure_ascii=False) for job in jobs]
        await connection.execute_query(_DEFER, [task, arguments, priority])
