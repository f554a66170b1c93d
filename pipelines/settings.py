"""The settings: folders of data and runs, the metadata server, mirrors, and Beam's flags.

The first of these that is given sets the value: the command's flag, the environment variable
(`TUTORIALS_...`), `tutorials.toml` in the working folder, the default.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)


def _split(value: Any) -> Any:
    return value.split() if isinstance(value, str) else value


Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
"""Texts. In an environment variable, spaces separate them."""


class Settings(BaseSettings):
    """The project's settings."""

    model_config = SettingsConfigDict(
        env_prefix="TUTORIALS_", toml_file="tutorials.toml", extra="forbid", frozen=True
    )

    root: Path = Field(Path("runs"), description="folder of runs, metadata, and pushed models")
    metadata: str | None = Field(
        None, description="URL of the metadata server, without a password; SQLite by default"
    )
    data_root: Path = Field(Path("data"), description="folder with one folder of data per tutorial")
    mirrors: Words = Field(
        (), description="URLs of copies of the data root, tried before the official addresses"
    )
    beam_args: Words = Field((), description="flags for all Beam components")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Orders the sources as described above."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


class MetadataPassword(BaseSettings):
    """The password of the metadata server, which only the environment or a file contains."""

    model_config = SettingsConfigDict(env_prefix="TUTORIALS_METADATA_", frozen=True)

    password: SecretStr | None = None
    password_file: Path | None = None
