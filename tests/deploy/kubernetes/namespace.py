"""A namespace of the node that accepts only restricted pods, and folders as its volumes."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deploy.kubernetes.node import Node

POD_USER = 10001


@dataclass(frozen=True)
class Namespace:
    """A namespace.

    Attributes:
        node: The cluster.
        name: The namespace's name.
    """

    node: Node
    name: str

    def create(self) -> None:
        """Creates it. Its pods must keep the restricted security standard."""
        self.node.kubectl("create", "namespace", self.name)
        self.node.kubectl(
            "label", "namespace", self.name, "pod-security.kubernetes.io/enforce=restricted"
        )

    def volume(self, claim: str) -> Path:
        """Creates a volume for a claim: a folder that belongs to the user of the pods."""
        folder = self.node.folder / "volumes" / f"{self.name}-{claim}"
        folder.mkdir(parents=True)
        folder.chmod(0o750)
        # The node's folder is closed to others, but a pod reaches its volume by a mount.
        subprocess.run(["chown", f"{POD_USER}:{POD_USER}", folder], check=True)
        volume = {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": f"{self.name}-{claim}"},
            "spec": {
                "capacity": {"storage": "100Gi"},
                "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
                "claimRef": {"namespace": self.name, "name": claim},
                "hostPath": {"path": str(folder), "type": "Directory"},
            },
        }
        self.node.kubectl("create", "-f", "-", input=json.dumps(volume))
        return folder

    def kubectl(self, *arguments: str | Path, **options: Any) -> str:
        """Runs kubectl in the namespace and returns its output."""
        return self.node.kubectl("-n", self.name, *arguments, **options).stdout

    def get(self, *arguments: str) -> Any:
        """Returns an object or a list of objects."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def items(self, *arguments: str) -> list[Any]:
        """Returns a list of objects, oldest first."""
        return self.get(*arguments, "--sort-by=.metadata.creationTimestamp")["items"]

    def logs(self, job: str) -> str:
        """Returns what the pods of a job printed."""
        return self.kubectl("logs", f"--selector=batch.kubernetes.io/job-name={job}", "--tail=-1")
