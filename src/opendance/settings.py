"""Configuration: environment variables `OPENDANCE_*`, then a TOML file, then these defaults."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from opendance.catalog import AUTO, MODELS, Tier
from opendance.errors import ConfigurationError
from opendance.machine import GIB, cores, memory
from opendance.telemetry.logs import Format
from opendance.validation import in_words

_PLACEHOLDER = re.compile(r"(?<![a-z])change[-_ ]?me(?![a-z])", re.IGNORECASE)
_ORIGIN = re.compile(r"https?://[^\s/?#@*]+")
_KEYS_OF_STORES = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AZURE_STORAGE_ACCOUNT_KEY")
_PREFIX = "OPENDANCE_"
_OF_CLIENTS = ("OPENDANCE_BASE_URL", "OPENDANCE_API_KEY")  # of commands that ask a server
# Of the engine `blank`, of benchmarks and tests.
_OF_DEVELOPERS = (
    "OPENDANCE_BLANK_SECONDS",
    "OPENDANCE_EXAMPLES",
    "OPENDANCE_FUZZ",
    "OPENDANCE_FUZZ_REQUESTS",
    "OPENDANCE_FUZZ_SEED",
    "OPENDANCE_TEST_SKEW",
)
# What Kubernetes tells every container of a service with the name opendance.
_OF_KUBERNETES = re.compile(r"_SERVICE_HOST$|_SERVICE_PORT(_[A-Z]+)?$|_PORT_\d+_(TCP|UDP)(_\w+)?$")
_NEAR = 0.75  # share of letters in common, from which on a name is taken for another one misspelled
LEAST_AUDIT_DAYS = 30.0  # the database itself refuses to remove younger rows


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


def _names(value: Any) -> Any:
    """From "previs, ltx2", or a list of such."""
    parts: list[Any] = value.split(",") if isinstance(value, str) else list(value)
    return tuple(name for part in parts if (name := str(part).strip()))


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)]


def _origins(value: Any) -> Any:
    """As browsers write them, who compare them letter by letter."""
    origins = tuple(name.rstrip("/").lower() for name in _names(value))
    for origin in origins:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin!r} is no origin; write such as https://app.example.com, without a path, or *")
    return origins


Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)]


def _seconds(value: Any) -> Any:
    """From "60, 600, 3600", or a list of such."""
    return value.split(",") if isinstance(value, str) and value.strip() else value or ()


Seconds = Annotated[
    tuple[Annotated[float, Field(ge=1, le=86_400)], ...], NoDecode, BeforeValidator(_seconds), Field(max_length=20)
]


def _check_alias(meant: str) -> str:
    choices = (AUTO, *Tier, *MODELS)
    if meant not in choices:
        raise ValueError(f"{meant!r} is no model; write one of {', '.join(choices)}")
    return meant


ModelAlias = Annotated[str, AfterValidator(_check_alias)]


Source = Literal["default", "environment", "file", "command line"]


class Settings(BaseSettings):
    """Every setting, with the environment variable `OPENDANCE_` + its name in capitals."""

    model_config = SettingsConfigDict(env_prefix="OPENDANCE_", env_nested_delimiter="__", extra="forbid")

    data_dir: Path = Field(Path("opendance-data"), description="Folder for the database, results and work files.")
    database_url: str | None = Field(
        None,
        description="A PostgreSQL database, postgresql://user:password@host/name, with the extra postgresql; default: "
        "SQLite in data_dir.",
    )
    migrate_at_start: bool = Field(
        True,
        description="Whether a process brings the database to its schema; without, it does not start before "
        "`opendance migrate up` has.",
    )
    admin_key: SecretStr | None = Field(
        None,
        min_length=20,
        description="Key for /admin/v1, at least 20 letters; default: the one made by `opendance admin-key create`.",
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
    admin_host: str = Field("127.0.0.1", description="Address that admin_port is listened to at.")
    admin_port: int | None = Field(
        None,
        ge=0,
        le=65535,
        description="Port where /admin/v1 and /metrics are, and nowhere else then; 0 takes a free one; default: port.",
    )
    trusted_proxies: Networks = Field(
        (ip_network("127.0.0.0/8"), ip_network("::1")),
        description="Networks of proxies whose X-Forwarded-For and X-Forwarded-Proto are believed.",
    )
    public_url: str | None = Field(
        None, description="Address that clients reach this server at, for links; default: the one of the request."
    )
    concurrency: int = Field(
        default_factory=lambda: max(1, min(cores() - 1, memory() // GIB)),
        ge=1,
        le=256,
        description="Videos made at the same time. Default: cores - 1, no more than GiB of memory, at least 1.",
    )
    work: bool = Field(True, description="Whether this process makes videos; without, tasks only queue up.")
    engines: Names | None = Field(
        None, description="Engines that this process runs, such as previs; default: all that are installed."
    )
    routes: dict[str, Names] = Field(
        default_factory=dict[str, "Names"],
        description="Engines of a model, mode, tier or default, best first; the next is tried where one fails.",
    )
    engine: dict[str, dict[str, Any]] = Field(
        default_factory=dict[str, dict[str, Any]], description="What each engine is told, see docs/engines.md."
    )
    model_aliases: dict[str, ModelAlias] = Field(
        default_factory=dict[str, "ModelAlias"],
        max_length=1000,
        description="Other names of models, in JSON or as a table of the file: each stands for a model, or for a tier "
        "(auto: the one that it names) in "
        "the mode that takes the media; default: none.",
    )
    drain_seconds: float = Field(
        30.0, ge=0, le=86_400, description="How long running work may take to finish when the process is stopped, s."
    )
    worker_timeout: float = Field(
        15.0, ge=2, description="Without a sign of life for so long a worker counts as dead, s; on PostgreSQL."
    )
    reconcile_seconds: float = Field(
        30.0, gt=0, description="Time between two questions about a task that an upstream still works on, s."
    )
    task_timeout: float = Field(3600.0, gt=0, description="Longest time one engine run may take, s.")
    fetch_allow: Networks = Field(
        (), description="Networks that are not public and may be fetched from all the same, such as 10.1.0.0/16."
    )
    callback_allow: Networks = Field(
        (), description="Networks that are not public and may be called back all the same, such as 10.1.0.0/16."
    )
    callback_retries: Seconds = Field(
        (),
        description="Further tries of a callback after the three that are always made: s after each failure, such as "
        "60,600,3600; the same in all processes.",
    )
    callback_ca: Path | None = Field(
        None, description="File with certificates (PEM) that callbacks trust beside the public ones."
    )
    worker_port: int | None = Field(
        None, ge=0, le=65535, description="Port where a worker answers /healthz, /readyz and /metrics; default: none."
    )
    failed_keys_per_minute: int = Field(
        60, ge=1, description="Keys that are not good which one address may send a minute; then it is answered 429."
    )
    connections: int | None = Field(
        None,
        ge=10,
        description="Connections that may be open at a time; default: three quarters of the files that the process may "
        "open, at most 10,000.",
    )
    connections_per_address: int = Field(
        100,
        ge=1,
        description="Connections that may be open from one public address; proxies and private networks do not count.",
    )
    event_streams_per_account: int = Field(
        100, ge=1, description="Event streams that may be open for one account at a time, in one process."
    )
    trusted_hosts: Names = Field(
        (), description="Names that requests may give the server in Host, such as *.example.com; default: any."
    )
    cors_origins: Origins = Field(
        (),
        description="Pages of other hosts that may use the API from a browser, such as https://app.example.com, or *; "
        "default: none.",
    )
    studio: bool = Field(True, description="Whether the server has its page, the Studio, at /.")
    studio_session_days: float = Field(
        30.0, gt=0, le=3650, description="How long a browser stays signed in to the Studio without being used, d."
    )
    studio_link: bool = Field(
        True, description="Whether the first start prints a link that signs in to the Studio, as the operator too."
    )
    show_prompts: bool = Field(
        True, description="Whether the operator may read prompts of other accounts; each look is in the audit log."
    )
    body_megabytes: int = Field(
        256, ge=102, description="Bodies of requests that lie in memory at a time, MB; more are answered 503."
    )
    account_body_megabytes: int = Field(
        128, ge=102, description="Bodies of one account's requests at a time, MB; more are answered 429."
    )
    metrics_open: bool = Field(False, description="Whether /metrics can be read without any key.")
    metrics_token: SecretStr | None = Field(
        None,
        min_length=20,
        description="Key for /metrics and nothing else, at least 20 letters; default: the admin key.",
    )
    log_format: Format = Field("text", description="text or json.")
    log_level: str = Field("info", pattern="^(debug|info|warning|error)$", description="Least level that is logged.")

    storage_url: str | None = Field(
        None,
        description="Where results and uploads are kept: s3://bucket/folder, gs://..., az://... or file:///folder; "
        "default: in data_dir. Credentials come from the cloud's usual variables, such as AWS_ACCESS_KEY_ID.",
    )
    storage_public_endpoint: str | None = Field(
        None, description="Address that users reach an S3 store at, where the server itself uses another one."
    )
    safety_rules: Path | None = Field(
        None,
        description="Folder with the content filter's rules, in place of those that come along; see docs/safety.md.",
    )
    classifier: dict[str, dict[str, Any]] = Field(
        default_factory=dict[str, dict[str, Any]],
        description="Classifiers of prompts beside the rules, and what each is told; see docs/safety.md.",
    )
    classifier_required: bool = Field(
        False, description="Whether a task fails where a classifier does not answer; else the rules alone decide."
    )
    picture_filter: bool = Field(True, description="Whether pictures, videos and results are looked at for nudity.")
    picture_threshold: float = Field(
        0.8, gt=0, le=1, description="Score of the picture filter from which on a picture is refused."
    )
    search: dict[str, Any] = Field(
        default_factory=dict[str, Any],
        description="Web search: provider (searxng, brave, tavily), url, api_key, timeout, seconds; default: none.",
    )
    rewrite: dict[str, Any] = Field(
        default_factory=dict[str, Any],
        description="A language model that rewrites prompts for engines: url, model, api_key, engines, timeout, "
        "most_tokens; see docs/engines.md; default: none.",
    )
    c2pa_certificate: Path | None = Field(
        None,
        description="File (PEM) with the certificate that manifests are signed with, and those above it; default: one "
        "that the installation makes for itself.",
    )
    c2pa_key: Path | None = Field(None, description="File (PEM) with the key of that certificate, not encrypted.")
    audit_prompts: Literal["hashed", "whole"] = Field(
        "hashed", description="How prompts stand in the audit log: hashed with a key, or whole."
    )
    audit_days: float = Field(400.0, ge=LEAST_AUDIT_DAYS, description="How long the audit log is kept, d; 30 at least.")

    results_hours: float = Field(48.0, ge=24, description="How long finished videos are kept, h; links end after 24 h.")
    events_days: float = Field(7.0, ge=0, description="How long the steps of ended tasks are kept, d.")
    tasks_days: float = Field(
        400.0, ge=1, description="How long ended tasks are kept, d; the ledger's rows are kept for ever."
    )
    unfinished_hours: float = Field(
        168.0, ge=1, description="How long a task may wait and run in all, h; then it fails, and nothing is charged."
    )
    work_hours: float = Field(24.0, ge=1, description="How long a folder in data_dir/work may be left behind, h.")
    sweep_seconds: float = Field(600.0, gt=0, description="Time between two sweeps of what is kept no longer, s.")

    _sources: dict[str, Source] = PrivateAttr(default_factory=dict[str, "Source"])

    def source_of(self, name: str) -> Source:
        """Where the value of a setting comes from."""
        return self._sources.get(name, "default")

    def know_sources(self, sources: Mapping[str, Source]) -> None:
        """Note where the values that are no defaults come from."""
        self._sources = dict(sources)

    @property
    def database(self) -> Path | str:
        """Where the database is: a file, or a URL."""
        return self.database_url or self.data_dir / "opendance.sqlite3"

    @property
    def address(self) -> str:
        """Where this server is reached, as far as settings tell."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    @property
    def storage(self) -> Path | str:
        """Where objects are: a folder, or a URL."""
        return self.storage_url or self.data_dir / "objects"

    @property
    def hosts(self) -> tuple[str, ...]:
        """Names that Host may have, in small letters; none for any."""
        if not self.trusted_hosts:
            return ()
        public = urlsplit(self.public_url or "").hostname
        return tuple(name.lower() for name in (*self.trusted_hosts, public) if name)

    @property
    def work_dir(self) -> Path:
        return self.data_dir / "work"

    @model_validator(mode="after")
    def _one_listener_a_port(self) -> Self:
        if self.admin_port and self.admin_port == self.port:
            raise ValueError("admin_port: it is the port of the API; choose another one, or leave it out")
        return self

    @model_validator(mode="after")
    def _metrics_are_open_or_not(self) -> Self:
        if self.metrics_open and self.metrics_token is not None:
            raise ValueError("metrics_open: with a metrics_token /metrics is not open; leave one of the two out")
        return self

    @property
    def secrets(self) -> tuple[str, ...]:
        """What the operator chose and nobody may read in a log."""
        return tuple(key.get_secret_value() for key in (self.admin_key, self.metrics_token) if key is not None)


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
        settings = FromFile(**given)  # pyright: ignore[reportArgumentType]
    except ValidationError as error:
        raise ConfigurationError(f"settings: {in_words(error.errors(), show_values=False)}") from None
    except ValueError as error:  # tomllib.TOMLDecodeError
        raise ConfigurationError(f"--config: {config}: {error}") from None
    refuse_placeholders(settings)
    settings.know_sources(_sources(config, given))
    return settings


def _sources(config: Path | None, given: Mapping[str, object]) -> dict[str, Source]:
    """Where each value comes from, the strongest last; the file has been read before."""
    in_file: list[str] = [] if config is None else list(tomllib.loads(config.read_text("utf-8")))
    environment = {
        name.upper().removeprefix(_PREFIX).partition("__")[0] for name in os.environ if name.upper().startswith(_PREFIX)
    }
    sources: dict[str, Source] = dict.fromkeys(in_file, "file")
    sources |= {name: "environment" for name in Settings.model_fields if name.upper() in environment}
    given_here: dict[str, Source] = dict.fromkeys(given, "command line")
    return sources | given_here


def log_format_of(config: Path | None = None) -> Format:
    """The form of logs that the environment or `config` asks for, also where other settings are wrong."""
    environment = {name.upper(): value for name, value in os.environ.items()}
    asked: object = environment.get(_PREFIX + "LOG_FORMAT")
    if asked is None and config is not None:
        try:
            asked = tomllib.loads(config.read_text("utf-8")).get("log_format")
        except (OSError, ValueError):  # what is wrong with the file is told elsewhere
            return "text"
    return "json" if asked == "json" else "text"


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """What to tell of variables that begin with OPENDANCE_ and are no settings, a line each: most are misspelled.

    Args:
        environment: that of the process where it is None.
    """
    found = sorted({name.upper() for name in (os.environ if environment is None else environment)})
    settings = [_PREFIX + name.upper() for name in Settings.model_fields]
    known = [*settings, *_OF_CLIENTS, *_OF_DEVELOPERS]
    problems: list[str] = []
    for name in found:
        head = _PREFIX + name.removeprefix(_PREFIX).partition("__")[0]
        if not name.startswith(_PREFIX) or head in known or _OF_KUBERNETES.search(name):
            continue
        near = get_close_matches(head, [*settings, *_OF_CLIENTS], n=1, cutoff=_NEAR)
        meant = f"; did you mean {near[0]}?" if near else ""
        problems.append(f"{name} is no setting and has no effect{meant}")
    return problems


def refuse_placeholders(settings: Settings) -> None:
    """What stands in an example for a secret is no secret.

    Raises:
        ConfigurationError: a setting, or a key of the object store, still holds what an example had in its place.
    """
    values = {name: getattr(settings, name) for name in Settings.model_fields}
    values |= {name: os.environ.get(name) for name in _KEYS_OF_STORES}
    for name, value in values.items():
        text = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
        if (placeholder := _PLACEHOLDER.search(text)) is not None:
            raise ConfigurationError(
                f"{name}: {placeholder[0]} is what an example has in place of a secret; put one of your own there, "
                "such as `openssl rand -hex 24` makes"
            )
