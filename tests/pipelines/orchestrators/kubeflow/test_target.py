import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import yaml
from google.protobuf import json_format
from kfp.components import load_component_from_file
from kfp.kubernetes import kubernetes_executor_config_pb2
from kfp.pipeline_spec import pipeline_spec_pb2

from components.errors import UsageError, UserError
from pipelines import registry
from pipelines.orchestrators.deployment import Deployment
from pipelines.orchestrators.kubeflow import target
from pipelines.parameters import describe, parse
from pipelines.planning import plan_for_nodes
from pipelines.settings import Settings

JOB = "{{$.inputs.parameters['job']}}"


def deployment(*param, pipeline="census", data="sample", root="/runs", **settings):
    """Returns the deployment that the command makes. `settings` are those of `Deployment`."""
    metadata, seed = settings.pop("metadata", None), settings.pop("seed", 0)
    found = Settings(root=Path(root), metadata=metadata)
    defaults = {name: default for name, (default, _) in target.OPTIONS.items()}
    options = defaults | settings.pop("options", {})
    plan = plan_for_nodes(pipeline, found, data, param, seed)
    return Deployment(plan, "registry.example/tutorials:1.0", options=options, **settings)


STAGES = [task.name for task in deployment().tasks]


def written(folder, *params, **changes):
    """Returns the documents of the file: the pipeline, and the settings for Kubernetes."""
    made = deployment(*params, **changes)
    target.write(made, folder)
    return list(yaml.safe_load_all((folder / f"{made.pipeline}.yaml").read_text()))


def containers(pipeline):
    executors = pipeline["deploymentSpec"]["executors"]
    return {name.removeprefix("exec-"): each["container"] for name, each in executors.items()}


def pods(settings):
    return settings["platforms"]["kubernetes"]["deploymentSpec"]["executors"]


def defaults(pipeline):
    found = pipeline["root"]["inputDefinitions"]["parameters"]
    return {name: (each["parameterType"], each["defaultValue"]) for name, each in found.items()}


@pytest.mark.parametrize("name", registry.names())
def test_the_sdk_accepts_the_file(name, tmp_path):
    pipeline, settings = written(tmp_path, pipeline=name, metadata="mysql://tfx@db/tfx")

    loaded = load_component_from_file(str(tmp_path / f"{name}.yaml"))
    assert {*loaded.component_spec.inputs} == {
        *("data", "span", "seed"),
        *(row.name for row in describe(registry.load(name).parameters)),
    }
    # Both fail at a field that the schema does not have.
    spec = json_format.ParseDict(pipeline, pipeline_spec_pb2.PipelineSpec())
    assert {*spec.root.dag.tasks} == {*STAGES, "results", "check"}
    json_format.ParseDict(settings, pipeline_spec_pb2.PlatformSpec())
    for pod in pods(settings).values():
        json_format.ParseDict(pod, kubernetes_executor_config_pb2.KubernetesExecutorConfig())


def test_tasks_run_the_commands_of_the_project(tmp_path):
    pipeline, _ = written(tmp_path, options={})
    commands = {
        name: [*each["command"], *each["args"]] for name, each in containers(pipeline).items()
    }

    run, plan = f"census-{JOB}", f"/runs/plans/census-{JOB}"
    assert commands["data"][:3] == ["tutorials", "compile", "census"]
    assert "--param=patience={{$.inputs.parameters['patience']}}" in commands["data"]
    assert commands["data"][-7:] == [
        *("--root=/runs", "-o", plan, f"--run-id={run}"),
        *("--span={{$.inputs.parameters['span']}}", "--stage", "data"),
    ]
    assert commands["train"] == [
        *("tutorials", "run-node", plan, f"--run-id={run}"),
        *("--span={{$.inputs.parameters['span']}}", "--stage", "train"),
    ]
    assert commands["check"] == [
        *("tutorials", "show", "census", f"--run={run}", "--check", "--root=/runs")
    ]
    assert {each["image"] for each in containers(pipeline).values()} == {
        "registry.example/tutorials:1.0"
    }


def test_tasks_run_in_the_order_of_the_deployment(tmp_path):
    pipeline, _ = written(tmp_path)

    tasks = pipeline["root"]["dag"]["tasks"]
    order = [*STAGES, "results", "check"]
    assert {name: task.get("dependentTasks") for name, task in tasks.items()} == {
        order[0]: None,
        **{after: [before] for before, after in pairwise(order)},
    }


def test_a_task_per_node(tmp_path):
    pipeline, _ = written(tmp_path, by_node=True)

    tasks = pipeline["root"]["dag"]["tasks"]
    nodes = deployment().plan.node_ids
    # The SDK writes names of tasks in lower case.
    assert {*tasks} == {*(node.lower() for node in nodes), "results", "check"}
    assert tasks["results"]["dependentTasks"] == ["report"]
    assert containers(pipeline)["trainer"]["args"][-2:] == ["--node", "Trainer"]


def test_every_run_has_an_id_of_its_own(tmp_path):
    pipeline, _ = written(tmp_path)

    for task in pipeline["root"]["dag"]["tasks"].values():
        # The whole value: backends do not replace it inside of a text.
        job = task["inputs"]["parameters"]["job"]["runtimeValue"]["constant"]
        assert job == "{{$.pipeline_job_uuid}}"


def test_results_are_artifacts(tmp_path):
    pipeline, _ = written(tmp_path)

    outputs = pipeline["components"]["comp-results"]["outputDefinitions"]["artifacts"]
    assert {name: each["artifactType"]["schemaTitle"] for name, each in outputs.items()} == {
        "metrics": "system.Metrics",
        "report": "system.HTML",
        "model": "system.Model",
    }
    args = containers(pipeline)["results"]["args"]
    assert "--report={{$.outputs.artifacts['report'].path}}" in args
    assert args[-1] == "{{$}}"


def test_run_parameters_have_types_and_defaults(tmp_path):
    pipeline, _ = written(tmp_path, "batch_size=64", data="/data/census", seed=3)

    found = defaults(pipeline)
    assert found["data"] == ("STRING", "/data/census")
    assert found["seed"] == ("NUMBER_INTEGER", 3)
    assert found["batch_size"] == ("NUMBER_INTEGER", 64)
    assert found["dropout"] == ("NUMBER_DOUBLE", 0.3)
    assert found["model_type"] == ("STRING", "wide_deep")
    assert found["hidden_units"] == ("STRING", "256,128")


def test_defaults_that_depend_on_other_values_stay_open(tmp_path):
    # With another model_type, the parser chooses other defaults of these two.
    pipeline, _ = written(tmp_path)
    assert defaults(pipeline)["epochs"] == ("STRING", "unset")
    assert defaults(pipeline)["learning_rate"] == ("STRING", "unset")

    pipeline, _ = written(tmp_path, "model_type=wide", "epochs=3")
    assert defaults(pipeline)["epochs"] == ("NUMBER_INTEGER", 3)
    assert defaults(pipeline)["learning_rate"] == ("STRING", "unset")


@pytest.mark.parametrize("name", registry.names())
@pytest.mark.parametrize("chosen", [(), ("patience=7",)])
def test_the_defaults_are_those_of_the_deployment(name, chosen, tmp_path):
    pipeline, _ = written(tmp_path, *chosen, pipeline=name)

    kind = registry.load(name).parameters
    values = {key: value for key, (_, value) in defaults(pipeline).items()}
    given = [
        f"{key}={value:g}" if isinstance(value, float) else f"{key}={value!s}"
        for key, value in values.items()
        if key in kind.model_fields
    ]
    assert parse(kind, given) == parse(kind, chosen)


def test_hyper_parameters_have_descriptions(tmp_path):
    pipeline, _ = written(tmp_path, pipeline="mnist")

    found = pipeline["root"]["inputDefinitions"]["parameters"]
    assert found["model_type"]["description"].startswith("cnn: a small network")
    assert all(each["description"] for each in found.values())


def test_a_hyper_parameter_must_not_hide_a_run_parameter(tmp_path):
    from trainer_modules.shared.parameters import Parameters

    class Other(Parameters):
        seed: int = 0

    plan = deployment().plan
    other = replace(plan, parameters=Other())
    with pytest.raises(UserError, match="'seed' of census has the name of a run parameter"):
        target.write(replace(deployment(), plan=other), tmp_path)


def test_tasks_have_resources_retries_and_a_time_limit(tmp_path):
    options = {"trainer-cpu": "8", "trainer-memory": "16Gi"}
    pipeline, settings = written(tmp_path, retries=5, timeout=600, options=options)

    resources = {name: each["resources"] for name, each in containers(pipeline).items()}
    assert resources["data"]["resourceCpuLimit"] == "2"
    assert resources["data"]["resourceMemoryRequest"] == "4Gi"
    assert resources["train"]["resourceCpuRequest"] == "8"
    assert resources["train"]["resourceMemoryLimit"] == "16Gi"
    assert resources["check"]["resourceCpuLimit"] == "500m"
    tasks = pipeline["root"]["dag"]["tasks"]
    assert {
        name: task.get("retryPolicy", {}).get("maxRetryCount") for name, task in tasks.items()
    } == {
        **dict.fromkeys([*STAGES, "results"], 5),
        "check": None,
    }
    assert {pod["activeDeadlineSeconds"] for pod in pods(settings).values()} == {"600"}


def test_caching_is_left_to_tfx(tmp_path):
    pipeline, _ = written(tmp_path)

    for task in pipeline["root"]["dag"]["tasks"].values():
        assert task["cachingOptions"] == {}


def test_pods_have_volumes_and_a_user(tmp_path):
    options = {"pvc": "shared", "data-pvc": "rows", "data-path": "/mnt/rows", "user": "1234"}
    _, settings = written(tmp_path, root="/mnt/runs", options=options)

    for pod in pods(settings).values():
        assert {mount["mountPath"]: mount["constant"] for mount in pod["pvcMount"]} == {
            "/mnt/runs": "shared",
            "/mnt/rows": "rows",
        }
        assert pod["securityContext"] == {
            "runAsUser": "1234",
            "runAsGroup": "1234",
            "runAsNonRoot": True,
        }
        assert [mount["mountPath"] for mount in pod["emptyDirMounts"]] == ["/tmp"]
        assert "secretAsVolume" not in pod


def test_the_password_is_a_file_of_a_secret(tmp_path):
    pipeline, settings = written(
        tmp_path, metadata="mysql://tfx@db:3306/tfx", options={"secret": "store"}
    )

    folder = "/etc/tutorials/metadata"
    for pod in pods(settings).values():
        (volume,) = pod["secretAsVolume"]
        assert (volume["secretName"], volume["mountPath"]) == ("store", folder)
    for name, container in containers(pipeline).items():
        env = {each["name"]: each["value"] for each in container["env"]}
        assert env["TUTORIALS_METADATA_PASSWORD_FILE"] == f"{folder}/password"
        reads_the_plan = name not in ("data", "check")
        assert ("--metadata=mysql://tfx@db:3306/tfx" in container["args"]) != reads_the_plan


def test_the_file_has_no_secret_and_is_the_same_every_time(tmp_path):
    """In new processes, because the order of sets differs between processes."""
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.pipelines.orchestrators.kubeflow.test_target import deployment, target\n"
        "target.write(deployment(metadata='mysql://tfx@db/tfx'), Path(sys.argv[1]))"
    )
    for name in ("one", "two"):
        env = os.environ | {
            "TUTORIALS_METADATA_PASSWORD": "hunter2",
            "PYTHONHASHSEED": str(len(name) + ord(name[0])),
        }
        subprocess.run([sys.executable, "-c", code, tmp_path / name], env=env, check=True)

    one, two = ((tmp_path / name / "census.yaml").read_bytes() for name in ("one", "two"))
    assert one == two
    assert b"hunter2" not in one


def test_values_stay_what_they_are(tmp_path):
    hostile = """/data/it's "$(id)" `id` : # ; --seed=1 é"""
    pipeline, settings = written(tmp_path, data=hostile, options={"pvc": "a: b #c"})

    assert defaults(pipeline)["data"] == ("STRING", hostile)
    assert pods(settings)["exec-data"]["pvcMount"][0]["constant"] == "a: b #c"
    args = containers(pipeline)["data"]["args"]
    assert "--data={{$.inputs.parameters['data']}}" in args


def test_a_line_break_cannot_add_lines_to_the_file(tmp_path):
    # The SDK repeats defaults in a comment at the beginning of the file.
    with pytest.raises(UsageError, match="The value of 'data' contains a control character"):
        written(tmp_path, data="/data\ncomponents: none")


def test_vertex_has_no_settings_for_kubernetes(tmp_path):
    documents = written(tmp_path, options={"platform": "vertex"})

    assert len(documents) == 1
    kubernetes, _ = written(tmp_path)
    assert documents[0] == kubernetes


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"platform": "vortex"}, "no platform 'vortex'. Did you mean 'vertex'?"),
        ({"user": "nobody"}, "The user 'nobody' is not a number."),
        ({"trainer-cpu": "many"}, "Invalid cpu string."),
        ({"trainer-memory": "4 GB"}, "Invalid memory string."),
    ],
)
def test_options_are_checked(options, message, tmp_path):
    with pytest.raises(UsageError) as raised:
        target.write(deployment(options=options), tmp_path)

    assert message in str(raised.value)
    assert not list(tmp_path.iterdir())


def test_a_missing_sdk_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "kfp", None)

    with pytest.raises(UserError, match=r"Install it: pip install kfp==2\.17\.3 kfp-kubernetes"):
        target.write(deployment(), tmp_path)


def test_the_next_steps_can_be_typed(tmp_path):
    folder = tmp_path / "it's"
    steps = target.write(replace(deployment(), schedule="0 3 * * *"), folder)

    assert "--package-file '" in steps
    # Kubeflow's expressions begin with the second.
    assert "--cron-expression '0 0 3 * * *'" in steps
