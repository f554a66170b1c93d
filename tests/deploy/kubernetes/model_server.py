"""Stands in for TensorFlow Serving, whose program is in no package registry.

It takes the same flags, reads the same folder, and answers two requests of the same REST API:
`GET /v1/models/NAME` and `POST /v1/models/NAME:predict`. Like TensorFlow Serving, it does not
listen before a version of the model is loaded. It runs in the image of the project.
"""

import argparse
import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--port")
parser.add_argument("--rest_api_port", type=int)
parser.add_argument("--model_name")
parser.add_argument("--model_base_path", type=Path)
flags = parser.parse_args()

while not (versions := [folder.name for folder in flags.model_base_path.glob("[0-9]*")]):
    time.sleep(0.5)

import tensorflow as tf  # noqa: E402  # The wait must not cost 400 MB.

version = max(versions, key=int)
model = tf.saved_model.load(flags.model_base_path / version)
page = f"/v1/models/{flags.model_name}"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        state = {"version": version, "state": "AVAILABLE"}
        self.answer({"model_version_status": [state]} if self.path == page else None)

    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        signature = model.signatures[request.get("signature_name", "serving_default")]
        inputs = {name: tf.constant(values) for name, values in request["inputs"].items()}
        outputs = {name: tensor.numpy().tolist() for name, tensor in signature(**inputs).items()}
        self.answer({"outputs": outputs} if self.path == f"{page}:predict" else None)

    def answer(self, content):
        self.send_response(200 if content else 404)
        self.end_headers()
        self.wfile.write(json.dumps(content, default=bytes.decode).encode())


HTTPServer(("", flags.rest_api_port), Handler).serve_forever()
