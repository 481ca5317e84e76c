"""Everybody outside, as far as the server under test knows: the services of its sources, and its proxy.

Prints the port it took, then answers until it is ended. InternetDB knows every address, EPSS refuses our credential (so
that there are dead letters), a list of addresses is a list; everything else is not there, and no tunnel is opened.
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


class Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        # A proxy is asked for whole addresses.
        parts = urlsplit(self.path).path.strip("/").split("/")
        service, rest = parts[0], "/".join(parts[1:])
        if service == "internetdb":
            host = {"ip": rest, "ports": [80], "cpes": [], "hostnames": [], "tags": [], "vulns": []}
            self.answer(200, json.dumps(host), "application/json")
        elif service == "epss":
            self.answer(401, "", "text/plain")
        elif service == "list":
            self.answer(200, "192.0.2.1\n192.0.2.2\n198.51.100.7\n", "text/plain")
        else:
            self.answer(404, "{}", "application/json")

    def do_CONNECT(self):
        self.answer(502, "", "text/plain")

    def answer(self, status, text, media_type):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing: the server under test logs what it asked."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    print(server.server_port, flush=True)
    server.serve_forever()
