"""Where data, runs and metadata live, and the flags of Beam.

Each setting is taken from the command line's flag, else the environment (`TUTORIALS_…`), else
`tutorials.toml` in the working folder, else its default.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field
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
"""Texts that an environment variable writes with spaces between them."""


class Settings(BaseSettings):
    """The project's settings."""

    model_config = SettingsConfigDict(
        env_prefix="TUTORIALS_", toml_file="tutorials.toml", extra="forbid", frozen=True
    )

    root: Path = Field(Path("runs"), description="folder of runs, metadata and pushed models")
    data_root: Path = Field(Path("data"), description="folder with one folder of data per tutorial")
    mirrors: Words = Field((), description="base URLs that are tried before the official")
    beam_args: Words = Field((), description="Beam flags of every Beam component")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Orders the sources as the module says."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)
