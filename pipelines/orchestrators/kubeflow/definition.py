"""The definition of a pipeline for Kubeflow Pipelines, made with the kfp SDK.

There is one task per stage or node. The first one compiles the plan with the run parameters and
runs its nodes in the same process, because loading TFX twice would take 9 s. Then `results` hands
the results to Kubeflow Pipelines, and `check` fails the run if the data or the model was refused.
All tasks run a command of this project in its image.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter, Signature
from itertools import pairwise
from typing import Any

from components.errors import UsageError, UserError, quote
from pipelines.orchestrators.deployment import Deployment
from pipelines.parameters import UNSET, as_text, describe

RUN_PARAMETERS = {
    "data": "'sample', or a folder as the containers see it",
    "span": "the span of the data: N, YYYY-MM-DD, or latest",
    "seed": "the random seed for training",
}
"""The parameters of every pipeline's runs -> their meaning. Hyper-parameters follow."""

_TYPES = {"integer": int, "number": float, "boolean": bool}
"""Type of a hyper-parameter -> type of the run parameter. All others are strings."""

_PASSWORD_FOLDER = "/etc/tutorials/metadata"

_READING = ("500m", "1Gi")
"""Processors and memory of a task that only reads records, without TensorFlow."""

Command = Callable[..., Sequence[Any]]
"""Inputs of a component, as placeholders -> its command line."""


def build(deployment: Deployment) -> Any:
    """Builds the pipeline.

    Placeholders stand only in f-strings: Vertex and old backends pass on the SDK's
    `ConcatPlaceholder` and `IfPresentPlaceholder` as they are. They fail at optional parameters,
    too, so each run parameter has a value.

    Args:
        deployment: The pipeline and its settings.

    Returns:
        The SDK's component, to be compiled.

    Raises:
        UserError: A hyper-parameter has the name of another run parameter.
        UsageError: A default cannot be written to the file.
    """
    from kfp import dsl

    name = deployment.pipeline
    inputs = _inputs(deployment)
    # The id of the run, because several runs may have the same name. Backends
    # replace this placeholder only if it is the whole value of a task's input.
    job = {"job": dsl.PIPELINE_JOB_ID_PLACEHOLDER}
    store = [f"--root={deployment.root}"]
    if deployment.metadata:
        store.append(f"--metadata={deployment.metadata}")

    def run_id(job: Any) -> str:
        return f"{name}-{job}"

    def plan(job: Any) -> str:
        return f"{deployment.root}/plans/{run_id(job)}"

    def compile_and_run(arguments: Sequence[str]) -> Command:
        def command(job: Any, data: Any, span: Any, seed: Any, **parameters: Any) -> Sequence[Any]:
            values = [f"--param={key}={value}" for key, value in parameters.items()]
            options = [f"--data={data}", f"--seed={seed}", *values, *store]
            run = [f"--run-id={run_id(job)}", f"--span={span}", *arguments]
            return ["tutorials", "compile", name, *options, "-o", plan(job), *run]

        return command

    def run_nodes(arguments: Sequence[str]) -> Command:
        return lambda job, span: [
            *("tutorials", "run-node", plan(job), f"--run-id={run_id(job)}"),
            *(f"--span={span}", *arguments),
        ]

    def publish(job: Any, metrics: Any, report: Any, model: Any) -> Sequence[Any]:
        del metrics  # has no file
        module = "pipelines.orchestrators.kubeflow.artifacts"
        run = [plan(job), run_id(job), f"--report={report.path}", f"--model={model.path}"]
        # The one placeholder for the path of the component's output that backends replace.
        return ["python", "-m", module, *run, dsl.PIPELINE_TASK_EXECUTOR_INPUT_PLACEHOLDER]

    def check(job: Any) -> Sequence[Any]:
        return ["tutorials", "show", name, f"--run={run_id(job)}", "--check", *store]

    def component(title: str, command: Command, **annotations: Any) -> Any:
        signature = [_parameter(key, kind) for key, kind in {"job": str, **annotations}.items()]
        return _container(title, deployment.image, signature, command)

    types = {key: parameter.annotation for key, parameter in inputs.items()}
    artifacts = {
        "metrics": dsl.Output[dsl.Metrics],
        "report": dsl.Output[dsl.HTML],
        "model": dsl.Output[dsl.Model],
    }

    def pipeline(*values: Any) -> None:
        given = dict(zip(inputs, values, strict=True))
        first, *others = deployment.tasks
        tasks = [component(first.name, compile_and_run(first.arguments), **types)(**job, **given)]
        _configure(tasks[0], deployment)
        for part in others:
            run = component(part.name, run_nodes(part.arguments), span=str)
            tasks.append(run(**job, span=given["span"]))
            _configure(tasks[-1], deployment, training="Trainer" in part.nodes)
        results = component("results", publish, **artifacts)(**job)
        _configure(results, deployment, reading=True)
        verdict = component("check", check)(**job)
        _configure(verdict, deployment, reading=True)
        if deployment.retries:
            # A refusal is final, so the last task is not among them.
            for task in (*tasks, results):
                task.set_retry(deployment.retries, "30s", 2.0)
        # Processes of one run never run at once.
        for before, after in pairwise([*tasks, results, verdict]):
            after.after(before)

    pipeline.__signature__ = Signature(list(inputs.values()))  # type: ignore[attr-defined]
    meanings = RUN_PARAMETERS | {
        row.name: row.meaning for row in describe(type(deployment.parameters))
    }
    lines = [f"    {key}: {meaning}" for key, meaning in meanings.items()]
    pipeline.__doc__ = "\n".join([deployment.title, "", "Args:", *lines])
    return dsl.pipeline(name=name, description=deployment.title)(pipeline)


def _inputs(deployment: Deployment) -> dict[str, Parameter]:
    """Returns the run parameters with their types and defaults.

    A hyper-parameter whose default depends on other values is a string, `unset` by default.
    """
    parameters = deployment.parameters
    kind = type(parameters)
    if taken := RUN_PARAMETERS.keys() & kind.model_fields.keys():
        raise UserError(
            f"The hyper-parameter '{min(taken)}' of {deployment.pipeline} has the name of a run "
            "parameter of Kubeflow Pipelines. Rename it."
        )
    preset = getattr(parameters, kind.preset_field, None)
    defaults = kind.model_validate({kind.preset_field: preset} if preset else {})
    depending = {key for preset in kind.presets.values() for key in preset}
    found = {
        "data": _parameter("data", str, deployment.data),
        "span": _parameter("span", str, "latest"),
        "seed": _parameter("seed", int, deployment.seed),
    }
    for row in describe(kind):
        value = getattr(parameters, row.name)
        depends = row.name in depending and value == getattr(defaults, row.name)
        if depends or value in (None, {}):
            found[row.name] = _parameter(row.name, str, UNSET)
        else:
            annotation = _TYPES.get(row.type, str)
            given = value if annotation in _TYPES.values() else as_text(value)
            found[row.name] = _parameter(row.name, annotation, given)
    for name, parameter in found.items():
        # The SDK repeats defaults in a comment, in which a line break would start a line of YAML.
        if not str(parameter.default).isprintable():
            raise UsageError(
                f"The value of '{name}' contains a control character: {quote(parameter.default)}. "
                "Remove it."
            )
    return found


def _parameter(name: str, annotation: Any, default: Any = Parameter.empty) -> Parameter:
    return Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, annotation=annotation, default=default)


def _container(title: str, image: str, signature: Sequence[Parameter], command: Command) -> Any:
    """Returns a container component, whose signature the SDK reads as if it were written down."""
    from kfp import dsl

    def specify(*placeholders: Any) -> Any:
        names = [parameter.name for parameter in signature]
        program, *arguments = command(**dict(zip(names, placeholders, strict=True)))
        return dsl.ContainerSpec(image=image, command=[program], args=arguments)

    specify.__name__ = title
    specify.__signature__ = Signature(list(signature))  # type: ignore[attr-defined]
    return dsl.container_component(specify)


def _configure(
    task: Any, deployment: Deployment, *, training: bool = False, reading: bool = False
) -> None:
    """Sets what a task needs to run.

    Args:
        task: The SDK's task.
        deployment: The pipeline and its settings.
        training: Whether the task trains the model.
        reading: Whether it only reads records.
    """
    options = deployment.options
    cpu, memory = deployment.cpu, deployment.memory
    if training:
        cpu, memory = options["trainer-cpu"] or cpu, options["trainer-memory"] or memory
    if reading:
        cpu, memory = _READING
    task.set_cpu_request(cpu).set_cpu_limit(cpu)
    task.set_memory_request(memory).set_memory_limit(memory)
    # TFX's cache knows the content of the data and of the code; this one, only the arguments.
    task.set_caching_options(False)
    # The user of the containers need not have a home to write to.
    task.set_env_variable("HOME", "/tmp")
    if options["platform"] == "kubernetes":
        _configure_pod(task, deployment)


def _configure_pod(task: Any, deployment: Deployment) -> None:
    from kfp import kubernetes

    options = deployment.options
    user = int(options["user"])
    kubernetes.mount_pvc(task, options["pvc"], deployment.root)
    if options["data-pvc"]:
        kubernetes.mount_pvc(task, options["data-pvc"], options["data-path"])
    # Some clusters make the root file system read-only.
    kubernetes.empty_dir_mount(task, "tmp", "/tmp")
    kubernetes.set_security_context(task, run_as_user=user, run_as_group=user, run_as_non_root=True)
    kubernetes.set_timeout(task, deployment.timeout)
    if deployment.metadata:
        task.set_env_variable("TUTORIALS_METADATA_PASSWORD_FILE", f"{_PASSWORD_FOLDER}/password")
        kubernetes.use_secret_as_volume(task, options["secret"], _PASSWORD_FOLDER)
