"""Settings: one TOML file in `environments/` describes one model in one environment.

`load_environments(Path("environments"))` returns them all, checked, or raises `SettingsError` with every
problem. Nothing here needs a network or credentials.
"""

from settings.bootstrap import Bootstrap
from settings.load import load_environment, load_environments, load_one_environment
from settings.location import EnvironmentLocation, load_whereabouts
from settings.model import Data, Environment, Notifications, OnDemand, ProvisionedThroughput, Serving, Training
from settings.organization import Organization, Vpc
from settings.problems import SettingsError, SettingsProblem

__all__ = [
    "Bootstrap",
    "Data",
    "Environment",
    "EnvironmentLocation",
    "Notifications",
    "OnDemand",
    "Organization",
    "ProvisionedThroughput",
    "Serving",
    "SettingsError",
    "SettingsProblem",
    "Training",
    "Vpc",
    "load_environment",
    "load_environments",
    "load_one_environment",
    "load_whereabouts",
]
