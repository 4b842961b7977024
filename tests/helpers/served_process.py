"""A model server as a process: `python -m tests.helpers.served_process FOLDER [flags]`.

It answers chats with ``TEST_REPLY``, to those who have ``TEST_KEY``. Each start is a line in
``starts`` of the folder, with its port, its card and its flags; after that many starts as
``refuses`` of the folder says, it refuses its flags and ends, as servers of models do.
"""

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        allowed = self.headers["Authorization"] == f"Bearer {os.environ['TEST_KEY']}"
        output = {"role": "assistant", "content": os.environ["TEST_REPLY"]}
        content = json.dumps({"model": "tiny", "choices": [{"message": output}]}).encode()
        self.send_response(200 if allowed else 401)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        return


def main(folder: Path, port: int, *flags: str) -> None:
    starts = folder / "starts"
    with starts.open("a") as file:
        card = os.environ.get("CUDA_VISIBLE_DEVICES", "")
        file.write(json.dumps({"port": port, "card": card, "flags": flags}) + "\n")
    refuses = folder / "refuses"
    if refuses.exists() and len(starts.read_text().splitlines()) > int(refuses.read_text()):
        sys.exit("error: unrecognized arguments: --max-model-len")
    ThreadingHTTPServer(("127.0.0.1", port), Answers).serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
