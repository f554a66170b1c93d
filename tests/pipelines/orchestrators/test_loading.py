"""The settings of the garbage collector and of TensorFlow's kernels."""

import gc
import os
import subprocess
import sys

import pytest

from pipelines.orchestrators.loading import libraries_to_keep, use_onednn


@pytest.fixture(autouse=True)
def thawed():
    yield
    gc.unfreeze()


def test_what_is_imported_is_not_looked_through_again(tmp_path, monkeypatch):
    (tmp_path / "some_library.py").write_text("CONTENT = [{}]\n")
    monkeypatch.syspath_prepend(tmp_path)

    with libraries_to_keep():
        import some_library

    assert not any(thing is some_library.CONTENT for thing in gc.get_objects())
    del sys.modules["some_library"]


def test_the_collector_rests_and_goes_on():
    with libraries_to_keep():
        assert not gc.isenabled()

    assert gc.isenabled()


def test_the_collector_goes_on_after_a_failure():
    with pytest.raises(ImportError), libraries_to_keep():
        raise ImportError("no such library")

    assert gc.isenabled()


@pytest.mark.parametrize(("asked", "taken"), [(None, "1"), ("0", "0")])
def test_kernels_are_onednns_unless_the_user_has_chosen(monkeypatch, asked, taken):
    monkeypatch.setattr(os, "environ", {} if asked is None else {"TF_ENABLE_ONEDNN_OPTS": asked})

    use_onednn()

    assert os.environ["TF_ENABLE_ONEDNN_OPTS"] == taken


def in_a_new_process(program: str) -> str:
    """Returns what a program prints after the launcher was loaded."""
    loaded = "from pipelines.orchestrators.loading import load_launcher; load_launcher(); "
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {loaded}{program}"],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def test_the_launcher_is_loaded_without_the_libraries_of_the_nodes():
    heavy = ("tensorflow.python", "apache_beam", "pandas", "tensorflow_model_analysis.api")

    assert in_a_new_process(f"print([name for name in {heavy} if name in sys.modules])") == "[]"


@pytest.mark.parametrize(
    ("program", "printed"),
    [
        ("import tensorflow as tf; print(tf.constant(3).numpy())", "3"),
        ("from tensorflow.core.example import example_pb2 as e; print(e.Example())", ""),
        ("from tfx.components import Trainer; print(Trainer.__name__)", "Trainer"),
        (
            "from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor as b; "
            "import apache_beam; print(apache_beam.Pipeline.__name__, b.__name__)",
            "Pipeline BaseBeamExecutor",
        ),
        (
            "import tensorflow, cloudpickle; tensorflow.Module; "
            "print(cloudpickle.loads(cloudpickle.dumps(tensorflow)) is tensorflow)",
            "True",
        ),
        (
            "import components.evaluator.executor; import tensorflow_model_analysis as t; "
            "print(t.EvalConfig.__name__)",
            "EvalConfig",
        ),
    ],
    ids=["tensorflow", "protos", "components", "beam", "pickle", "tfma"],
)
def test_the_rest_is_loaded_when_it_is_used(program, printed):
    assert in_a_new_process(program) == printed


def test_files_have_the_status_that_example_gen_reads(tmp_path):
    (tmp_path / "file").write_text("row\n")
    program = f"""from tfx.dsl.io import fileio; print(fileio.stat({str(tmp_path / "file")!r}))"""

    status = (tmp_path / "file").stat()
    assert in_a_new_process(program) == (
        f"FileStatus(length={status.st_size}, mtime_nsec={status.st_mtime_ns})"
    )
