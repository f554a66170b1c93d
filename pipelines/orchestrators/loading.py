"""How a run loads its libraries."""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any, NamedTuple


@contextmanager
def libraries_to_keep() -> Iterator[None]:
    """Exempts everything that the `with` body imports from garbage collection.

    TensorFlow and TFX load 8,000 modules with 600,000 objects, which stay for the whole run. The
    collector would visit them repeatedly during the imports, in each full collection, and at the
    end.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def use_onednn() -> None:
    """Makes TensorFlow use oneDNN's kernels on every processor. Call it before the first import.

    By default, TensorFlow uses them only on processors with AVX-512's instructions for neural
    networks. On other processors, its own kernels train convolutions a quarter slower. If the user
    has set `TF_ENABLE_ONEDNN_OPTS`, that value stays.
    """
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")


def load_launcher() -> None:
    """Imports TFX's launcher without TensorFlow, Beam, and the components.

    The launcher imports all of them, which takes 14 s. But it needs only the executor of the node
    that it runs, and none at all for a node whose result is cached. So these packages run their
    `__init__` when they are used, and their submodules can be imported without it.

    TFX's launcher and its file system can do without TensorFlow and Beam, so they are loaded as if
    neither was installed. The file system then uses Python's own functions, which is enough for the
    local and mounted folders that this project supports.
    """
    if "tfx" in sys.modules:
        return
    for name in ("tfx.components", "tfx.dsl.components.base.base_beam_executor"):
        sys.modules[name] = _ModuleOnUse(name)
    absent: dict[str, Any] = {"tensorflow": None, "apache_beam": None}
    sys.modules.update(absent)
    try:
        import tfx.orchestration.portable.launcher  # noqa: F401
        from tfx.dsl.io import filesystem_registry
    finally:
        for name in absent:
            del sys.modules[name]
    for name in ("tensorflow", "tensorflow_model_analysis"):
        sys.modules[name] = _ModuleOnUse(name)
    # TFX needs this part of TFMA to declare an Evaluator. It works without the rest.
    importlib.import_module("tensorflow_model_analysis.sdk")
    filesystem_registry.DEFAULT_FILESYSTEM_REGISTRY.register(_local_file_system(), priority=0)


def _local_file_system() -> type:
    from tfx.dsl.io.plugins.local import LocalFilesystem

    class FileStatus(NamedTuple):
        length: int
        mtime_nsec: int

    class LocalFilesystemWithStatus(LocalFilesystem):
        """TFX's ExampleGen reads the attributes that TensorFlow gives to a file's status."""

        @staticmethod
        def stat(path: Any) -> FileStatus:
            status = LocalFilesystem.stat(path)
            return FileStatus(status.st_size, status.st_mtime_ns)

    return LocalFilesystemWithStatus


class _ModuleOnUse(ModuleType):
    """A module whose code runs when one of its attributes is used.

    Unlike the modules of `importlib.util.LazyLoader`, it stays unused while other modules import
    it or, if it is a package, its submodules.
    """

    def __init__(self, name: str):
        super().__init__(name)
        spec = importlib.util.find_spec(name)
        assert spec is not None and spec.loader is not None
        self.__spec__, self.__loader__, self.__file__ = spec, spec.loader, spec.origin
        self.__package__ = spec.parent
        if spec.submodule_search_locations is not None:
            self.__path__ = list(spec.submodule_search_locations)

    def __getattr__(self, name: str) -> Any:
        assert self.__loader__ is not None
        self.__class__ = ModuleType  # type: ignore[assignment]  # cloudpickle knows no other
        self.__loader__.exec_module(self)  # type: ignore[attr-defined]
        return getattr(self, name)
