"""A hub of models as a process: `python -m tests.helpers.hub_process FOLDER`, which has its state.

``FOLDER/files`` is the repository ``lab/Sleep-3B`` at commit ``COMMIT``, which ``main`` means.
``FOLDER/faults.json`` may change at any time. Each request is a line in ``FOLDER/requests``; the
port stands in ``FOLDER/port``. The process listens on all addresses of this machine, so 127.0.0.2
is another host.
"""

import hashlib
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "lab/Sleep-3B"
LARGE_BYTES = 4096


class Hub(BaseHTTPRequestHandler):
    folder: Path

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        self.faults: dict[str, Any] = json.loads((self.folder / "faults.json").read_text())
        sent = {name: self.headers[name] for name in ("Range", "Authorization")}
        with (self.folder / "requests").open("a") as file:
            file.write(json.dumps({"path": path, "host": self.headers["Host"], **sent}) + "\n")
        if self.faults.get("gated") and not self.headers["Authorization"]:
            return self._refuse(401, "GatedRepo")
        if self.faults.get("status"):
            return self._refuse(self.faults["status"], "")
        listed = f"/api/models/{REPOSITORY}/revision/"
        fetched = f"/{REPOSITORY}/resolve/{COMMIT}/"
        if path in (listed + "main", listed + COMMIT):
            return self._list()
        if path.startswith(fetched):
            return self._resolve(path.removeprefix(fetched))
        if path.startswith("/cdn/"):
            return self._send(path.removeprefix("/cdn/"))
        if path.startswith("/api/") and not path.startswith(listed):
            return self._refuse(401, "RepoNotFound")
        return self._refuse(404, "RevisionNotFound" if "/revision/" in path else "EntryNotFound")

    def _list(self) -> None:
        siblings = [
            self._sibling(path)
            for path in sorted((self.folder / "files").rglob("*"))
            if path.is_file()
        ]
        card = {"license": "other", "license_name": "sleep-lab-1", "license_link": "LICENSE"}
        content = json.dumps(
            {
                "id": REPOSITORY,
                "sha": self.faults.get("sha", COMMIT),
                "siblings": siblings,
                "cardData": card,
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _sibling(self, path: Path) -> dict[str, Any]:
        content = path.read_bytes()
        size = self.faults.get("sizes", {}).get(path.name, len(content))
        git = hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()
        entry = {"rfilename": str(path.relative_to(self.folder / "files")), "size": size}
        if len(content) > LARGE_BYTES:
            sha256 = hashlib.sha256(content).hexdigest()
            return {
                **entry,
                "blobId": git,
                "lfs": {"sha256": sha256, "size": size, "pointerSize": 9},
            }
        return {**entry, "blobId": git}

    def _resolve(self, name: str) -> None:
        if not self.faults.get("elsewhere"):
            return self._send(name)
        port = self.server.server_address[1]
        self.send_response(302)
        self.send_header("Location", f"http://127.0.0.2:{port}/cdn/{name}")
        self.send_header("X-Linked-Size", str((self.folder / "files" / name).stat().st_size))
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return None

    def _send(self, name: str) -> None:
        content = (self.folder / "files" / name).read_bytes()
        if name in self.faults.get("changed", []):
            content = bytes([content[0] ^ 1]) + content[1:]
        if name in self.faults.get("longer", []):
            content += b"more"
        start = int((self.headers["Range"] or "bytes=0-").removeprefix("bytes=").split("-")[0])
        if name in self.faults.get("without_ranges", []):
            start = 0
        self.send_response(206 if start else 200)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(content) - start))
        if start:
            last = len(content) - 1
            self.send_header("Content-Range", f"bytes {start}-{last}/{len(content)}")
        self.end_headers()
        stop = self.faults.get("stops_after", {}).get(name)
        self.wfile.write(content[start : start + stop] if stop is not None else content[start:])
        self.wfile.flush()
        if stop is not None and self.faults.get("stalls"):
            time.sleep(600)
        self.close_connection = stop is not None

    def _refuse(self, status: int, code: str) -> None:
        self.send_response(status)
        self.send_header("X-Error-Code", code)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def main(folder: Path) -> None:
    Hub.folder = folder
    server = ThreadingHTTPServer(("0.0.0.0", 0), Hub)
    server.daemon_threads = True
    (folder / "port.new").write_text(str(server.server_address[1]))
    (folder / "port.new").rename(folder / "port")
    server.serve_forever()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
