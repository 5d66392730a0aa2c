"""pywebsocket3's standalone server, the one peer here that can be told to send BFINAL=1."""

import pathlib
import sys
import threading
import time

from pywebsocket3 import standalone

from peer import SPEC, emit

handlers = pathlib.Path(__file__).resolve().parent / "pywebsocket"
arguments = ["-H", SPEC["host"], "-p", str(SPEC["port"]), "-d", str(handlers), "--log-level", "error"]
threading.Thread(target=standalone._main, args=(arguments,), daemon=True).start()
time.sleep(1)
emit("ready")
sys.stdin.read()
