"""What an operator may set, read from environment variables named ``TEMBUSU_…``.

Each field's description is its entry in the generated reference; all faults are reported at once.
"""

from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

CHECKOUT = Path(__file__).resolve().parents[3]
DEMO_SECRET = "only-for-demonstrations-and-tests"  # noqa: S105 refused in production below


class Environment(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="TEMBUSU_", extra="ignore")

    production: bool = Field(
        False, description="Run for real people: refuses demo shortcuts and unsafe defaults."
    )
    synthetic: bool = Field(
        False, description="Mark every page as showing synthetic data. `make demo` sets it."
    )
    database_url: str = Field(
        "",
        validation_alias="DATABASE_URL",
        description="PostgreSQL address of the application's own role, which owns no table. "
        "Empty: the embedded PostgreSQL is used.",
    )
    database_owner_url: str = Field(
        "",
        validation_alias="DATABASE_OWNER_URL",
        description="PostgreSQL address of the role that owns the tables; used by `migrate`, "
        "`backup` and `restore` only.",
    )
    database_pool: int = Field(
        8, ge=0, description="Most connections kept open by one web process; 0 turns the pool off."
    )
    secret_key: str = Field(DEMO_SECRET, description="Signs sessions and tokens. Keep it secret.")
    field_keys: str = Field(
        "",
        description="File that holds the keys which wrap each person's own key, newest first. "
        "Back it up apart from the database. Empty: `field.keys` in the data folder.",
    )
    data_folder: Path = Field(
        CHECKOUT / "var", description="Where stored files, mail and the embedded database live."
    )
    hosts: list[str] = Field(
        default=["127.0.0.1", "localhost"],
        description="Host names that this site answers to, as a JSON list.",
    )
    origin: str = Field(
        "http://127.0.0.1:8000", description="The site's own address, used in e-mails."
    )
    trusted_proxies: int = Field(
        0,
        ge=0,
        description="How many proxies stand in front; rate limits count the visitor behind them.",
    )
    time_zone: str = Field("Asia/Singapore", description="Zone in which times are shown.")
    home_country: str = Field(
        "SG",
        description="ISO 3166 code of the country whose institutions come first in review queues.",
    )
    home_country_name: str = Field(
        "Singapore", description="The home country's name as trial registries write it."
    )
    jurisdiction: str = Field(
        "sg",
        description="Whose rules apply: the key of a pack that is supplied (`sg`, `uk`), or the "
        "path of a pack file of one's own, ending in `.toml`.",
    )
    own_registry: str = Field(
        "TMB", description="Prefix of study numbers that this platform gives, as in TMB-000147."
    )
    brand_name: str = Field("Tembusu", description="Name shown in the bar and in e-mails.")
    brand_strapline: str = Field(
        "Clinical trials, moved forward together", description="Line below the name."
    )
    mail_url: str = Field(
        "",
        description="SMTP server as `smtp://user:password@host:port`, "  # pragma: allowlist secret
        "`smtps://` for TLS. Empty: e-mails are written as files below the data folder.",
    )
    mail_from: str = Field("tembusu@localhost", description="Sender of e-mails.")
    digest_hour: int = Field(
        7,
        ge=0,
        le=23,
        description="Hour, in the time zone above, from which the day's digests are sent by e-mail.",
    )
    idle_minutes: int = Field(30, ge=1, description="Minutes without a request until sign-out.")
    session_hours: int = Field(10, ge=1, description="Longest session, used or not, in hours.")
    upload_limit_mib: int = Field(512, ge=1, description="Largest file that a person may upload.")
    secure_cookies: bool = Field(
        False, description="Send cookies over HTTPS only. Always on in production."
    )
    webhook_loopback: bool = Field(
        False,
        description="Let webhooks go to this machine's own address, also over HTTP. For trying out.",
    )
    log_level: str = Field("INFO", description="Least severe log line that is written.")

    @model_validator(mode="after")
    def _production_refuses_unsafe_values(self) -> Self:
        faults = []
        if self.production:
            if self.secret_key == DEMO_SECRET or len(self.secret_key) < 32:
                faults.append("TEMBUSU_SECRET_KEY must be set, with at least 32 characters")
            if not self.database_url:
                faults.append("DATABASE_URL must be set: the embedded PostgreSQL is for trying out")
            if self.synthetic:
                faults.append("TEMBUSU_SYNTHETIC is for demonstrations only")
            if self.webhook_loopback:
                faults.append("TEMBUSU_WEBHOOK_LOOPBACK is for trying out only")
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def field_keys_file(self) -> Path:
        return Path(self.field_keys) if self.field_keys else self.data_folder / "field.keys"


@cache
def read() -> Environment:
    """Return the settings of this process.

    :raises pydantic.ValidationError: naming every setting that is wrong
    """
    return Environment()
