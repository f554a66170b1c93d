"""The options of the target."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    PositiveInt,
    StringConstraints,
    ValidationError,
)

from components.errors import UsageError


def _timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError("It is not a time zone, such as Europe/Berlin") from None
    return name


Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,99}$")]
AbsolutePath = Annotated[str, StringConstraints(pattern=r"^/[^\x00-\x1f]*$")]
KubernetesName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$")]


class Options(BaseModel):
    """What `--option KEY=VALUE` sets."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=lambda name: name.replace("_", "-")
    )

    operator: Literal["bash", "docker", "kubernetes"] = Field(
        "bash", description="where the tasks run: bash (on the workers), docker, or kubernetes"
    )
    dag_id: Name | None = Field(None, description="name of the DAG (default: the pipeline's name)")
    timezone: Annotated[str, AfterValidator(_timezone)] = Field(
        "UTC", description="time zone of the schedule"
    )
    catchup_from: date | None = Field(
        None,
        description="first day (YYYY-MM-DD) of missed intervals to run (default: no catching up)",
    )
    retry_delay: PositiveInt = Field(
        60, description="seconds before the first retry; each further delay is twice as long"
    )
    pool: Name | None = Field(
        None,
        description="pool of one slot that DAGs can share (default: runs of one DAG never overlap)",
    )
    report_url: HttpUrl | None = Field(
        None, description="address of a web server that serves the root (default: links to files)"
    )
    executable: AbsolutePath | None = Field(
        None,
        description="bash: path of 'tutorials' on the workers (default: that of this environment)",
    )
    password_file: AbsolutePath | None = Field(
        None, description="bash, docker: file on the workers with the metadata server's password"
    )
    network: Name | None = Field(None, description="docker: network of the containers")
    namespace: KubernetesName = Field("default", description="kubernetes: namespace of the pods")
    claim: KubernetesName = Field(
        "tutorials", description="kubernetes: PersistentVolumeClaim that holds the root"
    )
    secret: KubernetesName | None = Field(
        None, description="kubernetes: Secret with the metadata server's password as 'password'"
    )

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Options:
        """Checks the given options. An empty one has its default.

        Raises:
            UsageError: A value is invalid.
        """
        try:
            return cls.model_validate({name: value for name, value in given.items() if value})
        except ValidationError as error:
            first = error.errors()[0]
            raise UsageError(
                f"The option {'.'.join(map(str, first['loc']))}={first['input']!r} is invalid: "
                f"{first['msg']}. Correct it, or leave it out for the default."
            ) from None

    @classmethod
    def described(cls) -> dict[str, tuple[str, str]]:
        """Returns the default and one line of help of each option."""
        return {
            str(field.alias): (str(field.default or ""), str(field.description))
            for field in cls.model_fields.values()
        }
