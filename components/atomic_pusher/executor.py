"""Executor of the pusher."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tfx.components.pusher import executor
from tfx.proto import pusher_pb2
from tfx.utils import proto_utils

from components.errors import UserError


class AtomicPushExecutor(executor.Executor):
    """Lets TFX push into a hidden folder beside the destination, then renames.

    TFX copies file by file into the version's own folder, where a model server or a copy job sees
    a half-written model, and where an interrupted push leaves one.
    """

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Called by TFX; see the base class.

        Raises:
            UserError: The model's files are gone.
        """
        destination = pusher_pb2.PushDestination()
        proto_utils.json_to_proto(exec_properties["push_destination"], destination)
        final = Path(destination.filesystem.base_directory)
        final.parent.mkdir(parents=True, exist_ok=True)
        (pushed,) = output_dict["pushed_model"]
        # On the same file system, since only there a rename is atomic.
        with TemporaryDirectory(prefix=f".{final.name}-", dir=final.parent) as staging:
            destination.filesystem.base_directory = staging
            staged = {**exec_properties, "push_destination": proto_utils.proto_to_json(destination)}
            super().Do(input_dict, output_dict, staged)
            if not pushed.get_int_custom_property("pushed"):
                return
            copy = Path(pushed.get_string_custom_property("pushed_destination"))
            # TFX copies what it finds, be it nothing.
            if not (copy / "saved_model.pb").is_file():
                raise UserError(
                    f"There is no model in {self.GetModelPath(input_dict)}; "
                    "run again with --no-cache to train it again."
                )
            final.mkdir(exist_ok=True)
            version = _next_version(final, pushed.get_string_custom_property("pushed_version"))
            copy.rename(final / version)
        pushed.set_string_custom_property("pushed_version", version)
        pushed.set_string_custom_property("pushed_destination", str(final / version))


def _next_version(folder: Path, wanted: str) -> str:
    """Returns a version above all others; TFX's own is the clock's second, which may be taken."""
    versions = [int(path.name) for path in folder.iterdir() if path.name.isdigit()]
    return str(max(int(wanted), max(versions, default=0) + 1))
