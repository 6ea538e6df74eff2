"""The demo service: `server.py serve HOME`, and `server.py health HOME PID`, which asks it whether it is well.

Does the same as server.mjs, for machines without Node.js. Needs Python 3.7 or later and nothing else.
"""
import hashlib
import hmac
import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def read(home, *path):
    with open(os.path.join(home, *path), encoding="utf-8") as file:
        return file.read()


def log(text):
    print(f"{datetime.now(timezone.utc).isoformat()} [{os.getpid()}] {text}", flush=True)


def serve(home):
    version = read(home, "app", "VERSION").strip()
    greeting = read(home, "settings", "greeting")
    token = read(home, "settings", "token")

    def digest(text):
        return hashlib.sha256(text.encode()).digest()

    class Handler(BaseHTTPRequestHandler):
        def is_allowed(self):
            given = self.headers.get("authorization", "")
            return token == "" or hmac.compare_digest(digest(given), digest(f"Bearer {token}"))

        def do_GET(self):
            kind = "text/plain; charset=utf-8"
            if self.path == "/health":
                kind = "application/json"
                facts = {"status": "ok", "version": version, "pid": os.getpid()}
                status, text = 200, json.dumps(facts, separators=(",", ":")) + "\n"
            elif self.path != "/":
                status, text = 404, "there is nothing here; ask for /\n"
            elif self.is_allowed():
                status, text = 200, greeting + "\n"
            else:
                status, text = 401, "this needs the token, as: Authorization: Bearer TOKEN\n"
            body = text.encode()
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, *_):
            """Requests are not logged: the log must not grow for ever."""

    # Any free port, the first time; then always that one, as long as nobody else has taken it.
    given = int(read(home, "settings", "port"))
    ports = [given]
    if given == 0 and os.path.exists(os.path.join(home, "run", "port")):
        ports = [int(read(home, "run", "port")), 0]
    server = None
    for port in ports:
        try:
            server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
            break
        except OSError as error:
            log(f"cannot listen on port {port}: {error}")
    if server is None:
        sys.exit(1)

    def end(number, _frame):
        log(f"ends: {signal.Signals(number).name}")
        # Not sys.exit: it would wait for connections that are still open.
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    port = server.server_address[1]
    new = os.path.join(home, "run", "port.new")
    with open(new, "w", encoding="utf-8") as file:
        file.write(f"{port}\n")
    os.replace(new, os.path.join(home, "run", "port"))
    log(f"demo service {version} listens on 127.0.0.1:{port}")
    server.serve_forever()


def ask_health(home, pid):
    """Until it answers as the process it should be, or 10 s have passed, or that process has ended."""
    # No proxy: the service is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    why = "it does not listen"
    for _ in range(100):
        try:
            port = int(read(home, "run", "port"))
            with opener.open(f"http://127.0.0.1:{port}/health", timeout=2) as response:
                body = response.read().decode()
            if json.loads(body).get("pid") == int(pid):
                sys.stdout.write(body)
                return 0
            why = f"port {port} answers {body[:100]}"
        except FileNotFoundError:
            pass
        except (OSError, ValueError) as error:
            why = str(error)
        try:
            os.kill(int(pid), 0)
        except ProcessLookupError:
            why = f"process {pid} has ended"
            break
        time.sleep(0.1)
    print(f"not healthy: {why}; see {os.path.join(home, 'log')}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(sys.argv[2])
    elif sys.argv[1:2] == ["health"]:
        sys.exit(ask_health(sys.argv[2], sys.argv[3]))
    else:
        print("write: server.py serve HOME, or: server.py health HOME PID", file=sys.stderr)
        sys.exit(2)
