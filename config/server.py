"""uvicorn with this project's settings: no trust in proxy headers, streams ended at once on shutdown."""

import socket
from types import FrameType
from typing import Any

import uvicorn
from django.conf import settings


class Server(uvicorn.Server):
    """Ends all live streams as soon as it is told to stop; uvicorn would wait for them."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        from sessions.live.stream import streams

        streams.close()
        super().handle_exit(sig, frame)


def port_is_free(host: str, port: int) -> bool:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def serve(**options: Any) -> None:
    """Serve until told to stop."""
    Server(
        uvicorn.Config(
            "config.asgi:application",
            host=settings.HOST,
            port=settings.PORT,
            # The default believes X-Forwarded-For from any loopback client, and sign-in limits would fall.
            proxy_headers=False,
            server_header=False,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=20,
            timeout_graceful_shutdown=10,
            backlog=2048,
            **options,
        )
    ).run()
