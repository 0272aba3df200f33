"""The web processes keep their connections to PostgreSQL, and notice one that has died in the meantime."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, connections

from luvalla.config.environment import POOL, read_environment

ON_POSTGRESQL = {"LUVALLA_HOME": "/nowhere", "LUVALLA_DATABASE_URL": "postgresql://luvalla@db.example/luvalla?x=y"}


def test_only_a_process_that_answers_pages_keeps_a_pool_and_looks_at_what_it_takes_from_it() -> None:
    served = read_environment({**ON_POSTGRESQL, "LUVALLA_SERVER_PID": "1"}).database
    assert (served["OPTIONS"], served["CONN_HEALTH_CHECKS"]) == ({"x": "y", "pool": POOL}, True)
    assert "CONN_MAX_AGE" not in served, "Django takes one or the other"
    other = read_environment(ON_POSTGRESQL).database
    assert "pool" not in other["OPTIONS"]
    assert "pool" not in read_environment({"LUVALLA_HOME": "/nowhere", "LUVALLA_SERVER_PID": "1"}).database["OPTIONS"]


@pytest.mark.django_db(transaction=True)
def test_a_kept_connection_that_the_server_has_ended_costs_no_answer(on_postgres: None) -> None:
    kept: Any = {"OPTIONS": {**connection.settings_dict["OPTIONS"], "pool": POOL}, "CONN_HEALTH_CHECKS": True}
    pooled: Any = type(connections["default"])({**connection.settings_dict, **kept}, alias="pooled")

    def asked() -> int:
        with pooled.cursor() as cursor:
            cursor.execute("select pg_backend_pid()")
            (number,) = cursor.fetchone()
        pooled.close()
        return int(number)

    try:
        used = {asked() for _ in range(8)}
        assert len(used) <= POOL["min_size"] + 1, "connections are kept"
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where pid = any(%s)", [[*used]]
            )
        assert asked() not in used
    finally:
        pooled.close()
        pooled.close_pool()
