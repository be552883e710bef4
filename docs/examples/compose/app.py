"""An application that has contracts signed: whoever opens `/` is sent to a signer's page of his own.

It calls localsign by its internal name only. Where people are sent, localsign says.
"""

import base64
import json
import os
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LOCALSIGN = os.environ.get("LOCALSIGN_URL", "http://127.0.0.1:8480")
CLIENT = (os.environ.get("CLIENT_ID", "localsign"), os.environ.get("CLIENT_SECRET", "localsign-secret"))


def call(path: str, body: bytes, content_type: str, authorization: str) -> Any:
    headers = {"Content-Type": content_type, "Authorization": authorization}
    with urllib.request.urlopen(urllib.request.Request(LOCALSIGN + path, body, headers), timeout=30) as answer:
        return json.load(answer)


def new_contract() -> str:
    """Ask for a signature; the address of the signer's page."""
    basic = "Basic " + base64.b64encode(":".join(CLIENT).encode()).decode()
    form = b"grant_type=client_credentials&scope=signicat-api"
    token = call("/auth/open/connect/token", form, "application/x-www-form-urlencoded", basic)
    bearer = f"Bearer {token['access_token']}"
    document = call("/sign/documents", b"I agree.", "text/plain", bearer)["documentId"]
    documents = json.dumps({"documents": [{"documentId": document}]}).encode()
    collection = call("/sign/document-collections", documents, "application/json", bearer)["id"]
    place = {"documentCollectionId": collection, "documentId": document, "action": "SIGN"}
    setup = {"signingFlow": "AUTHENTICATION_BASED", "identityProviders": [{"idpName": "nbid"}]}
    wanted = json.dumps([{"title": "A contract", "documents": [place], "signingSetup": [setup]}]).encode()
    [session] = call("/sign/signing-sessions", wanted, "application/json", bearer)
    return str(session["signatureUrl"])


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/":
            self.send_response(303)
            self.send_header("Location", new_contract())
        else:
            self.send_response(204 if self.path == "/health" else 404)
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("0.0.0.0", int(os.environ.get("PORT", "8000"))), Handler).serve_forever()
