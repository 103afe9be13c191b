"""The suite's own fixtures: what they promise to every other test."""

import socket

import pytest
import sqlalchemy
from pytest_socket import SocketConnectBlockedError


def test_database_url_leads_to_an_empty_database(database_url: str, database_kind: str) -> None:
    engine = sqlalchemy.create_engine(database_url)

    assert engine.dialect.name == database_kind
    assert sqlalchemy.inspect(engine).get_table_names() == []
    engine.dispose()


def test_sockets_to_the_outside_world_are_blocked() -> None:
    with socket.socket() as outside, pytest.warns(match="192.0.2.1"), pytest.raises(SocketConnectBlockedError):
        outside.connect(("192.0.2.1", 443))
