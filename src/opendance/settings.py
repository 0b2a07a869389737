"""Configuration: environment variables `OPENDANCE_*`, then a TOML file, then these defaults."""

from __future__ import annotations

import os
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from opendance.errors import ConfigurationError


def _networks(value: Any) -> Any:
    """From "10.1.0.0/16, 127.0.0.1", or a list of such."""
    parts: list[Any] = value.split(",") if isinstance(value, str) else list(value)
    out: list[IPv4Network | IPv6Network] = []
    for part in (str(part).strip() for part in parts):
        try:
            out += [ip_network(part, strict=False)] if part else []
        except ValueError:
            raise ValueError(f"{part!r} is no network; write addresses or networks such as 10.1.0.0/16") from None
    return tuple(out)


Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_networks)]


class Settings(BaseSettings):
    """Every setting, with the environment variable `OPENDANCE_` + its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="OPENDANCE_", extra="forbid")

    data_dir: Path = Field(Path("opendance-data"), description="Folder for the database, results and work files.")
    database_url: str | None = Field(
        None, description="A PostgreSQL database, postgresql://user:password@host/name; default: SQLite in data_dir."
    )
    admin_key: SecretStr | None = Field(
        None, min_length=20, description="Key for /admin/v1; default: the one made by `opendance admin-key create`."
    )
    starting_credits: Decimal = Field(
        Decimal(1_000_000),
        ge=0,
        le=10**12,
        decimal_places=4,
        description="Credits of the account that the first start makes.",
    )
    host: str = Field("127.0.0.1", description="Address to listen at.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen at; 0 takes a free one.")
    public_url: str | None = Field(
        None, description="Address that clients reach this server at, for links; default: the one of the request."
    )
    concurrency: int = Field(
        default_factory=lambda: max(1, (os.cpu_count() or 2) - 1),
        ge=1,
        le=256,
        description="Videos made at the same time. Default: cores - 1, at least 1.",
    )
    work: bool = Field(True, description="Whether this process makes videos; without, tasks only queue up.")
    drain_seconds: float = Field(
        30.0, ge=0, le=86_400, description="How long running work may take to finish when the process is stopped, s."
    )
    task_timeout: float = Field(3600.0, gt=0, description="Longest time one engine run may take, s.")
    fetch_allow: Networks = Field(
        (), description="Networks that are not public and may be fetched from all the same, such as 10.1.0.0/16."
    )
    callback_allow: Networks = Field(
        (), description="Networks that are not public and may be called back all the same, such as 10.1.0.0/16."
    )
    callback_ca: Path | None = Field(
        None, description="File with certificates (PEM) that callbacks trust beside the public ones."
    )
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="Least level that is logged.")

    @property
    def database(self) -> Path | str:
        """Where the database is: a file, or a URL."""
        return self.database_url or self.data_dir / "opendance.sqlite3"

    @property
    def objects_dir(self) -> Path:
        return self.data_dir / "objects"

    @property
    def work_dir(self) -> Path:
        return self.data_dir / "work"


def load_settings(config: Path | None = None, **overrides: object) -> Settings:
    """Settings from the environment, `config` (TOML) and `overrides`, the last strongest; None overrides nothing.

    Raises:
        ConfigurationError: a value is not valid, a name is unknown, or the file cannot be read.
    """
    if config is not None and not config.is_file():
        raise ConfigurationError(f"--config: there is no file {config}")

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, config)

    given = {name: value for name, value in overrides.items() if value is not None}
    try:
        return FromFile(**given)  # pyright: ignore[reportArgumentType]
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigurationError(f"settings: {problems}") from None
    except ValueError as error:  # tomllib.TOMLDecodeError
        raise ConfigurationError(f"--config: {config}: {error}") from None
