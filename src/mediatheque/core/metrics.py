"""Counters for Prometheus. Not for everyone: operations decides who may read them (L7)."""

from prometheus_client import CollectorRegistry, Counter, Histogram

registry = CollectorRegistry()
_answers = Counter("mediatheque_answers", "Answered requests.", ["method", "status"], registry=registry)
_seconds = Histogram("mediatheque_answer_seconds", "Time to answer.", ["method"], registry=registry)


def answered(method: str, status: int, seconds: float) -> None:
    _answers.labels(method, str(status)).inc()
    _seconds.labels(method).observe(seconds)
