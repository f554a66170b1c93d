"""The place where Beam runs."""

from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions

from components.beam import runs_in_this_process, with_defaults


def test_without_a_runner_beam_runs_in_this_process():
    flags = with_defaults(["--direct_num_workers=2"])

    assert runs_in_this_process(flags)
    assert "--direct_num_workers=2" in flags
    assert PipelineOptions(flags).view_as(StandardOptions).runner.endswith(".FnApiRunner")


def test_a_named_runner_gets_the_flags_as_given():
    flags = ["--runner=SparkRunner", "--spark_master=local"]

    assert with_defaults(flags) == flags
    assert not runs_in_this_process(flags)
