"""Shuts every socket that would leave this machine; loopback and UNIX sockets stay open."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterator
from typing import Any

import pytest

INTERNET = {socket.AF_INET, socket.AF_INET6}


class NetworkIsShut(AssertionError):
    """A test tried to reach another machine."""


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine; an empty name is the wildcard of a listening socket."""
    if host in {"localhost", ""}:
        return True
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _check(family: int, address: Any) -> None:
    if family in INTERNET and not is_loopback(str(address[0])):
        raise NetworkIsShut(f"tests may not reach {address[0]!r}: only loopback is open")


@pytest.fixture(autouse=True, scope="session")
def shut_network() -> Iterator[None]:
    """Refuse connections, datagrams and name look-ups beyond loopback for the whole session."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex
    sendto, look_up = socket.socket.sendto, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> None:
        _check(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        _check(self.family, address)
        return connect_ex(self, address)

    def guarded_sendto(self: socket.socket, *arguments: Any) -> int:
        _check(self.family, arguments[-1])
        return sendto(self, *arguments)

    def guarded_look_up(host: Any, *arguments: Any, **named: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if name is not None and not is_loopback(str(name)):
            raise NetworkIsShut(f"tests may not look up {name!r}: only loopback is open")
        return look_up(host, *arguments, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        patch.setattr(socket.socket, "sendto", guarded_sendto)
        patch.setattr(socket, "getaddrinfo", guarded_look_up)
        yield
