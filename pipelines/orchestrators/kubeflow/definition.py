"""The definition of a pipeline for Kubeflow Pipelines, made with the kfp SDK.

Task `plan` compiles the plan with the run parameters, one task follows per stage or node,
`results` hands the results to Kubeflow Pipelines, and `check` fails the run if the data or the
model was refused. All tasks run a command of this project in its image.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from inspect import Parameter, Signature
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

_LIGHT = ("500m", "1Gi")
"""Processors and memory of a task that does not load TensorFlow."""

Command = Callable[..., Sequence[Any]]
"""Inputs of a component, as placeholders -> its command line."""


def build(deployment: Deployment, options: Mapping[str, str]) -> Any:
    """Builds the pipeline.

    Placeholders stand only in f-strings: Vertex and old backends pass on the SDK's
    `ConcatPlaceholder` and `IfPresentPlaceholder` as they are. They fail at optional parameters,
    too, so each run parameter has a value.

    Args:
        deployment: The pipeline and its settings.
        options: The options of the target, complete.

    Returns:
        The SDK's component, to be compiled.

    Raises:
        UserError: A hyper-parameter has the name of another run parameter.
        UsageError: A default cannot be written to the file.
    """
    from kfp import dsl

    name = deployment.pipeline
    inputs = _inputs(deployment)
    # The id of the run. Its name is no use, because several runs may have the same one. Backends
    # replace this placeholder only if it is the whole value of a task's input.
    job = {"job": dsl.PIPELINE_JOB_ID_PLACEHOLDER}
    store = [f"--root={deployment.root}"]
    if deployment.metadata:
        store.append(f"--metadata={deployment.metadata}")

    def run_id(job: Any) -> str:
        return f"{name}-{job}"

    def plan(job: Any) -> str:
        return f"{deployment.root}/plans/{run_id(job)}"

    def compile_plan(job: Any, data: Any, span: Any, seed: Any, **parameters: Any) -> Sequence[Any]:
        del span
        values = [f"--param={key}={value}" for key, value in parameters.items()]
        options = [f"--data={data}", f"--seed={seed}", *values, *store]
        return ["tutorials", "compile", name, *options, "-o", plan(job)]

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

    def pipeline(*values: Any) -> None:
        given = dict(zip(inputs, values, strict=True))
        configure = _Configuration(deployment, options)
        types = {key: parameter.annotation for key, parameter in inputs.items()}
        tasks = {"": component("plan", compile_plan, **types)(**job, **given)}
        configure(tasks[""])
        for task in deployment.tasks:
            run = component(task.name, run_nodes(task.arguments), span=str)
            tasks[task.name] = run(**job, span=given["span"]).after(
                *(tasks[upstream] for upstream in task.upstream or [""])
            )
            configure(tasks[task.name], training="Trainer" in task.nodes)
        followed = {upstream for task in deployment.tasks for upstream in task.upstream or [""]}
        last = [task for key, task in tasks.items() if key not in followed]
        results = component(
            "results",
            publish,
            metrics=dsl.Output[dsl.Metrics],
            report=dsl.Output[dsl.HTML],
            model=dsl.Output[dsl.Model],
        )(**job).after(*last)
        configure(results, light=True)
        # A refusal is final, so there are no retries.
        configure(component("check", check)(**job).after(results), light=True, retries=0)

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


class _Configuration:
    """Sets what a task needs to run: resources, retries, volumes, and the user.

    Args:
        deployment: The pipeline and its settings.
        options: The options of the target, complete.
    """

    def __init__(self, deployment: Deployment, options: Mapping[str, str]) -> None:
        self._deployment = deployment
        self._options = options

    def __call__(
        self, task: Any, *, training: bool = False, light: bool = False, retries: int | None = None
    ) -> None:
        """Configures a task.

        Args:
            task: The SDK's task.
            training: Whether it trains the model.
            light: Whether it only reads records.
            retries: The number of retries, if not that of the deployment.
        """
        deployment, options = self._deployment, self._options
        cpu, memory = deployment.cpu, deployment.memory
        if training:
            cpu, memory = options["trainer-cpu"] or cpu, options["trainer-memory"] or memory
        if light:
            cpu, memory = _LIGHT
        task.set_cpu_request(cpu).set_cpu_limit(cpu)
        task.set_memory_request(memory).set_memory_limit(memory)
        # TFX's cache knows the content of the data and of the code; this one, only the arguments.
        task.set_caching_options(False)
        if retries := deployment.retries if retries is None else retries:
            task.set_retry(retries, "30s", 2.0)
        # The user of the containers need not have a home that it may write to.
        task.set_env_variable("HOME", "/tmp")
        if options["platform"] == "kubernetes":
            self._set_pod(task)

    def _set_pod(self, task: Any) -> None:
        from kfp import kubernetes

        deployment, options = self._deployment, self._options
        user = int(options["user"])
        kubernetes.mount_pvc(task, options["pvc"], deployment.root)
        if options["data-pvc"]:
            kubernetes.mount_pvc(task, options["data-pvc"], options["data-path"])
        # Clusters that make the root file system read-only leave this folder to write to.
        kubernetes.empty_dir_mount(task, "tmp", "/tmp")
        kubernetes.set_security_context(
            task, run_as_user=user, run_as_group=user, run_as_non_root=True
        )
        kubernetes.set_timeout(task, deployment.timeout)
        if deployment.metadata:
            task.set_env_variable(
                "TUTORIALS_METADATA_PASSWORD_FILE", f"{_PASSWORD_FOLDER}/password"
            )
            kubernetes.use_secret_as_volume(task, options["secret"], _PASSWORD_FOLDER)
