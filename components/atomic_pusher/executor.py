"""Executor of the pusher."""

from __future__ import annotations

import errno
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tfx.components.pusher import executor
from tfx.proto import pusher_pb2
from tfx.utils import proto_utils

from components.errors import UserError


class AtomicPushExecutor(executor.Executor):
    """Lets TFX push into a hidden folder next to the destination, then renames that folder.

    TFX copies file by file into the version's final folder. A model server or a copy job could read
    an incomplete model there, and an interrupted push leaves one.
    """

    def Do(
        self,
        input_dict: dict[str, list[Any]],
        output_dict: dict[str, list[Any]],
        exec_properties: dict[str, Any],
    ) -> None:
        """Pushes the model if it is blessed.

        Raises:
            UserError: The model's files are missing.
        """
        destination = pusher_pb2.PushDestination()
        proto_utils.json_to_proto(exec_properties["push_destination"], destination)
        final = Path(destination.filesystem.base_directory)
        final.parent.mkdir(parents=True, exist_ok=True)
        (pushed,) = output_dict["pushed_model"]
        # On the same file system, because only there is a rename atomic.
        with TemporaryDirectory(prefix=f".{final.name}-", dir=final.parent) as staging:
            destination.filesystem.base_directory = staging
            staged = {**exec_properties, "push_destination": proto_utils.proto_to_json(destination)}
            super().Do(input_dict, output_dict, staged)
            if not pushed.get_int_custom_property("pushed"):
                return
            copy = Path(pushed.get_string_custom_property("pushed_destination"))
            # TFX does not fail if the model's folder is empty.
            if not (copy / "saved_model.pb").is_file():
                raise UserError(
                    f"There is no model in {self.GetModelPath(input_dict)}. "
                    "Run again with --no-cache to train the model again."
                )
            final.mkdir(exist_ok=True)
            version = _publish(copy, final, pushed.get_string_custom_property("pushed_version"))
        pushed.set_string_custom_property("pushed_version", version)
        pushed.set_string_custom_property("pushed_destination", str(final / version))


def _publish(model: Path, folder: Path, wanted: str) -> str:
    """Moves a model to a number above all versions. TFX's own, the time in seconds, may be taken.

    Args:
        model: The folder of the model.
        folder: The folder of all versions.
        wanted: TFX's number.

    Returns:
        The number.
    """
    while True:
        versions = [int(path.name) for path in folder.iterdir() if path.name.isdigit()]
        version = str(max(int(wanted), max(versions, default=0) + 1))
        try:
            model.rename(folder / version)
            return version
        except OSError as error:  # another run has just taken the number
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
