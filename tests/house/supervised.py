"""A real supervisor with small programs, run by ``test_supervisor.py`` as a process of its own.

Arguments: the scratch folder, a port, and the write end of a pipe. Every program writes ``NAME PID`` into
the pipe when it starts and keeps it open, so that the pipe's end of file proves that none is left.
"""

import sys
from pathlib import Path

from django.conf import settings

from core.up.address import Address
from core.up.child import Child, environment
from core.up.lock import RunLock
from core.up.supervisor import NeverAnswered, Supervisor

REPORT = (
    "import os, signal, sys; pipe = int(sys.argv[1]); os.write(pipe, f'{NAME} {os.getpid()}\\n'.encode());"
)
DEAF = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
PROGRAMS = {
    # Answers HTTP on the socket it is handed, from a child process, as gunicorn does.
    "web": REPORT
    + """
import http.server, socket
server = http.server.HTTPServer(("", 0), http.server.SimpleHTTPRequestHandler, bind_and_activate=False)
server.socket = socket.socket(fileno=int(sys.argv[2]))
server.socket.listen(5)
if os.fork():
    os.wait()
else:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.write(pipe, f"grandchild {os.getpid()}\\n".encode())
    server.serve_forever()
""",
    "plain": REPORT + "signal.pause()",
    "deaf": DEAF + REPORT + "\nwhile True: signal.pause()",
    "crashing": REPORT + "print('it broke'); sys.exit(3)",
}


def program(name: str, scratch: Path, pipe: int, *fds: int) -> Child:
    """The program ``name`` as a child of the supervisor."""
    code = PROGRAMS[name].replace("{NAME}", name)
    command = [sys.executable, "-c", code, str(pipe), *map(str, fds)]
    address = Address("127.0.0.1", 1)
    return Child(name, command, scratch / "log" / f"{name}.log", environment(address), (pipe, *fds))


def main() -> int:
    """Run until told to stop; the names of the programs follow the first three arguments."""
    scratch, port, pipe = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    settings.configure(BASE_DIR=Path.cwd(), VAR_DIR=scratch, ALLOWED_HOSTS=["127.0.0.1"])
    address = Address("127.0.0.1", port)
    lock = RunLock(scratch / "up.lock")
    lock.take(address.url)
    listener = address.bind()
    web, *others = sys.argv[4:]
    children = [program(web, scratch, pipe, listener.fileno())]
    children += [program(name, scratch, pipe) for name in others]

    def say(text: str) -> None:
        print(text, flush=True)  # noqa: T201  # the test reads it

    try:
        Supervisor(children, address, say=say, lock_fd=lock.fd).run(lambda: say("ready"))
    except NeverAnswered as error:
        say(str(error))
        return 1
    say("ended")
    return 0


if __name__ == "__main__":
    sys.exit(main())
