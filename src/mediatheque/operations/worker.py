"""`worker`: imports beside each other, and everything else in a lane of its own that they never hold up."""

import asyncio

from procrastinate import App, signals
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

IMPORTS = "imports"
OTHERS_AT_ONCE = 2
STOP_SECONDS = 15


def work(imports_at_once: int) -> None:
    """Run jobs until a signal comes, or until one of the lanes breaks: whoever keeps us starts us again."""
    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(app.connector.get_worker_connector()) as ours:
        asyncio.run(_work(ours, imports_at_once))


async def _work(ours: App, imports_at_once: int) -> None:
    ours.perform_import_paths()  # type: ignore[no-untyped-call]  # its own is unannotated
    others = sorted({task.queue for task in ours.tasks.values()} - {IMPORTS})
    async with ours.open_async():
        lanes = [
            asyncio.create_task(_lane(ours, [IMPORTS], imports_at_once)),
            asyncio.create_task(_lane(ours, others, OTHERS_AT_ONCE)),
        ]

        def stop() -> None:
            for lane in lanes:
                lane.cancel()

        with signals.on_stop(stop):
            await asyncio.wait(lanes, return_when=asyncio.FIRST_COMPLETED)
        stop()
        await asyncio.gather(*lanes, return_exceptions=True)


async def _lane(ours: App, queues: list[str], at_once: int) -> None:
    await ours.run_worker_async(
        queues=queues,
        concurrency=at_once,
        shutdown_graceful_timeout=STOP_SECONDS,
        install_signal_handlers=False,
    )
