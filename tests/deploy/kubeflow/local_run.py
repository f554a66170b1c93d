"""Runs a pipeline of Kubeflow Pipelines in containers: `python local_run.py`, options on stdin.

In a process of its own, because `kfp.local` has global settings and waits without a time limit.
"""

import json
import sys
from typing import Any

from docker.models.containers import ContainerCollection
from docker.types import Mount
from kfp import local
from kfp.components import load_component_from_file


def keep_containers() -> None:
    """Keeps containers after their end.

    `kfp.local` has Docker remove them, asks for the exit code later, and takes a container that is
    gone for one that succeeded.
    """
    run = ContainerCollection.run

    def run_and_keep(self: Any, image: str, command: Any = None, **options: Any) -> Any:
        return run(self, image, command, **{**options, "auto_remove": False})

    ContainerCollection.run = run_and_keep


def main() -> None:
    """Ends with 1 if a task failed."""
    options = json.load(sys.stdin)
    keep_containers()
    mounts = [Mount(target, source, type="bind") for target, source in options["mounts"].items()]
    runner = local.DockerRunner(
        labels={"kfp": options["label"]},
        # The runner does not know the settings for Kubernetes, such as the claims.
        mounts=mounts,
        user="10001:10001",
        read_only=True,
        tmpfs={"/tmp": ""},
        cap_drop=["ALL"],
        security_opt=["no-new-privileges"],
        network_mode="none",
        mem_limit="4g",
        # The runner passes the command as arguments of the image's entry point.
        entrypoint=[""],
    )
    local.init(runner=runner, pipeline_root=options["outputs"])
    load_component_from_file(options["file"])(**options["parameters"])


if __name__ == "__main__":
    main()
