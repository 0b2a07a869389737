from __future__ import annotations

import socket
import ssl
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from tests.receiver import running_receiver


def test_a_request_that_broke_off_is_no_callback(tmp_path: Path) -> None:
    """A process that is killed while it sends leaves half of a request, which a receiver must not take for one."""
    with running_receiver(tmp_path) as receiver:
        where = urlsplit(receiver.url("half"))
        context = ssl.create_default_context(cafile=str(receiver.ca))
        idle = threading.active_count()
        with socket.create_connection((where.hostname, where.port)) as plain:
            sending = context.wrap_socket(plain, server_hostname=where.hostname)
        sending.sendall(b'POST /half HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"status":"comp')
        assert threading.active_count() > idle
        socket.close(sending.detach())  # as the kernel does for whoever was killed: without a word of TLS
        while threading.active_count() > idle:  # until the receiver has read what there was
            time.sleep(0.01)
        assert receiver.got == []
        assert httpx.post(receiver.url("whole"), content=b"all", verify=context).status_code == 200
        assert [one.body for one in receiver.got] == [b"all"]
